"""When a call is repeated: which errors may pass, and the pause before the next attempt."""

import asyncio
import re
from collections.abc import Callable
from datetime import datetime

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from streaming.core.errors import LabError, TooSlow
from streaming.core.retry_policy import RetryPolicy
from streaming.providers.client_errors import (
    error_body,
    error_chain,
    error_object,
    error_status,
    is_client_error,
    is_connection_error,
    is_damaged,
    is_tls_refusal,
)
from streaming.providers.error_body import ErrorObject, parsed_body
from streaming.providers.error_words import MAX_READ_CHARS, means_no_tools, means_overflow, means_web_page
from streaming.providers.requested_pause import body_pause_s, header_pause_s

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

_RATE_CODES = frozenset(
    {
        "queue_exceeded",
        "rate_limit_error",
        "rate_limit_exceeded",
        "rate_limit_reached_error",
        "rate_limited",
        "resource_exhausted",
        "service_tier_capacity_exceeded",
        "throttling",
        "too_many_requests",
        "too_many_requests_error",
    }
)
_RATE_MESSAGE = re.compile(r"(?i)\btoo many requests\b|\brate[ -]?limit(?:ed|s)?\b")
_BUSY_MESSAGE = re.compile(
    r"(?i)\boverloaded\b|\b(?:server|service|model) is (?:currently |temporarily )?(?:busy|unavailable)\b"
    r"|\bserver busy\b|\b(?:try|retry) again (?:later|soon|in)\b|\btemporarily unavailable\b"
)
"""Words of errors that come without a status and without a known code, inside a stream."""
_QUOTA_CODES = frozenset(
    {
        "arrearage",
        "budget_exceeded",
        "exceeded_current_quota_error",
        "insufficient_quota",
        "insufficient_balance",
        "insufficient_credits",
        "insufficient_funds",
        "billing_error",
        "billing_hard_limit_reached",
        "billing_not_active",
        "payment_required",
        "credit_limit_reached",
    }
)
_QUOTA_MESSAGE = re.compile(
    r"(?i)\bexceeded your current quota|\b(?:insufficient|not enough|no|low|out of|run out of)\s+(?:account\s+)?"
    r"(?:balance|credits?|quota|funds)\b|\bcredit balance is too low|\bquota (?:is )?(?:used up|exhausted)"
    r"|\bbilling (?:hard )?limit|\bpayment required|\b(?:monthly|account|spending) (?:quota|limit)"
    r"|(?:\bnot|n't) have any (?:\w+ )?(?:credits?|balance|quota)\b|\bcredits? (?:have |has )?(?:expired|run out)\b"
    r"|\b(?:included|free|prepaid) credits\b.{0,80}\b(?:exceeded|used|purchase|subscribe)\b|\brequires more credits\b"
    r"|\bexceeded your (?:monthly|included|free)\b|\bbudget (?:has been )?exceeded\b|\bgood standing\b"
    r"|\bcheck your plan and billing\b"
)


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
    if any(isinstance(link, LabError) for link in error_chain(error)):
        return False
    if is_tls_refusal(error) or is_out_of_quota(error):
        return False
    status, sent = error_status(error), error_object(error)
    if means_overflow(sent, status) or means_no_tools(sent):
        return False
    if status is not None:
        return status in _TRANSIENT_STATUSES
    if is_damaged(error) or is_connection_error(error):
        return True
    named = bool({sent.code, sent.type} & _TRANSIENT_CODES)
    # A proxy shows its page only while the server behind it restarts.
    passes = means_web_page(sent) or bool(_BUSY_MESSAGE.search(sent.message[:MAX_READ_CHARS]))
    return named or passes or is_rate_limit(error)


def is_out_of_quota(error: BaseException) -> bool:
    """Whether the account has no quota or money left, which waiting does not cure.

    Some providers call a limit per minute a quota too, so a sentence decides only if it comes without a pause.
    """
    sent, status = error_object(error), error_status(error)
    if not means_no_quota(sent, status):
        return False
    return _names_quota(sent, status) or retry_after_s(error) is None


def means_no_quota(sent: ErrorObject, status: int | None) -> bool:
    """Whether an error is about a quota, or about money."""
    if _names_quota(sent, status):
        return True
    return status in (None, 400, 403, 429) and bool(_QUOTA_MESSAGE.search(sent.message[:MAX_READ_CHARS]))


def _names_quota(sent: ErrorObject, status: int | None) -> bool:
    return status == 402 or bool({sent.code, sent.type} & _QUOTA_CODES)


def is_rate_limit(error: BaseException) -> bool:
    """Whether the provider accepts no more requests for now."""
    sent, status = error_object(error), error_status(error)
    if status == 429 or {sent.code, sent.type} & _RATE_CODES:
        return True
    return status is None and bool(_RATE_MESSAGE.search(sent.message[:MAX_READ_CHARS]))


def retry_after_s(error: BaseException, *, now: datetime | None = None) -> float | None:
    """The pause that the provider requests, in seconds: in a header, in a field of its error, or in its sentence."""
    headers = {
        name.lower(): str(value) for name, value in getattr(getattr(error, "response", None), "headers", {}).items()
    }
    limited = is_rate_limit(error)
    named = header_pause_s(headers, limited=limited, now=now)
    if named is None and (limited or is_client_error(error)):
        named = body_pause_s(parsed_body(error_body(error)), error_object(error).message)
    return named
