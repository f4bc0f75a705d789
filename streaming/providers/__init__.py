"""Language models: the embedded one, hosted ones, and the scripted one.

What a script needs: `open_model(ModelSpec(...))`.
"""

from streaming.core.model_spec import ModelSpec, Pace
from streaming.providers.factory import open_model

__all__ = ["ModelSpec", "Pace", "open_model"]
