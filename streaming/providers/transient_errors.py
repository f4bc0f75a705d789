"""When a provider is asked again: which errors pass, and how long to wait."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from streaming.core.errors import TooSlow
from streaming.core.retry_policy import RetryPolicy

_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_BUSY = ("overloaded", "server_error", "rate_limit", "unavailable")


def backoff_before(policy: RetryPolicy, attempt: int, error: BaseException) -> float | None:
    """Seconds to wait before this attempt; `None` if it makes no sense to ask again."""
    if attempt > policy.max_attempts or not is_transient(error):
        return None
    named = retry_after_s(error)
    if named is not None:
        return named if named <= policy.max_backoff_s else None
    return policy.backoff_s(attempt)


def is_transient(error: BaseException) -> bool:
    """Whether the same request may succeed in a moment: a busy or broken server, a bad line, a damaged answer."""
    if isinstance(error, TooSlow):
        return not error.begun
    if wants_tls(error):
        return False
    status = status_of(error)
    if status is not None:
        return status in _PASSING and "insufficient_quota" not in str(error)
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError | ConnectionError):
        return True
    said = str(getattr(error, "body", "")).lower()
    return any(part in type(error).__name__ for part in ("Connect", "Timeout", "Protocol", "ReadError")) or any(
        sign in said for sign in _BUSY
    )


def status_of(error: BaseException) -> int | None:
    """The HTTP status, also of an error object that came inside a stream."""
    status = getattr(error, "status_code", None)
    if status is None and isinstance(body := getattr(error, "body", None), dict):
        status = body.get("code")
    return int(status) if isinstance(status, int) or (isinstance(status, str) and status.isdigit()) else None


def wants_tls(error: BaseException) -> bool:
    """Whether the connection failed over its encryption: a wrong scheme or certificate does not mend itself."""
    return any("SSL" in str(link) or "CERTIFICATE" in str(link) for link in error_chain(error))


def retry_after_s(error: BaseException, *, now: datetime | None = None) -> float | None:
    """The pause that the provider asks for, in seconds: a number or a date (RFC 9110, 10.2.3)."""
    said = getattr(getattr(error, "response", None), "headers", {}).get("retry-after")
    if not said:
        return None
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(said) - (now or datetime.now(UTC))).total_seconds())
    except (TypeError, ValueError):
        return None


def error_chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__
