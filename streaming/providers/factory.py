"""From a `ModelSpec` to a chat model: every provider through the same kind of client."""

from dataclasses import replace
from functools import partial
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel

from streaming.core.errors import KeyMissing, ModelError
from streaming.core.model_spec import ModelSpec
from streaming.providers.call_policy import CallPolicy
from streaming.providers.catalogue import (
    EMBEDDED_MODEL_NAME,
    KEY_ENV,
    LABELS,
    check_key,
    model_label,
    model_name,
    resolve_key,
)
from streaming.providers.embedded.server import EmbeddedServer
from streaming.providers.http_clients import shared_clients
from streaming.providers.scripted.model import ScriptedChatModel

_TIMEOUT_S = 60.0


async def open_model(
    spec: ModelSpec,
    *,
    api_key: str | None = None,
    policy: CallPolicy | None = None,
    embedded: EmbeddedServer | None = None,
) -> BaseChatModel:
    """The chat model of this spec, ready to be called; raises a `ModelError` that says what is missing.

    `embedded` is the server to use for the embedded model; without it one is started that lives as long as the process.
    """
    policy = policy or CallPolicy()
    if spec.provider == "scripted":
        return ScriptedChatModel(
            pace=spec.pace,
            max_tokens=None if spec.pace.tokens else spec.max_tokens,
            disable_streaming=not spec.pace.streams,
            partial_answers=dict(policy.partial_answers),
        )
    if spec.provider == "local":
        return await _open_local(spec, policy, embedded or EmbeddedServer())
    return _open_remote(spec, resolve_key(spec, api_key), policy, embedded)


def cannot_stream(model: BaseChatModel) -> str | None:
    """Why this model will never stream, if that can be told without asking it."""
    if model.disable_streaming is True:
        return "it cannot stream"
    kind = type(model)
    without = kind._astream is BaseChatModel._astream and kind._stream is BaseChatModel._stream
    return "its client has no streaming" if without else None


async def _open_local(spec: ModelSpec, policy: CallPolicy, server: EmbeddedServer) -> BaseChatModel:
    await server.wait_ready()
    return _init(
        "openai",
        spec,
        policy,
        server,
        model=EMBEDDED_MODEL_NAME,
        base_url=f"{server.address}/v1",
        api_key=server.key,
        stream_usage=True,
        extra_body={"repeat_penalty": 1.1},
    )


def _open_remote(
    spec: ModelSpec, key: str | None, policy: CallPolicy, embedded: EmbeddedServer | None
) -> BaseChatModel:
    if key is None and spec.provider != "compatible":
        raise KeyMissing(
            f"{LABELS[spec.provider]} needs an API key.",
            advice=f"Set {KEY_ENV[spec.provider]}, or type the key under Model settings; it stays in this session.",
        )
    check_key(key)
    model = model_name(spec)
    if spec.provider == "groq":
        return _init("groq", spec, policy, embedded, model=model, api_key=key)
    if spec.provider == "openai":
        return _init("openai", spec, policy, embedded, model=model, api_key=key, stream_usage=True)
    if not spec.base_url or not model:
        raise ModelError(
            "An OpenAI-compatible model needs a base URL and a model name.",
            advice="Type both under Model settings, for example http://localhost:11434/v1 and llama3.2.",
        )
    return _init(
        "openai",
        spec,
        policy,
        embedded,
        model=model,
        base_url=spec.base_url,
        api_key=key or "none",
        stream_usage=True,
    )


def _init(
    provider: Literal["openai", "groq"],
    spec: ModelSpec,
    policy: CallPolicy,
    embedded: EmbeddedServer | None,
    **settings: Any,
) -> BaseChatModel:
    # Imported here because the provider packages take a second to load and the scripted model needs none of them.
    # `init_chat_model` cannot make these: they are LangChain's clients with a fallback mixed in.
    from streaming.providers.resilient import ResilientChatGroq, ResilientChatOpenAI

    fallback = None
    if policy.fallback_model is not None:
        # Without a fallback of its own, and with the environment's key.
        without = replace(policy, fallback_model=None, partial_answers={})
        fallback = partial(open_model, policy.fallback_model, policy=without, embedded=embedded)
    client: Any = ResilientChatGroq if provider == "groq" else ResilientChatOpenAI
    model: BaseChatModel = client(
        temperature=spec.temperature,
        max_tokens=spec.max_tokens,
        max_retries=0,
        timeout=_TIMEOUT_S,
        retry_policy=policy.retry_policy,
        limits=policy.limits,
        partial_answers=dict(policy.partial_answers),
        tell=policy.tell,
        open_fallback=fallback,
        fallback_name=model_label(policy.fallback_model) if policy.fallback_model else "",
        **shared_clients(provider),
        **settings,
    )
    return model
