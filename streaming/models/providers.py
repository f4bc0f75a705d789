"""From a `ModelSpec` to a chat model: every provider through the same kind of client."""

import os
from typing import Any

from langchain_core.language_models import BaseChatModel

from streaming.errors import KeyMissing, ModelError
from streaming.models.local import MODEL_NAME, local_server
from streaming.models.scripted import ScriptedChatModel
from streaming.models.spec import ModelSpec, Provider

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
    """The key to use: the typed one, else the environment's, else none."""
    name = KEY_ENV.get(spec.provider)
    return typed or (os.environ.get(name) if name else None) or None


def model_label(spec: ModelSpec) -> str:
    """How the model is called on screen; the scripted one always says what it is."""
    name = spec.model or DEFAULT_MODELS[spec.provider]
    return LABELS[spec.provider] if spec.provider in ("local", "scripted") else f"{LABELS[spec.provider]} {name}"


async def open_model(spec: ModelSpec, *, api_key: str | None = None) -> BaseChatModel:
    """The chat model of this spec, ready to be called; raises a `ModelError` that says what is missing."""
    if spec.provider == "scripted":
        return ScriptedChatModel(pace=spec.pace, max_tokens=None if spec.pace.tokens else spec.max_tokens)
    if spec.provider == "local":
        return await _open_local(spec)
    return _open_remote(spec, resolve_key(spec, api_key))


async def _open_local(spec: ModelSpec) -> BaseChatModel:
    server = local_server()
    await server.wait_ready()
    return _init(
        "openai",
        spec,
        model=MODEL_NAME,
        base_url=f"{server.address}/v1",
        api_key=server.key,
        stream_usage=True,
        extra_body={"repeat_penalty": 1.1},
    )


def _open_remote(spec: ModelSpec, key: str | None) -> BaseChatModel:
    if key is None and spec.provider != "compatible":
        raise KeyMissing(
            f"{LABELS[spec.provider]} needs an API key.",
            advice=f"Set {KEY_ENV[spec.provider]}, or type the key under Model settings; it stays in this session.",
        )
    model = spec.model or DEFAULT_MODELS[spec.provider]
    if spec.provider == "groq":
        return _init("groq", spec, model=model, api_key=key)
    if spec.provider == "openai":
        return _init("openai", spec, model=model, api_key=key, stream_usage=True)
    if not spec.base_url or not model:
        raise ModelError(
            "An OpenAI-compatible model needs a base URL and a model name.",
            advice="Type both under Model settings, for example http://localhost:11434/v1 and llama3.2.",
        )
    return _init("openai", spec, model=model, base_url=spec.base_url, api_key=key or "none", stream_usage=True)


def _init(provider: str, spec: ModelSpec, **settings: Any) -> BaseChatModel:
    # Imported here because the provider packages take a second to load and the scripted model needs none of them.
    from langchain.chat_models import init_chat_model

    model: BaseChatModel = init_chat_model(
        model_provider=provider,
        temperature=spec.temperature,
        max_tokens=spec.max_tokens,
        max_retries=0,
        timeout=_TIMEOUT_S,
        **settings,
    )
    return model
