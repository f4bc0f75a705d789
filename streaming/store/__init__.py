"""Every run, kept: what was asked, how it went, and its events."""

from streaming.store.recorder import Recorder
from streaming.store.store import Store, store, store_url

__all__ = ["Recorder", "Store", "store", "store_url"]
