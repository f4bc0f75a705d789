"""Map the errors of a provider's client to `LabError`s, which have a message and an advice."""

import re
from collections.abc import Sequence

from streaming.core.errors import (
    ContextOverflow,
    GraphFailed,
    LabError,
    ModelError,
    NotAnLLM,
    NoTools,
    ProviderFailed,
    RateLimited,
    UnknownModel,
    Unreachable,
    WrongKey,
)
from streaming.core.model_spec import ModelSpec
from streaming.providers.catalogue import KEY_ENV, LABELS, model_name, provider_address
from streaming.providers.client_errors import (
    ErrorObject,
    error_chain,
    error_object,
    is_client_error,
    is_connection_error,
    is_context_overflow,
    is_timeout,
    is_tls_refusal,
    is_unreadable_answer,
    response_status,
)
from streaming.providers.redaction import redact
from streaming.providers.transient_errors import is_out_of_quota

_OVERFLOW_CODES = frozenset({"context_length_exceeded", "exceed_context_size_error"})
"""The first is OpenAI's and Groq's code, the second the `type` of llama.cpp."""
_OVERFLOW_STATUSES = frozenset({400, 413})
_NO_TOOLS_STATUSES = frozenset({400, 404, 500})
_UNSUPPORTED_CODES = frozenset({"unsupported_parameter", "unsupported_value"})

# vLLM, Ollama, llama.cpp and LM Studio have no code for these three, so the message of their error object is checked.
_OVERFLOW_MESSAGE = re.compile(r"(?i)\bcontext (length|size|window)\b")
_NO_TOOLS_MESSAGE = re.compile(
    r"(?i)\btools?\b.*(not support|unsupported|requires|--jinja)|(not support|unsupported).*\btools?\b"
)
_UNKNOWN_MODEL_MESSAGE = re.compile(r"(?i)\bmodel\b")


def to_lab_error(error: BaseException, spec: ModelSpec, *, secrets: Sequence[str] = ()) -> LabError:
    """The error as one of the lab's own; one that did not come from a provider's client becomes a `GraphFailed`.

    At most 200 characters of the provider's message are quoted, without anything that looks like a key.
    """
    for link in error_chain(error):
        if isinstance(link, LabError):
            return link
        if (mapped := _from_client(link, spec, secrets)) is not None:
            return mapped
    quote = redact(str(error), secrets)
    return GraphFailed(
        f"A node raised {type(error).__name__}: {quote}" if quote else f"A node raised {type(error).__name__}.",
        advice="What had arrived by then is kept.",
    )


def _from_client(error: BaseException, spec: ModelSpec, secrets: Sequence[str]) -> ModelError | None:
    """The error of a provider's client, by its class; `None` for any other."""
    status, sent = response_status(error), error_object(error)
    if is_context_overflow(error) or _OVERFLOW_CODES & {sent.code, sent.type}:
        return _context_overflow()
    if status is not None:
        return _by_status(status, sent, spec, error, redact(str(error), secrets))
    if is_connection_error(error):
        return _no_connection(error, spec)
    if is_unreadable_answer(error):
        return _not_an_llm(spec)
    if is_client_error(error):
        return ProviderFailed(f"{provider_address(spec)} failed: {redact(str(error), secrets)}", advice="Try again.")
    return None


def _no_connection(error: BaseException, spec: ModelSpec) -> Unreachable:
    address = provider_address(spec)
    if is_tls_refusal(error):
        return Unreachable(
            f"No encrypted connection to {address} could be made.",
            advice="Check http:// or https:// in the address, and the certificate of its server.",
        )
    if is_timeout(error):
        return Unreachable(f"{address} did not answer in time.", advice="Try again, or choose another model.")
    return Unreachable(
        f"Nothing answers at {address}.",
        advice="Check the address and the network, or choose the embedded or the scripted model.",
    )


def _by_status(status: int, sent: ErrorObject, spec: ModelSpec, error: BaseException, quote: str) -> ModelError:
    name = LABELS[spec.provider]
    # OpenAI answers 403 with this code for a model that the project may not use.
    if sent.code == "model_not_found" or (status == 404 and _UNKNOWN_MODEL_MESSAGE.search(sent.message)):
        return UnknownModel(
            f"{name} has no model “{model_name(spec)}”.",
            advice="Compare the name with the provider's list: “Check connection” shows it where a model is chosen.",
        )
    if status in (401, 403):
        variable = KEY_ENV.get(spec.provider, "the key")
        return WrongKey(
            f"{name} refuses the key.", advice=f"Check {variable}, or type another key where the model is chosen."
        )
    if 300 <= status < 400:
        return ProviderFailed(
            f"{provider_address(spec)} redirects to another address (status {status}), and redirects are not followed.",
            advice="Check the address; if the other one is right, make it the base URL.",
        )
    if status in _OVERFLOW_STATUSES and _OVERFLOW_MESSAGE.search(sent.message):
        return _context_overflow()
    if status in _NO_TOOLS_STATUSES and _lacks_tools(sent):
        return NoTools(
            f"This model of {name} cannot call tools.",
            advice="Choose one that can, or the scripted agent on this page.",
        )
    if status in (404, 405):
        return _not_an_llm(spec)
    if is_out_of_quota(error):
        return RateLimited(f"Your quota at {name} is used up.", advice="Check plan and billing of the key's account.")
    if status == 429:
        return RateLimited(f"{name} asks to slow down.", advice="Wait a little, then run again.")
    return ProviderFailed(
        f"{name} answered with status {status}: {quote}", advice="Try again, or choose another model."
    )


def _lacks_tools(sent: ErrorObject) -> bool:
    if sent.code in _UNSUPPORTED_CODES:
        return sent.param in ("tools", "tool_choice")
    return bool(_NO_TOOLS_MESSAGE.search(sent.message))


def _context_overflow() -> ContextOverflow:
    return ContextOverflow(
        "The prompt does not fit into the model's context window.",
        advice="Shorten it, start a new conversation, or choose a model with a larger window.",
    )


def _not_an_llm(spec: ModelSpec) -> NotAnLLM:
    return NotAnLLM(
        f"{provider_address(spec)} answers, but not as an OpenAI-compatible API.",
        advice="Check the base URL; it usually ends in /v1.",
    )
