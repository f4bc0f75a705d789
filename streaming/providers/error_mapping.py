"""Map the errors of a provider's client to `LabError`s, which have a message and an advice."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from streaming.core.errors import (
    ContextOverflow,
    GraphFailed,
    LabError,
    ModelError,
    NotAnLLM,
    NoTools,
    OutOfQuota,
    ProviderFailed,
    RateLimited,
    Refused,
    UnknownModel,
    Unreachable,
    WrongKey,
)
from streaming.core.model_spec import ModelSpec
from streaming.providers.catalogue import KEY_ENV, LABELS, model_name, provider_address
from streaming.providers.client_errors import (
    error_chain,
    error_object,
    error_status,
    is_client_error,
    is_connection_error,
    is_context_overflow,
    is_lost_connection,
    is_no_http,
    is_timeout,
    is_tls_refusal,
    is_unreadable_answer,
)
from streaming.providers.error_body import ErrorObject
from streaming.providers.error_words import (
    means_filtered,
    means_no_tools,
    means_overflow,
    means_unknown_model,
    means_wrong_key,
    names_no_path,
)
from streaming.providers.redaction import quoted, redact
from streaming.providers.transient_errors import is_out_of_quota, is_rate_limit, retry_after_s

_NO_TOOLS_STATUSES = frozenset({None, 400, 404, 422, 500, 501})
_KEY_STATUSES = frozenset({None, 400, 403, 422, 498})
_FILTER_STATUSES = frozenset({None, 400, 403, 422, 451})


def to_lab_error(error: BaseException, spec: ModelSpec, *, secrets: Sequence[str] = ()) -> LabError:
    """The error as one of the lab's own; one that did not come from a provider's client becomes a `GraphFailed`.

    At most 200 characters of the provider's message are quoted, without anything that looks like a key.
    """
    own = next((link for link in error_chain(error) if isinstance(link, LabError)), None)
    if own is not None:
        # A client wraps what the lab's own limits raise inside of it.
        return own
    for link in error_chain(error):
        if (mapped := _from_client(link, spec, secrets)) is not None:
            return mapped
    quote = redact(str(error), secrets)
    return GraphFailed(
        f"A node raised {type(error).__name__}: {quote}" if quote else f"A node raised {type(error).__name__}.",
        advice="What had arrived by then is kept.",
    )


def _from_client(error: BaseException, spec: ModelSpec, secrets: Sequence[str]) -> ModelError | None:
    """The error of a provider's client, by its class and by what the provider sent; `None` for any other."""
    status, sent = error_status(error), error_object(error)
    quote = quoted(sent.message, secrets)
    if is_context_overflow(error) or means_overflow(sent, status):
        return _context_overflow(quote)
    if status is not None or sent.message:
        return _by_status(status, sent, spec, error, quote)
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
    if is_no_http(error) or is_lost_connection(error):
        what = "closed the connection without an answer in HTTP" if is_no_http(error) else "closed the connection"
        return Unreachable(f"{address} {what}.", advice="Check the address and what listens there, then try again.")
    return Unreachable(
        f"Nothing answers at {address}.",
        advice="Check the address and the network, or choose the embedded or the scripted model.",
    )


