"""The pause that a provider asks for before the next request, wherever it names one."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any

_PART = re.compile(
    r"(\d{1,9}(?:\.\d{1,9})?)\s*(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)(?![a-z])"
)
_UNIT_S = {"ms": 0.001, "mi": 60.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_IN_WORDS = re.compile(
    r"(?:try again|retry|retry after|retry in|wait|available|reset[s]?)\b[^.\d]{0,40}?"
    r"((?:\d{1,9}(?:\.\d{1,9})?\s*(?:milliseconds?|ms|seconds?|secs?|minutes?|mins?|hours?|days?|s|m|h|d)(?![a-z])"
    r"[ ,]*(?:and )?){1,4})"
)
_CLOCK = re.compile(r"\b(?:try again|retry|wait|reset[s]?)\b[^\d]{0,40}?(\d{1,2}):(\d{2}):(\d{2})\b")
_BARE = re.compile(r"\bretry[ _-]?after:? (\d{1,6}(?:\.\d{1,6})?)(?![\w:.-]*\d)(?=\W*$|[,;.] )")
_STRUCTURED = re.compile(r"(?:^|[;,\s])(?:t|reset)=(\d{1,9})\b")
_FIELDS = ("retry_after", "retryafter", "retry_after_seconds", "retrydelay", "retry_delay")
_FIELDS_MS = ("retry_after_ms", "retryafterms")
_RESETS = ("requests", "tokens", "input-tokens", "output-tokens")
_EPOCH_S = 1_000_000_000
_EPOCH_MS = 1_000_000_000_000
_MAX_TEXT = 2_000
_MAX_DEPTH = 6


def header_pause_s(headers: Mapping[str, str], *, limited: bool, now: datetime | None = None) -> float | None:
    """Seconds that these headers ask for; `limited` for a response that says “too many requests”.

    A date is compared with the response's own `Date`, so that clocks that differ do not matter. The times at which a
    rate limit resets come with every response of some providers, so they count for a limited one only.
    """
    now = now or _date(headers.get("date", "")) or datetime.now(UTC)
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        if (milliseconds := _number(headers.get(name, ""))) is not None:
            return milliseconds / 1000
    # A gateway may add a header of its own to the provider's; both are then in one line.
    given = (headers.get(name, "") for name in ("retry-after", "x-retry-after"))
    named = next((pause for text in given if (pause := _moment(text, now)) is not None), None)
    if named is not None or not limited:
        return named
    resets = [pause for pause in _resets(headers, now) if pause is not None]
    return max(resets, default=None)


def body_pause_s(body: object, text: str) -> float | None:
    """Seconds that the body of an error asks for: in a field (`retry_after`, `retryDelay`) or in its sentence."""
    named = next(_fields(body), None)
    if named is not None:
        return named
    text = text[:_MAX_TEXT].lower()
    if words := _IN_WORDS.search(text):
        return duration_s(words[1])
    if clock := _CLOCK.search(text):
        hours, minutes, seconds = map(int, clock.groups())
        return hours * 3600.0 + minutes * 60 + seconds
    bare = _BARE.search(text)
    return float(bare[1]) if bare else None


def duration_s(text: str) -> float | None:
    """“6m0s”, “1.5 seconds” or “2h” in seconds; `None` if it is no duration."""
    parts = [(float(number), unit) for number, unit in _PART.findall(text.lower())]
    return sum(number * _unit_s(unit) for number, unit in parts) if parts else None


def _unit_s(unit: str) -> float:
    return _UNIT_S.get(unit[:2]) or _UNIT_S[unit[0]] if unit != "milliseconds" else 0.001


def _resets(headers: Mapping[str, str], now: datetime) -> Iterator[float | None]:
    for prefix in ("x-ratelimit-", "anthropic-ratelimit-"):
        for what in _RESETS:
            for name in (f"{prefix}reset-{what}", f"{prefix}{what}-reset"):
                remaining = headers.get(name.replace("reset", "remaining"), "0").strip()
                if remaining in ("", "0"):
                    yield _moment(headers.get(name, ""), now)
    for name in ("x-ratelimit-reset", "x-ratelimit-reset-after", "ratelimit-reset"):
        yield _moment(headers.get(name, ""), now)
    # The draft of the IETF: `RateLimit: "default";r=0;t=9`.
    if found := _STRUCTURED.search(headers.get("ratelimit", "")):
        yield float(found[1])


def _moment(text: str, now: datetime) -> float | None:
    """Seconds until what this names: a number of seconds, a duration, a date, or seconds since 1970."""
    text = text.strip()
    number = _number(text)
    if number is None and "," in text:
        number = max((seconds for part in text.split(",") if (seconds := _number(part)) is not None), default=None)
    if number is not None:
        if number >= _EPOCH_MS:
            number /= 1000
        return max(0.0, number - now.timestamp()) if number >= _EPOCH_S else number
    date = _date(text)
    return max(0.0, (date - now).total_seconds()) if date is not None else duration_s(text[:40])


def _number(text: str) -> float | None:
    """The number, 0 for a negative one; `None` for anything else, “nan” and “inf” included."""
    try:
        number = float(text)
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _date(text: str) -> datetime | None:
    """A date as HTTP or RFC 3339 writes it."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            date = read(text.strip())
        except (TypeError, ValueError, IndexError):
            continue
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    return None


def _fields(body: Any, depth: int = 0) -> Iterator[float]:
    if depth > _MAX_DEPTH:
        return
    for item in body[:10] if isinstance(body, list) else ():
        yield from _fields(item, depth + 1)
    for name, value in islice(body.items(), 50) if isinstance(body, Mapping) else ():
        pause = _field_pause_s(str(name).lower(), value)
        if pause is not None:
            yield pause
        else:
            yield from _fields(value, depth + 1)


def _field_pause_s(name: str, value: Any) -> float | None:
    if name == "headers" and isinstance(value, Mapping):
        return header_pause_s({str(key).lower(): str(text) for key, text in value.items()}, limited=True)
    if name in _FIELDS and isinstance(value, Mapping):  # protobuf's duration
        value = value.get("seconds")
    if name not in (*_FIELDS, *_FIELDS_MS) or isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    pause = _number(str(value))
    if pause is None:
        return duration_s(str(value)[:40])
    return pause / 1000 if name in _FIELDS_MS else pause
