"""Language models: the embedded one, hosted ones, and the scripted one.

A script needs only: `open_model(ModelSpec(...))`.
"""

from streaming.core.model_spec import ModelSpec, Pace
from streaming.providers.factory import open_model

__all__ = ["ModelSpec", "Pace", "open_model"]
