"""Language models: the embedded one, hosted ones, and the scripted one that is none."""

from streaming.models.check import Check, check_connection
from streaming.models.conduct import Conduct, Opening
from streaming.models.explain import explain, or_crash
from streaming.models.guard import check_base_url
from streaming.models.local import INSTALL_COMMAND, LocalServer, installed, local_server
from streaming.models.patience import Patience
from streaming.models.providers import (
    DEFAULT_MODELS,
    KEY_ENV,
    LABELS,
    calls_tools,
    cannot_stream,
    model_label,
    model_name,
    open_model,
    resolve_key,
)
from streaming.models.scripted import ScriptedChatModel
from streaming.models.secrets import redact
from streaming.models.spec import PAID, PRESETS, PROVIDERS, ModelSpec, Pace, Provider, without_password

__all__ = [
    "DEFAULT_MODELS",
    "INSTALL_COMMAND",
    "KEY_ENV",
    "LABELS",
    "PAID",
    "PRESETS",
    "PROVIDERS",
    "Check",
    "Conduct",
    "LocalServer",
    "ModelSpec",
    "Opening",
    "Pace",
    "Patience",
    "Provider",
    "ScriptedChatModel",
    "calls_tools",
    "cannot_stream",
    "check_base_url",
    "check_connection",
    "explain",
    "installed",
    "local_server",
    "model_label",
    "model_name",
    "open_model",
    "or_crash",
    "redact",
    "resolve_key",
    "without_password",
]
