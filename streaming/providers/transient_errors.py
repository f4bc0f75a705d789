"""When a call is repeated: which errors may pass, and the pause before the next attempt."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from streaming.core.errors import TooSlow
from streaming.core.retry_policy import RetryPolicy
from streaming.providers.client_errors import (
    error_object,
    error_status,
    is_connection_error,
    is_damaged,
    is_tls_refusal,
)

OnRetry = Callable[[int, BaseException, float], None]
"""Called before the pause: the number of the next attempt, the error of the last one, and the pause in seconds."""

_TRANSIENT_STATUSES = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_TRANSIENT_CODES = frozenset(
    {
        "engine_overloaded",
        "internal_server_error",
        "overloaded",
        "overloaded_error",
        "rate_limit_error",
        "rate_limit_exceeded",
        "server_error",
        "service_unavailable",
        "service_unavailable_error",
        "unavailable",
        "unavailable_error",
    }
)
"""Codes and types of error objects that come without a status, inside a stream."""


def pause_before(policy: RetryPolicy, attempt: int, error: BaseException) -> float | None:
    """Seconds to wait before this attempt (2 is the first retry); `None` if there should be no further attempt."""
    return pause_s(policy, attempt, error) if attempt <= policy.max_attempts and may_pass(policy, error) else None


def may_pass(policy: RetryPolicy, error: BaseException) -> bool:
    """Whether to try again: the error is transient, and the provider requests no longer pause than allowed."""
    return is_transient(error) and (retry_after_s(error) or 0.0) <= policy.max_backoff_s


def pause_s(policy: RetryPolicy, attempt: int, error: BaseException) -> float:
    """Seconds to wait before this attempt: as the provider requests, else the policy's backoff."""
    requested = retry_after_s(error)
    return policy.backoff_s(attempt) if requested is None else requested


def retrying(policy: RetryPolicy, on_retry: OnRetry) -> AsyncRetrying:
    """A caller that repeats a coroutine function by the policy; raises the last error unchanged."""

    def before_sleep(state: RetryCallState) -> None:
        on_retry(state.attempt_number + 1, _error_of(state), state.upcoming_sleep)

    return AsyncRetrying(
        sleep=asyncio.sleep,
        stop=stop_after_attempt(policy.max_attempts),
        wait=lambda state: pause_s(policy, state.attempt_number + 1, _error_of(state)),
        retry=retry_if_exception(lambda error: may_pass(policy, error)),
        before_sleep=before_sleep,
        reraise=True,
    )


def _error_of(state: RetryCallState) -> BaseException:
    error = state.outcome.exception() if state.outcome else None
    assert error is not None, "tenacity computes a pause only after an error"
    return error


def is_transient(error: BaseException) -> bool:
    """Whether the same request may soon succeed: a busy or broken server, a lost connection, a damaged answer."""
    if isinstance(error, TooSlow):
        return not error.answer_started
    if is_tls_refusal(error) or is_out_of_quota(error):
        return False
    status = error_status(error)
    if status is not None:
        return status in _TRANSIENT_STATUSES
    if is_damaged(error) or is_connection_error(error):
        return True
    sent = error_object(error)
    return bool({sent.code, sent.type} & _TRANSIENT_CODES)


def is_out_of_quota(error: BaseException) -> bool:
    """Whether the account's quota is used up: a 429 that waiting does not cure."""
    sent = error_object(error)
    return "insufficient_quota" in (sent.code, sent.type)


def retry_after_s(error: BaseException, *, now: datetime | None = None) -> float | None:
    """The pause that the provider requests, in seconds; the header has a number or a date (RFC 9110, 10.2.3)."""
    value = getattr(getattr(error, "response", None), "headers", {}).get("retry-after")
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - (now or datetime.now(UTC))).total_seconds())
    except (TypeError, ValueError):
        return None
