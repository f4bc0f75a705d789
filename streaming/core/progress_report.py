"""Read what a node writes about its progress, in the forms that are common, and nothing that is a guess.

A report is a mapping with `kind` (or `type`, `event`) `progress`, one with a field `progress`, or one without a kind
that has a percentage, or a count with its total. A number is a fraction only where its name or its range tells which.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_KINDS = ("kind", "type", "event")
_PERCENT = ("percent", "percentage", "pct")
_NAMES = {
    "step": ("step",),
    "status": ("status", "message"),
    "at": ("at",),
    "done": ("done", "current", "completed", "processed"),
    "total": ("total", "of"),
    "job": ("fraction", "progress", *_PERCENT),
}
_MOST = 10**15
"""Larger counts are not plausible, and not exact in a browser."""
_PERCENT_TEXT = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,6})?) ?(?:%|percent|per cent)", re.IGNORECASE)
_COUNT_TEXT = re.compile(r"([0-9]{1,15}) ?(?:/|of|out of) ?([0-9]{1,15})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressReport:
    """A report; `None` is what it does not have, or does not have in a form that can be read.

    `fraction` (0 to 1) is of the whole job; `total_of_job` is the total that it was counted against, if it was. `bare`
    is a number under `progress`, from 0 to 100, whose scale only the numbers beside it can tell. `complete` is false if
    a field was given that cannot be read, so that the value itself has to be shown.
    """

    step: str | None = None
    status: str | None = None
    done: float | None = None
    total: float | None = None
    fraction: float | None = None
    total_of_job: float | None = None
    bare: float | None = None
    at: str | None = None
    complete: bool = True


def read_report(data: Any) -> ProgressReport | None:
    """The report in what a node wrote; `None` if the node wrote something else, such as a message."""
    if not isinstance(data, Mapping) or not _is_report(data):
        return None
    given = {name: _first(data, names) for name, names in _NAMES.items()}
    if given["done"] is None and _number(given["step"]) is not None:  # step 3 of 10
        given["done"], given["step"] = given["step"], None
    step, status, at = _text(given["step"]), _text(given["status"]), _time(given["at"])
    counts = _counts(given["done"], given["total"])
    fraction, total, bare = _job(data)
    if fraction is None and bare is None and counts and step is None:
        # Counts of a step say nothing of the whole job.
        fraction, total = _share(*counts), counts[1]
    found = {
        **{"step": step, "status": status, "at": at, "done": counts, "total": counts},
        "job": fraction if bare is None else bare,
    }
    return ProgressReport(
        step=step,
        status=status,
        done=counts[0] if counts else None,
        total=counts[1] if counts else None,
        fraction=fraction,
        total_of_job=total,
        bare=bare,
        at=at,
        complete=all(value is None or found[name] is not None for name, value in given.items()),
    )


def _is_report(data: Mapping[Any, Any]) -> bool:
    kinds = [data[name].lower() for name in _KINDS if isinstance(data.get(name), str)]
    if "progress" in kinds or data.get("progress") is not None:
        return True
    done = _first(data, (*_NAMES["done"], "step"))
    percent = _first(data, _PERCENT)
    return not kinds and (percent is not None or _counts(done, _first(data, _NAMES["total"])) is not None)


def _job(data: Mapping[Any, Any]) -> tuple[float | None, float | None, float | None]:
    """The fraction of the whole job, the total that it was counted against, and a bare number."""
    if (percent := _number(_first(data, _PERCENT))) is not None:
        return (percent / 100 if 0 <= percent <= 100 else None), None, None
    for name in _NAMES["job"]:
        value = data.get(name)
        if (counts := _counts_in(value)) is not None:
            return _share(*counts), counts[1], None
        if isinstance(value, str) and (found := _PERCENT_TEXT.fullmatch(value.strip())):
            percent = float(found[1].replace(",", "."))
            return (percent / 100 if percent <= 100 else None), None, None
        if (number := _number(value)) is None or not 0 <= number <= 100:
            continue
        if name == "progress":
            return None, None, number
        if number <= 1 or number.is_integer():
            return (number if number <= 1 else number / 100), None, None
    return None, None, None


def _counts_in(value: Any) -> tuple[float, float] | None:
    """The counts in "3/10", "3 of 10", [3, 10] or {"done": 3, "of": 10}."""
    match value:
        case str() if found := _COUNT_TEXT.fullmatch(value.strip()):
            return _counts(found[1], found[2])
        case [done, total]:
            return _counts(done, total)
        case Mapping():
            return _counts(_first(value, _NAMES["done"]), _first(value, _NAMES["total"]))
        case _:
            return None


def _counts(done: Any, total: Any) -> tuple[float, float] | None:
    first, second = _number(done), _number(total)
    return None if first is None or second is None or not 0 <= first <= second <= _MOST else (first, second)


def _share(done: float, total: float) -> float | None:
    return done / total if total else None


def _number(value: Any) -> float | None:
    """A finite number, also one as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,15}(?:\.[0-9]{1,15})?", value.strip()):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _text(value: Any) -> str | None:
    """A text that is not empty, or a number as text."""
    if isinstance(value, str):
        return value or None
    return None if isinstance(value, bool) or (number := _number(value)) is None else f"{number:g}"


def _time(value: Any) -> str | None:
    """The time in UTC, as ISO 8601, if the value has an offset."""
    try:
        time = datetime.fromisoformat(value)
        return time.astimezone(UTC).isoformat(timespec="milliseconds") if time.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def _first(data: Mapping[Any, Any], names: tuple[str, ...]) -> Any:
    return next((data[name] for name in names if data.get(name) not in (None, "")), None)
