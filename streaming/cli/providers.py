"""The providers as rows of a table; of a key only whether it is set."""

import os

from streaming.core.model_spec import PROVIDERS
from streaming.providers.catalogue import DEFAULT_MODELS, KEY_ENV, LABELS


def provider_rows() -> list[dict[str, str]]:
    """One row for each provider."""
    return [
        {
            "--model": name,
            "What it is": LABELS[name],
            "Default model": DEFAULT_MODELS[name] or "none",
            "Key": _key(KEY_ENV.get(name, "")),
        }
        for name in PROVIDERS
    ]


def _key(variable: str) -> str:
    if not variable:
        return "needs none"
    return f"{variable} is {'set' if os.environ.get(variable, '').strip() else 'not set'}"
