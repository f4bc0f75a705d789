"""The providers: their names, default models, environment variables and keys."""

import os
from urllib.parse import parse_qsl

from streaming.core.errors import WrongKey
from streaming.core.model_spec import PRESETS, ModelSpec, Pace, Provider
from streaming.providers.url_policy import url_without_credentials

EMBEDDED_MODEL_NAME = "SmolLM2-135M-Instruct"

DEFAULT_MODELS: dict[Provider, str] = {
    "local": EMBEDDED_MODEL_NAME,
    "scripted": "scripted",
    "openai": "gpt-4.1-mini",
    "groq": "llama-3.1-8b-instant",
    "compatible": "",
    "own": "",
}

_REQUEST_PATHS = ("/chat/completions", "/completions", "/models")

KEY_ENV: dict[Provider, str] = {
    "openai": "OPENAI_API_KEY",
    "groq": "GROQ_API_KEY",
    "compatible": "COMPATIBLE_API_KEY",
}

BASE_URLS: dict[Provider, str] = {
    "openai": "https://api.openai.com/v1",
    "groq": "https://api.groq.com/openai/v1",
}
"""The addresses of the hosted providers."""

LABELS: dict[Provider, str] = {
    "local": "Embedded SmolLM2 135M",
    "scripted": "Scripted, no AI",
    "openai": "OpenAI",
    "groq": "Groq",
    "compatible": "OpenAI-compatible",
    "own": "The graph's own model",
}


def resolve_key(spec: ModelSpec, typed: str | None = None) -> str | None:
    """The typed key, else that of the environment, else `None`; without white space around it."""
    from_environment = os.environ.get(KEY_ENV.get(spec.provider, ""), "")
    return (typed or "").strip() or from_environment.strip() or None


def check_key(key: str | None) -> None:
    """Raise `WrongKey` for a key that cannot be sent: the client would fail in the middle of a request."""
    if key is not None and not (key.isascii() and key.isprintable()):
        raise WrongKey(
            "The API key contains invalid characters.", advice="Copy it again, without anything before or after it."
        )


def provider_address(spec: ModelSpec) -> str:
    """The provider in a sentence: its name, or the base URL that was typed, without credentials."""
    if spec.provider == "compatible" and spec.base_url:
        return url_without_credentials(spec.base_url)
    return LABELS[spec.provider]


def base_url(spec: ModelSpec) -> str:
    """The base URL of a compatible server, without its query and the path of a request that was pasted with it."""
    url = (spec.base_url or "").partition("#")[0].partition("?")[0].rstrip("/")
    for path in _REQUEST_PATHS:
        url = url.removesuffix(path).rstrip("/")
    return url


def base_query(spec: ModelSpec) -> dict[str, str]:
    """The query of the base URL, which goes with every request: `api-version` on Azure, for example."""
    return dict(parse_qsl((spec.base_url or "").partition("#")[0].partition("?")[2], keep_blank_values=True))


def model_name(spec: ModelSpec) -> str:
    """The provider's name for the model; empty if the spec names none and the provider has no default."""
    return spec.model or DEFAULT_MODELS.get(spec.provider, "")


def model_label(spec: ModelSpec) -> str:
    """The model's name on screen; for the scripted model with its pace."""
    if spec.provider == "scripted":
        return f"{LABELS['scripted']} ({_pace_name(spec.pace)})"
    return LABELS[spec.provider] if spec.provider in ("local", "own") else f"{LABELS[spec.provider]} {model_name(spec)}"


def _pace_name(pace: Pace) -> str:
    """The preset with this time to first token and this speed, or both figures."""
    figures = pace.ttft_ms, pace.tokens_per_s
    presets = (name for name, preset in PRESETS.items() if (preset.ttft_ms, preset.tokens_per_s) == figures)
    return next(presets, None) or f"{pace.ttft_ms:g} ms, {pace.tokens_per_s:g} tok/s"


def calls_tools(provider: Provider) -> bool:
    """Whether to offer tools to its models; the embedded one was not trained to call them."""
    return provider != "local"
