"""The verdict of a race as a sentence: who showed its first text first, and whether all modes at once cost anything."""

from collections.abc import Sequence
from dataclasses import dataclass

from streaming.analysis.stats import Interval
from streaming.core.duration import duration_text

EQUAL_RATIO = 1.1
"""Two times within this factor of each other are called equal."""
EQUAL_S = 0.05
"""Two times that differ by less are called equal too: the difference cannot be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One lane: its name, and its times in seconds since submission, `None` if it has none or did not complete.

    `all_modes` says that it asked for every stream mode; `bytes` is what its graph sent. Of repeats, `first` and `end`
    hold the intervals of the medians.
    """

    name: str
    first_s: float | None
    end_s: float | None
    bytes: int = 0
    all_modes: bool = False
    first: Interval | None = None
    end: Interval | None = None


def race_sentence(lanes: Sequence[Contender]) -> str:
    """Who won by what; of repeats also with the number of runs, the intervals and their confidence."""
    known = sorted((lane for lane in lanes if lane.first_s is not None), key=lambda lane: lane.first_s or 0.0)
    if len(known) < 2:
        return "Fewer than two lanes completed with a text, so there is nothing to compare."
    if (cost := modes_sentence(lanes)) is not None:
        return cost
    best = known[0]
    leaders = [lane for lane in known if _alike(best, lane)]
    if len(leaders) == len(known):
        if any(_overlap(best.first, lane.first) for lane in known[1:]):
            reason = "for the intervals of the first text overlap"
            return f"No difference is shown, {reason}: {_each(known)}.{_basis(known)}"
        return f"No noticeable difference in the first text: {_each(known)}. {_ends(known)}{_basis(known)}"
    others = " and ".join(
        f"{_times(lane.first_s, leaders[-1].first_s)} sooner than {_named(lane)} with {_first(lane)}"
        for lane in known[len(leaders) :]
    )
    winner = f"{_named(best, begins=True)} showed its first text after {_first(best)}"
    if len(leaders) > 1:
        winner = f"Between {_listed(leaders)} no difference is shown; they had their first text"
    return f"{winner}{':' if len(leaders) == 1 else ''} {others}. {_ends(known)}{_basis(known)}"


def modes_sentence(lanes: Sequence[Contender]) -> str | None:
    """What all modes at once cost against one mode; `None` unless exactly two lanes differ in that."""
    if len(lanes) != 2 or lanes[0].all_modes == lanes[1].all_modes:
        return None
    one, every = sorted(lanes, key=lambda lane: lane.all_modes)
    pairs = [(one.first_s, every.first_s), (one.end_s, every.end_s)]
    if any(value is None for pair in pairs for value in pair):
        return None
    shown = (
        f"first text after {_first(every)} against {_first(one)}, end after {_end(every)} against {_end(one)}"
        f"{f', with {every.bytes / one.bytes:.1f}× the bytes' if one.bytes and every.bytes else ''}"
    )
    if all(nearly_equal(*pair) or (pair[1] or 0.0) < (pair[0] or 0.0) for pair in pairs):
        return f"No performance degradation with all modes at once: {shown}.{_basis(lanes)}"
    return f"All modes at once were slower: {shown}.{_basis(lanes)}"


def nearly_equal(one: float | None, other: float | None) -> bool:
    """Whether two times, in seconds, are too close to matter."""
    if one is None or other is None:
        return False
    low, high = sorted((one, other))
    return high - low < EQUAL_S or high <= low * EQUAL_RATIO


def in_seconds(value: float | None) -> str:
    """A time for a sentence."""
    return "an unknown time" if value is None else duration_text(value)


def _alike(one: Contender, other: Contender) -> bool:
    """Whether no difference between the first texts of two lanes can be shown, or seen."""
    return one is other or _overlap(one.first, other.first) or nearly_equal(one.first_s, other.first_s)


def _overlap(one: Interval | None, other: Interval | None) -> bool:
    return one is not None and other is not None and one.low <= other.high and other.low <= one.high


def name_in_sentence(name: str, *, begins: bool = False) -> str:
    """The name of a lane in a sentence, which it may begin; by itself it begins with a number and a full stop."""
    number, dot, rest = name.partition(". ")
    if not dot or not number.isdigit():
        return name
    return f"{'Lane' if begins else 'lane'} {number} “{rest}”"


def _named(lane: Contender, *, begins: bool = False) -> str:
    return name_in_sentence(lane.name, begins=begins)


def _first(lane: Contender) -> str:
    return in_seconds(lane.first_s) + _range(lane.first)


def _end(lane: Contender) -> str:
    return in_seconds(lane.end_s) + _range(lane.end)


def _range(interval: Interval | None) -> str:
    """The interval of a median, unless its two ends read alike."""
    low, high = (in_seconds(interval.low), in_seconds(interval.high)) if interval else ("", "")
    return "" if low == high else f" ({low} to {high})"


def _each(lanes: Sequence[Contender]) -> str:
    return ", ".join(f"{_named(lane)} {_first(lane)}" for lane in lanes)


def _listed(lanes: Sequence[Contender]) -> str:
    """The lanes with their first texts; the last one after an “and”."""
    *most, last = [f"{_named(lane)} ({_first(lane)})" for lane in lanes]
    return f"{', '.join(most)} and {last}"


def _times(slow: float | None, fast: float | None) -> str:
    return f"{slow / fast:.1f}×" if slow and fast else "much"


def _ends(lanes: Sequence[Contender]) -> str:
    """How the ends compare: an earlier first text does not mean a shorter run."""
    ended = sorted((lane for lane in lanes if lane.end_s is not None), key=lambda lane: lane.end_s or 0.0)
    if len(ended) < 2:
        return ""
    first, last = ended[0], ended[-1]
    if nearly_equal(first.end_s, last.end_s) or _overlap(first.end, last.end):
        low, high = in_seconds(first.end_s), in_seconds(last.end_s)
        return f"All ended at about the same time ({low if low == high else f'{low} to {high}'})."
    return f"{_named(first, begins=True)} ended first, after {_end(first)}; {_named(last)} last, after {_end(last)}."


def _basis(lanes: Sequence[Contender]) -> str:
    """On how many runs the sentence rests."""
    intervals = [lane.first for lane in lanes if lane.first is not None]
    if not intervals:
        return " One race: repeat it before you rely on it."
    runs = min(interval.count for interval in intervals)
    if runs == 1:
        return " One run each so far."
    confidence = min(interval.confidence for interval in intervals)
    return f" Medians of {runs} runs each; the intervals have a confidence of {confidence:.1%}."
