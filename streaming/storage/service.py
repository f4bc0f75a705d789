"""The process's history: its store and its recorder, or the sentence that says why there is none."""

import threading
import time

from streaming.core.errors import StoreUnavailable
from streaming.core.run import Run
from streaming.storage.run_store import get_run_store
from streaming.storage.run_writer import RunWriter

TRY_AGAIN_S = 30.0
"""So long a database that could not be used is left alone: no run should wait for it again and again."""

_lock = threading.Lock()
_recorder: RunWriter | None = None
_failed: tuple[float, StoreUnavailable] | None = None


def get_run_writer() -> RunWriter:
    """The process's one recorder; raises `StoreUnavailable`, and tries again some time later."""
    global _recorder, _failed
    with _lock:
        if _recorder is not None:
            return _recorder
        if _failed is not None and time.monotonic() - _failed[0] < TRY_AGAIN_S:
            raise _failed[1]
        try:
            _recorder = RunWriter(get_run_store())
        except StoreUnavailable as error:
            _failed = time.monotonic(), error
            raise
        return _recorder


def keep_run(run: Run) -> None:
    """Keep this run in the history, where that is possible: a run never fails because it cannot be kept."""
    try:
        get_run_writer().record(run)
    except StoreUnavailable:
        return


def writer_trouble() -> str:
    """Why runs are not being kept; empty while they are."""
    try:
        return get_run_writer().trouble
    except StoreUnavailable as error:
        return str(error)


def close_history() -> None:
    """Save what is left when the server ends."""
    if _recorder is not None:
        _recorder.close()
