"""Language models: the embedded one, hosted ones, and the scripted one.

A script needs only: `open_model(ModelSpec(...))`.
"""

from typing import TYPE_CHECKING, Any

from streaming.core.model_spec import ModelSpec, Pace

if TYPE_CHECKING:
    from streaming.providers.factory import open_model

__all__ = ["ModelSpec", "Pace", "open_model"]


def __getattr__(name: str) -> Any:
    """Load `open_model` when it is asked for: LangChain's packages take half a second, and bring telemetry along."""
    if name != "open_model":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from streaming.providers.factory import open_model

    return open_model
