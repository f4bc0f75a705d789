"""What the provider clients raise: their exception classes, and what a provider sent as its error.

The client packages take a second to import and the scripted model needs none of them. So classes are looked up in the
loaded modules: a package that is not loaded cannot have raised an error.
"""

import json
import ssl
import sys
from collections.abc import Iterator
from traceback import walk_tb

from langchain_core.exceptions import ContextOverflowError

from streaming.providers.error_body import MAX_BODY_CHARS, ErrorObject, read_error

API_CLIENTS = ("openai", "groq")
HTTP_CLIENTS = ("httpx2", "httpx")
"""OpenAI's client uses httpx2, Groq's httpx."""

_CLIENT_PACKAGES = frozenset({*API_CLIENTS, *HTTP_CLIENTS, "langchain_openai", "langchain_groq"})
_REQUEST_STEPS = frozenset({"_get_request_payload", "_build_request"})
"""Functions of the clients that build a request: their errors are not about the provider's answer."""

_TLS_CONNECTION_LOST = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
_UNREADABLE = (json.JSONDecodeError, UnicodeDecodeError, RecursionError)
"""A body that is not JSON or not UTF-8; JSON that is nested too deeply ends in a `RecursionError`."""
_UNEXPECTED_SHAPE = (ValueError, TypeError, AttributeError, LookupError)
"""What LangChain's clients raise for JSON that is not a chat completion."""


def error_chain(error: BaseException) -> Iterator[BaseException]:
    """The error, its cause, the cause of that, and so on."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def is_client_error(error: BaseException) -> bool:
    """Whether a provider's client or its HTTP library raised this."""
    return isinstance(error, (*_classes(API_CLIENTS, "APIError"), *_classes(HTTP_CLIENTS, "HTTPError")))


def response_status(error: BaseException) -> int | None:
    """The status of a failed response; `None` if there was no response, or a good one."""
    if isinstance(error, _classes(API_CLIENTS, "APIStatusError")):
        return int(error.status_code)  # type: ignore[attr-defined]
    if isinstance(error, _classes(HTTP_CLIENTS, "HTTPStatusError")):
        return int(error.response.status_code)  # type: ignore[attr-defined]
    return None


def error_status(error: BaseException) -> int | None:
    """The HTTP status; for an error object inside a stream the one that it names, as a status or as its code."""
    status = response_status(error)
    return error_object(error).status if status is None else status


def error_body(error: BaseException) -> object:
    """What the provider sent as its error: parsed JSON, or a text; `None` if it sent nothing."""
    if response_status(error) is not None and error.response.is_stream_consumed:  # type: ignore[attr-defined]
        # The clients keep only what is inside of an `error`.
        return error.response.text[:MAX_BODY_CHARS]  # type: ignore[attr-defined]
    return getattr(error, "body", None) if isinstance(error, _classes(API_CLIENTS, "APIError")) else None


def error_object(error: BaseException) -> ErrorObject:
    """What the provider says in its error; an empty object if it says nothing.

    OpenAI's client gives the inner object of `{"error": {…}}`, Groq's the outer one.
    """
    return read_error(error_body(error))


def is_timeout(error: BaseException) -> bool:
    """Whether a client gave up waiting; LangChain's own limit between two chunks is a plain `TimeoutError`."""
    classes = (*_classes(API_CLIENTS, "APITimeoutError"), *_classes(HTTP_CLIENTS, "TimeoutException"))
    return isinstance(error, classes) or (isinstance(error, TimeoutError) and bool(_packages_of(error)))


def is_connection_error(error: BaseException) -> bool:
    """Whether a connection could not be made, or was lost; timeouts included."""
    classes = (*_classes(API_CLIENTS, "APIConnectionError"), *_classes(HTTP_CLIENTS, "TransportError"))
    return isinstance(error, (ConnectionError, *classes)) or is_timeout(error)


def is_no_http(error: BaseException) -> bool:
    """Whether something was received that is no HTTP, or the connection was closed without an answer."""
    return any(isinstance(link, _classes(HTTP_CLIENTS, "RemoteProtocolError")) for link in error_chain(error))


def is_lost_connection(error: BaseException) -> bool:
    """Whether a connection that had been made was lost."""
    return any(isinstance(link, _classes(HTTP_CLIENTS, "NetworkError")) for link in error_chain(error)) and not any(
        isinstance(link, _classes(HTTP_CLIENTS, "ConnectError")) for link in error_chain(error)
    )


def is_tls_refusal(error: BaseException) -> bool:
    """Whether TLS itself failed: a wrong scheme or a wrong certificate, not a connection that was lost under it."""
    return any(
        isinstance(link, ssl.SSLError) and not isinstance(link, _TLS_CONNECTION_LOST) for link in error_chain(error)
    )


def is_context_overflow(error: BaseException) -> bool:
    """Whether LangChain's client reports a prompt that does not fit into the context window."""
    return isinstance(error, ContextOverflowError)


def is_damaged(error: BaseException) -> bool:
    """Whether bytes that were received cannot be read at all."""
    return isinstance(error, _UNREADABLE)


def is_unreadable_answer(error: BaseException) -> bool:
    """Whether a client failed over a provider's answer that is not a chat completion, or not readable at all.

    A node of the graph may raise the same classes; the traceback shows whether a client was reading an answer.
    """
    if not isinstance(error, (*_UNREADABLE, *_UNEXPECTED_SHAPE)):
        return False
    steps = {frame.f_code.co_name for frame, _ in walk_tb(error.__traceback__)}
    return bool(_packages_of(error)) and not steps & _REQUEST_STEPS


def _packages_of(error: BaseException) -> frozenset[str]:
    """The client packages that the error passed on its way up."""
    names = (str(frame.f_globals.get("__name__")) for frame, _ in walk_tb(error.__traceback__))
    return _CLIENT_PACKAGES & {name.partition(".")[0] for name in names}


def _classes(packages: tuple[str, ...], name: str) -> tuple[type[BaseException], ...]:
    """The exception classes of this name in those of the packages that are loaded."""
    classes = (getattr(sys.modules.get(package), name, None) for package in packages)
    return tuple(kind for kind in classes if kind is not None)
