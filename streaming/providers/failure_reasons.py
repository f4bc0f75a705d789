"""Why a call failed, in a few words, and whether it failed only because it asked for a stream."""

import json
import re

from streaming.core.errors import TooSlow
from streaming.providers.client_errors import (
    error_chain,
    error_object,
    error_status,
    is_client_error,
    is_connection_error,
    is_timeout,
    response_status,
)
from streaming.providers.error_words import MAX_READ_CHARS

_ODD_FORM = (TypeError, ValueError, AttributeError, LookupError)
"""What the clients raise for JSON of a shape that they do not expect."""

_STREAM_REFUSALS = frozenset({400, 403, 404, 405, 422, 501})
_NO = r"(?:not|cannot|n't|unsupported|disabled|without|must|verified|unavailable|no)"
_STREAM_REFUSED = re.compile(
    rf"(?i)\bstream(?:ing|ed)?\b.{{0,80}}\b{_NO}|\b{_NO}\b.{{0,80}}\bstream(?:ing|ed)?\b|\bstream(?:ing)? is required\b"
)
"""Words of a refusal; “upstream” and `stream_options` are other things."""


def refuses_to_stream(error: BaseException) -> bool:
    """Whether a provider refuses to stream, but not the request itself."""
    if isinstance(error, NotImplementedError):
        return True
    if response_status(error) not in _STREAM_REFUSALS:
        return False
    sent = error_object(error)
    # OpenAI names the parameter; for other servers the message of the error object is checked.
    return sent.param == "stream" if sent.param else bool(_STREAM_REFUSED.search(sent.message[:MAX_READ_CHARS]))


def short_reason(error: BaseException) -> str:
    """The error in a few words, without a quote of the provider."""
    status = error_status(error)
    if status is not None:
        return f"status {status}"
    if isinstance(error, TooSlow):
        return "no first chunk within the limit"
    known = _known_reason(error, lost="the connection failed")
    return known or ("it reported an error" if is_client_error(error) else type(error).__name__)


def cut_reason(error: BaseException) -> str:
    """Why an answer broke off, without a full stop at the end."""
    reason = _known_reason(error, lost="the connection was closed")
    if reason is None and is_client_error(error):
        words = error_object(error).message or str(error)
        return f"the provider reported “{words.rstrip(' .')}”"
    if reason is None and isinstance(error, _ODD_FORM):
        return "a piece of it has a form that is none of an answer"
    return reason or type(error).__name__


def _known_reason(error: BaseException, *, lost: str) -> str | None:
    if any(isinstance(link, json.JSONDecodeError) for link in error_chain(error)):
        return "a chunk of it was not valid JSON"
    if any(isinstance(link, UnicodeDecodeError) for link in error_chain(error)):
        return "a piece of it was not UTF-8"
    if any(isinstance(link, RecursionError) for link in error_chain(error)):
        return "a piece of it is nested too deeply"
    if is_timeout(error):
        return "the connection timed out"
    return lost if is_connection_error(error) else None
