"""Open the chat model of a `ModelSpec`: every provider through the same kind of client."""

from dataclasses import replace
from functools import partial
from typing import Any

from langchain_core.language_models import BaseChatModel

from streaming.core.errors import KeyMissing, ModelError
from streaming.core.model_spec import ModelSpec
from streaming.core.partial_json import replace_in_langchain
from streaming.providers.call_policy import CallPolicy
from streaming.providers.catalogue import (
    BASE_URLS,
    EMBEDDED_MODEL_NAME,
    KEY_ENV,
    LABELS,
    base_query,
    base_url,
    check_key,
    model_label,
    model_name,
    resolve_key,
)
from streaming.providers.embedded.server import EmbeddedServer
from streaming.providers.http_clients import SHARED, Client, HttpClientPool
from streaming.providers.plain_chunks import PlainChunks
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.providers.url_policy import secrets_in_url, url_without_credentials

replace_in_langchain()

_TIMEOUT_S = 60.0
"""The client's own limit for connecting and for each read; normally `Limits.ttft_s` and `idle_s` end a call first."""


async def open_model(
    spec: ModelSpec,
    *,
    api_key: str | None = None,
    policy: CallPolicy | None = None,
    embedded: EmbeddedServer | None = None,
    clients: HttpClientPool | None = None,
) -> BaseChatModel:
    """The chat model of this spec, ready to be called; raises a `ModelError` that names what is missing.

    `embedded` is the server of the embedded model; without it, one is started that ends with this process. `clients`
    are the HTTP clients to use, by default those of the process.
    """
    policy, clients = policy or CallPolicy(), clients or SHARED
    if spec.provider == "own":
        raise ModelError("Only a graph of your own brings its model along.", advice="Choose another model.")
    if spec.provider == "scripted":
        return ScriptedChatModel(
            pace=spec.pace,
            max_tokens=None if spec.pace.tokens else spec.max_tokens,
            disable_streaming=not spec.pace.streams,
            partial_answers=dict(policy.partial_answers),
            stops_first=policy.stops_first,
        )
    if spec.provider == "local":
        embedded = embedded or EmbeddedServer()
        return _new_client(spec, policy, embedded, clients, **await _embedded_arguments(embedded))
    return _new_client(spec, policy, embedded, clients, **_remote_arguments(spec, resolve_key(spec, api_key)))


def cannot_stream(model: BaseChatModel) -> str | None:
    """Why this model cannot stream, according to its class and settings; `None` if it may."""
    if model.disable_streaming is True:
        return "it cannot stream"
    kind = type(model)
    has_no_stream = kind._astream is BaseChatModel._astream and kind._stream is BaseChatModel._stream
    return "its client has no streaming" if has_no_stream else None


async def _embedded_arguments(server: EmbeddedServer) -> dict[str, Any]:
    await server.wait_ready()
    return {
        "model": EMBEDDED_MODEL_NAME,
        "base_url": f"{server.address}/v1",
        "api_key": server.key,
        "stream_usage": True,
        # Without a penalty a model this small repeats itself.
        "extra_body": {"repeat_penalty": 1.1},
    }


def _remote_arguments(spec: ModelSpec, key: str | None) -> dict[str, Any]:
    if key is None and spec.provider != "compatible":
        raise KeyMissing(
            f"{LABELS[spec.provider]} needs an API key.",
            advice=f"Set {KEY_ENV[spec.provider]}, or type the key under Model settings; it stays in this session.",
        )
    check_key(key)
    model = model_name(spec)
    if spec.provider == "groq":
        return {"model": model, "api_key": key}
    if spec.provider == "openai":
        return {"model": model, "api_key": key, "stream_usage": True}
    if address := BASE_URLS.get(spec.provider):
        # Any other hosted provider that speaks OpenAI's API.
        return {"model": model, "api_key": key, "stream_usage": True, "base_url": address}
    if not spec.base_url or not model:
        raise ModelError(
            "An OpenAI-compatible model needs a base URL and a model name.",
            advice="Type both under Model settings, for example http://localhost:11434/v1 and llama3.2.",
        )
    # The client requires a key, a local server does not.
    typed = {"base_url": base_url(spec), "default_query": base_query(spec)}
    return {"model": model, "api_key": key or "none", "stream_usage": True, **typed}


def _new_client(
    spec: ModelSpec,
    policy: CallPolicy,
    embedded: EmbeddedServer | None,
    clients: HttpClientPool,
    **arguments: Any,
) -> BaseChatModel:
    # Imported here because the provider packages take a second to load and the scripted model needs none of them.
    # `init_chat_model` cannot create these: they are LangChain's clients with mixins.
    from streaming.providers.resilient_clients import ResilientChatGroq, ResilientChatOpenAI

    fallback = None
    if policy.fallback_model is not None:
        # The fallback model has no fallback itself, and its key comes from the environment.
        fallback_policy = replace(policy, fallback_model=None, partial_answers={})
        fallback = partial(
            open_model, policy.fallback_model, policy=fallback_policy, embedded=embedded, clients=clients
        )
    package: Client = "groq" if spec.provider == "groq" else "openai"
    kind: Any = ResilientChatGroq if package == "groq" else ResilientChatOpenAI
    model: Any = kind(
        provider=spec.provider,
        near=spec.provider == "compatible" and spec.near,
        refused_options=clients.refused_options,
        address=(url_without_credentials(arguments.get("base_url") or spec.provider), str(arguments["model"])),
        more_keys=tuple(secrets_in_url(spec.base_url or "")),
        temperature=spec.temperature,
        max_tokens=spec.max_tokens,
        max_retries=0,
        timeout=_TIMEOUT_S,
        retry_policy=policy.retry_policy,
        limits=policy.limits,
        partial_answers=dict(policy.partial_answers),
        open_turn=spec.provider == "local",
        on_event=policy.on_event,
        stops_first=policy.stops_first,
        open_fallback=fallback,
        fallback_name=model_label(policy.fallback_model) if policy.fallback_model else "",
        **clients.arguments(package),
        **arguments,
    )
    model.async_client = PlainChunks(model.async_client, package)
    opened: BaseChatModel = model
    return opened
