"""Turn what a provider's client raises into an error that says what to do."""

import json
import re
from collections.abc import Sequence
from traceback import walk_tb

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
from streaming.providers.redaction import redact
from streaming.providers.transient_errors import error_chain, wants_tls

_OVERFLOW = ("context_length_exceeded", "exceed_context_size", "context size", "context length")
_NO_TOOLS = re.compile(
    r"(?i)\btools?\b.*(not support|unsupported|requires|--jinja)|(not support|unsupported).*\btools?\b"
)
_CLIENTS = ("openai", "groq", "httpx", "httpx2", "httpcore", "httpcore2")
_NOT_AN_LLM = ("no generations found", "null value for", "choices", "unexpected response type")


def to_lab_error(error: BaseException, spec: ModelSpec, *, secrets: Sequence[str] = ()) -> LabError:
    """The error as one of the lab's own; what no provider's client raised is a `GraphFailed`.

    What the provider said is quoted, at most 200 characters, without anything that looks like a key.
    """
    for link in error_chain(error):
        if isinstance(link, LabError):
            return link
        if (known := _known(link, spec, redact(str(link), secrets))) is not None:
            return known
    said = redact(str(error), secrets)
    return GraphFailed(
        f"A node raised {type(error).__name__}: {said}" if said else f"A node raised {type(error).__name__}.",
        advice="What had arrived by then is kept.",
    )


def _known(error: BaseException, spec: ModelSpec, said: str) -> ModelError | None:
    from_client = type(error).__module__.partition(".")[0] in _CLIENTS
    status = getattr(error, "status_code", None)
    if from_client and isinstance(status, int):
        return _by_status(status, spec, said)
    if from_client and wants_tls(error):
        return Unreachable(
            f"No encrypted connection to {provider_address(spec)} could be made.",
            advice="Check http:// or https:// in the address, and the certificate of its server.",
        )
    if (from_client and "Connect" in type(error).__name__) or isinstance(error, ConnectionError):
        return Unreachable(
            f"Nothing answers at {provider_address(spec)}.",
            advice="Check the address and the network, or choose the embedded or the scripted model.",
        )
    if from_client and "Timeout" in type(error).__name__:
        return Unreachable(
            f"{provider_address(spec)} did not answer in time.", advice="Try again, or choose another model."
        )
    # JSON that is nested too deeply ends in a `RecursionError`.
    damaged = isinstance(error, json.JSONDecodeError | UnicodeDecodeError | RecursionError) and _passed_client(error)
    if damaged or (spec.provider == "compatible" and _no_llm(error, said)):
        return _not_an_llm(spec)
    return ProviderFailed(f"{provider_address(spec)} failed: {said}", advice="Try again.") if from_client else None


def _passed_client(error: BaseException) -> bool:
    """Whether a provider's client was at work when this was raised, and not a node of the graph."""
    frames = (frame for frame, _ in walk_tb(error.__traceback__))
    return any(str(frame.f_globals.get("__name__")).partition(".")[0] in _CLIENTS for frame in frames)


def _no_llm(error: BaseException, said: str) -> bool:
    """Answers that are no chat completion break LangChain's client in one of these ways."""
    return isinstance(error, ValueError | TypeError | AttributeError) and any(
        sign in said.lower() for sign in (*_NOT_AN_LLM, "model_dump", "no attribute")
    )


def _by_status(status: int, spec: ModelSpec, said: str) -> ModelError:
    name = LABELS[spec.provider]
    model = model_name(spec)
    if status in (401, 403):
        env = KEY_ENV.get(spec.provider, "the key")
        return WrongKey(
            f"{name} refuses the key.", advice=f"Check {env}, or type another key where the model is chosen."
        )
    if 300 <= status < 400:
        return ProviderFailed(
            f"{provider_address(spec)} sends the request on to another address (status {status}), and it is not "
            "followed there.",
            advice="Check the address; if the other one is right, make it the base URL.",
        )
    if status == 400 and any(sign in said.lower() for sign in _OVERFLOW):
        return ContextOverflow(
            "The prompt does not fit into the model's context window.",
            advice="Shorten it, start a new conversation, or choose a model with a larger window.",
        )
    if status in (400, 404, 500) and _NO_TOOLS.search(said):
        return _no_tools(name)
    if status == 404 and "model" in said.lower():
        return UnknownModel(
            f"{name} has no model “{model}”.",
            advice="Compare the name with the provider's list: “Check connection” shows it where a model is chosen.",
        )
    if status in (404, 405):
        return _not_an_llm(spec)
    if status == 429:
        return RateLimited(f"{name} asks to slow down.", advice="Wait a little, then run again.")
    return ProviderFailed(f"{name} answered with status {status}: {said}", advice="Try again, or choose another model.")


def _no_tools(name: str) -> NoTools:
    return NoTools(
        f"This model of {name} cannot call tools.", advice="Choose one that can, or the scripted agent on this page."
    )


def _not_an_llm(spec: ModelSpec) -> NotAnLLM:
    return NotAnLLM(
        f"{provider_address(spec)} answers, but not as an OpenAI-compatible API.",
        advice="Check the base URL; it usually ends in /v1.",
    )
