"""From a `ModelSpec` to a chat model: every provider through the same kind of client."""

import os
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel

from streaming.errors import KeyMissing, ModelError, WrongKey
from streaming.models.conduct import Conduct
from streaming.models.lines import shared_clients
from streaming.models.local import MODEL_NAME, local_server
from streaming.models.scripted import ScriptedChatModel
from streaming.models.spec import PRESETS, ModelSpec, Pace, Provider, without_password

DEFAULT_MODELS: dict[Provider, str] = {
    "local": MODEL_NAME,
    "scripted": "scripted",
    "openai": "gpt-4.1-mini",
    "groq": "llama-3.1-8b-instant",
    "compatible": "",
}

KEY_ENV: dict[Provider, str] = {
    "openai": "OPENAI_API_KEY",
    "groq": "GROQ_API_KEY",
    "compatible": "COMPATIBLE_API_KEY",
}

LABELS: dict[Provider, str] = {
    "local": "Embedded SmolLM2 135M",
    "scripted": "Scripted, no AI",
    "openai": "OpenAI",
    "groq": "Groq",
    "compatible": "OpenAI-compatible",
}

_TIMEOUT_S = 60.0


def resolve_key(spec: ModelSpec, typed: str | None = None) -> str | None:
    """The key to use: the typed one, else the environment's, else none; without what a copied line brings along."""
    own = os.environ.get(KEY_ENV.get(spec.provider, ""), "")
    return (typed or "").strip() or own.strip() or None


def check_key(key: str | None) -> None:
    """Raise `WrongKey` for one that cannot be sent: it would break the client in the middle of a request."""
    if key is not None and not (key.isascii() and key.isprintable()):
        raise WrongKey(
            "The key holds characters that no key has.", advice="Copy it once more, without anything before and after."
        )


def address(spec: ModelSpec) -> str:
    """Whom the model is asked of, for a sentence: the provider's name or the address that was typed."""
    if spec.provider == "compatible" and spec.base_url:
        return without_password(spec.base_url)
    return LABELS[spec.provider]


def model_name(spec: ModelSpec) -> str:
    """The model as its provider calls it; empty where none is named and the provider has no default."""
    return spec.model or DEFAULT_MODELS.get(spec.provider, "")


def model_label(spec: ModelSpec) -> str:
    """How the model is called on screen; the scripted one always says what it is, and at which pace."""
    if spec.provider == "scripted":
        return f"{LABELS['scripted']} ({_pace_name(spec.pace)})"
    return LABELS[spec.provider] if spec.provider == "local" else f"{LABELS[spec.provider]} {model_name(spec)}"


def _pace_name(pace: Pace) -> str:
    """The preset with this time to first token and this speed, or both figures."""
    named = ((name, usual) for name, usual in PRESETS.items() if usual.ttft_ms == pace.ttft_ms)
    found = next((name for name, usual in named if usual.tokens_per_s == pace.tokens_per_s), None)
    return found or f"{pace.ttft_ms:g} ms, {pace.tokens_per_s:g} tok/s"


async def open_model(spec: ModelSpec, *, api_key: str | None = None, conduct: Conduct | None = None) -> BaseChatModel:
    """The chat model of this spec, ready to be called; raises a `ModelError` that says what is missing."""
    conduct = conduct or Conduct()
    if spec.provider == "scripted":
        return ScriptedChatModel(
            pace=spec.pace,
            max_tokens=None if spec.pace.tokens else spec.max_tokens,
            disable_streaming=not spec.pace.streams,
            openings=dict(conduct.openings),
        )
    if spec.provider == "local":
        return await _open_local(spec, conduct)
    return _open_remote(spec, resolve_key(spec, api_key), conduct)


def cannot_stream(model: BaseChatModel) -> str | None:
    """Why this model will never stream, if that can be told without asking it."""
    if model.disable_streaming is True:
        return "it cannot stream"
    kind = type(model)
    without = kind._astream is BaseChatModel._astream and kind._stream is BaseChatModel._stream
    return "its client has no streaming" if without else None


def calls_tools(spec: ModelSpec) -> bool:
    """Whether it makes sense to offer tools to this model; the embedded one was never taught to call them."""
    return spec.provider != "local"


async def _open_local(spec: ModelSpec, conduct: Conduct) -> BaseChatModel:
    server = local_server()
    await server.wait_ready()
    return _init(
        "openai",
        spec,
        conduct,
        model=MODEL_NAME,
        base_url=f"{server.address}/v1",
        api_key=server.key,
        stream_usage=True,
        extra_body={"repeat_penalty": 1.1},
    )


def _open_remote(spec: ModelSpec, key: str | None, conduct: Conduct) -> BaseChatModel:
    if key is None and spec.provider != "compatible":
        raise KeyMissing(
            f"{LABELS[spec.provider]} needs an API key.",
            advice=f"Set {KEY_ENV[spec.provider]}, or type the key under Model settings; it stays in this session.",
        )
    check_key(key)
    model = model_name(spec)
    if spec.provider == "groq":
        return _init("groq", spec, conduct, model=model, api_key=key)
    if spec.provider == "openai":
        return _init("openai", spec, conduct, model=model, api_key=key, stream_usage=True)
    if not spec.base_url or not model:
        raise ModelError(
            "An OpenAI-compatible model needs a base URL and a model name.",
            advice="Type both under Model settings, for example http://localhost:11434/v1 and llama3.2.",
        )
    return _init(
        "openai",
        spec,
        conduct,
        model=model,
        base_url=spec.base_url,
        api_key=key or "none",
        stream_usage=True,
    )


def _init(
    provider: Literal["openai", "groq"],
    spec: ModelSpec,
    conduct: Conduct,
    **settings: Any,
) -> BaseChatModel:
    # Imported here because the provider packages take a second to load and the scripted model needs none of them.
    # `init_chat_model` cannot make these: they are LangChain's clients with a fallback mixed in.
    from streaming.models.patient import LabChatGroq, LabChatOpenAI

    # Without a second of its own, and with the environment's key.
    without = replace(conduct, second=None, openings={})
    client: Any = LabChatGroq if provider == "groq" else LabChatOpenAI
    model: BaseChatModel = client(
        temperature=spec.temperature,
        max_tokens=spec.max_tokens,
        max_retries=0,
        timeout=_TIMEOUT_S,
        patience=conduct.patience,
        limits=conduct.limits,
        openings=dict(conduct.openings),
        tell=conduct.tell,
        open_second=partial(open_model, conduct.second, conduct=without) if conduct.second else None,
        second_name=model_label(conduct.second) if conduct.second else "",
        **shared_clients(provider),
        **settings,
    )
    return model