def _by_status(status: int | None, sent: ErrorObject, spec: ModelSpec, error: BaseException, quote: str) -> ModelError:
    """The error for a status and the provider's words; `quote` is what `quoted` makes of them."""
    name = LABELS[spec.provider]
    if status in _NO_TOOLS_STATUSES and means_no_tools(sent):
        return NoTools(
            f"This model of {name} cannot call tools{quote}",
            advice="Choose one that can, or the scripted agent on this page.",
        )
    if is_out_of_quota(error):
        return OutOfQuota(
            f"{name} reports that the quota of the key's account is used up{quote}",
            advice="Check plan and billing of that account; waiting does not help.",
        )
    if means_unknown_model(sent, status):
        return UnknownModel(
            f"{name} has no model “{model_name(spec)}”{quote}",
            advice="Compare the name with the provider's list: “Check connection” shows it where a model is chosen.",
        )
    if (refusal := _refusal(status, sent, spec, quote)) is not None:
        return refusal
    if status is not None and 300 <= status < 400:
        return ProviderFailed(
            f"{provider_address(spec)} redirects to another address (status {status}), and redirects are not followed.",
            advice="Check the address; if the other one is right, make it the base URL.",
        )
    if names_no_path(sent, status):
        return _no_path(status, spec, quote)
    if is_rate_limit(error):
        return _rate_limited(retry_after_s(error), name, quote)
    if status is None:
        return ProviderFailed(f"{provider_address(spec)} reported an error{quote}", advice="Try again.")
    return ProviderFailed(f"{name} answered with status {status}{quote}", advice=_advice_for(status))


def _refusal(status: int | None, sent: ErrorObject, spec: ModelSpec, quote: str) -> ModelError | None:
    """The error of a key, a prompt or a visitor that the provider does not accept; `None` for any other."""
    name = LABELS[spec.provider]
    if status == 401 or (status in _KEY_STATUSES and means_wrong_key(sent, status)):
        return _wrong_key(f"{name} refuses the key{quote}", spec)
    if status in _FILTER_STATUSES and means_filtered(sent):
        return Refused(f"The content filter of {name} refuses the prompt{quote}", advice="Word the prompt differently.")
    return _forbidden(sent, spec, quote) if status == 403 else None


def _advice_for(status: int) -> str:
    if status == 413:
        return "The server, or a gateway before it, takes no request of this size: shorten the prompt."
    return "Try again, or choose another model." if status >= 500 else _REFUSED_ADVICE


_REFUSED_ADVICE = "The provider's words, if any, are the reason. Change what they name, or choose another model."


def _wrong_key(message: str, spec: ModelSpec) -> WrongKey:
    variable = KEY_ENV.get(spec.provider, "the key")
    return WrongKey(message, advice=f"Check {variable}, or type another key where the model is chosen.")


def _forbidden(sent: ErrorObject, spec: ModelSpec, quote: str) -> ModelError:
    name = LABELS[spec.provider]
    if not sent.message:
        return _wrong_key(f"{name} refuses the request (status 403) and gives no reason. Perhaps it is the key.", spec)
    return Refused(
        f"{name} refuses the request (status 403){quote}",
        advice="Its words are the reason, which need not be the key. If they do not help, choose another model.",
    )


def _rate_limited(pause_s: float | None, name: str, quote: str) -> RateLimited:
    if pause_s is None:
        return RateLimited(f"{name} asks to slow down{quote}", advice="Wait a little, then run again.")
    minutes = pause_s / 60
    wait = f"{pause_s:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"
    return RateLimited(f"{name} asks to slow down{quote}", advice=f"It asks to wait {wait}. Then run again.")


def _no_path(status: int | None, spec: ModelSpec, quote: str) -> NotAnLLM:
    seen = "" if status is None else f" (status {status})"
    return NotAnLLM(f"{provider_address(spec)} has no chat API at this path{seen}{quote}", advice=_path_advice(spec))


def _path_advice(spec: ModelSpec) -> str:
    """What to try for an address that answers, but not as an API; without `/v1`, that is the first guess."""
    address = provider_address(spec).rstrip("/")
    if spec.provider == "compatible" and not urlsplit(address).path.strip("/"):
        return f"Perhaps /v1 is missing: try {address}/v1 as the base URL."
    return "Check the base URL; it usually ends in /v1."


def _context_overflow(quote: str) -> ContextOverflow:
    return ContextOverflow(
        f"The prompt does not fit into the model's context window{quote}",
        advice="Shorten it, start a new conversation, or choose a model with a larger window.",
    )


def _not_an_llm(spec: ModelSpec) -> NotAnLLM:
    return NotAnLLM(
        f"{provider_address(spec)} answers, but not as an OpenAI-compatible API.", advice=_path_advice(spec)
    )
