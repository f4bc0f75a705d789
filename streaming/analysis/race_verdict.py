"""The verdict of a race as a sentence: who showed its first text first, and whether all modes at once cost anything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from streaming.analysis.stats import Interval
from streaming.core.duration import duration_text

EQUAL_RATIO = 1.1
"""Two times within this factor of each other are called equal."""
EQUAL_S = 0.05
"""Two times that differ by less are called equal too: the difference cannot be seen."""
ONE_RACE = "One race: repeat it before you rely on it."
ONE_DRAWN = "One race: race again before you rely on it, for repeats draw nothing."
ONE_MIXED = "One race: repeat it before you rely on it, or race again for the drawing."
ANECDOTES = (ONE_RACE, ONE_DRAWN, ONE_MIXED)
"""That a verdict rests on one race; the second where the lanes differ only in drawing, the third where some do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One lane: its name, and its times in seconds since submission, `None` if it has none or did not complete.

    `waits` says that it asks a question and waits. `all_modes` says that it asked for every stream mode; `bytes` is
    what its graph sent. Of repeats, `first` and `end` hold the intervals of the medians. `source` is equal in lanes
    that differ only in how they draw: their first texts are compared from `arrived_s`, since when the model began is
    no property of the drawing.
    """

    name: str
    first_s: float | None
    end_s: float | None
    bytes: int = 0
    all_modes: bool = False
    first: Interval | None = None
    end: Interval | None = None
    source: str = ""
    arrived_s: float | None = None
    waits: bool = False

    @property
    def late_s(self) -> float | None:
        """How long after its arrival the first text was drawn, in seconds."""
        if self.first_s is None or self.arrived_s is None:
            return None
        return max(0.0, self.first_s - self.arrived_s)


def race_sentence(lanes: Sequence[Contender]) -> str:
    """Who won by what; of repeats also with the number of runs, the intervals and their confidence."""
    known = [lanes[n] for n in _ranked(lanes)]
    if len(known) < 2:
        return _too_few(lanes)
    if (cost := modes_sentence(lanes)) is not None:
        return cost
    best = known[0]
    if all(_same_source(best, lane) for lane in known[1:]):
        return f"{_drawing_sentence(known)} {ONE_DRAWN}"
    leaders = _leaders(known)
    if len(leaders) == len(known):
        if any(_overlap(best.first, lane.first) for lane in known[1:]):
            reason = "for the intervals of the first text overlap"
            return f"No difference is shown, {reason}: {_each(known)}.{_basis(known)}"
        return f"No noticeable difference in the first text: {_each(known)}. {_ends(known)}{_basis(known)}"
    least = "at least " if len(leaders) > 1 else ""
    others = " and ".join(_lead(_nearest(leaders, lane), lane, least) for lane in known if lane not in leaders)
    # Nothing is drawn in repeats.
    winner = f"{_named(best, begins=True)} {'had' if best.first else 'showed'} its first text after {_first(best)}"
    if len(leaders) > 1:
        drawing = " in drawing" if all(_same_source(best, lane) for lane in leaders[1:]) else ""
        winner = f"Between {_listed(leaders, _first)} no difference{drawing} is shown; they had their first text"
    return f"{winner}{':' if len(leaders) == 1 else ''} {others}. {_ends(known)}{_basis(known)}"


def base_of(lanes: Sequence[Contender]) -> int | None:
    """The position of the lane whose first text the sentence divides by; `None` if no lane has one.

    Of several between which no difference is shown it is the slowest; it is the soonest one if nothing is behind them.
    """
    ranked = _ranked(lanes)
    if not ranked:
        return None
    leaders = [n for n in ranked if _alike(lanes[ranked[0]], lanes[n])]
    return leaders[-1] if len(leaders) < len(ranked) else ranked[0]


def _ranked(lanes: Sequence[Contender]) -> list[int]:
    """The positions of the lanes with a first text, the soonest first."""
    return [n for _, n in sorted((first, n) for n, first in enumerate(comparable_firsts(lanes)) if first is not None)]


def _leaders(known: Sequence[Contender]) -> list[Contender]:
    """The lanes that are as soon as the first of these, which are ranked."""
    return [lane for lane in known if _alike(known[0], lane)]


def _too_few(lanes: Sequence[Contender]) -> str:
    """Why there is nothing to compare: a run that waits for an answer may have a text, and has not completed."""
    waiting = [_named(lane, begins=n == 0) for n, lane in enumerate([lane for lane in lanes if lane.waits])]
    if not waiting:
        return "Fewer than two of these runs completed with a text, so there is nothing to compare."
    verb = "waits" if len(waiting) == 1 else "wait"
    return f"{' and '.join(waiting)} {verb} for an answer, so fewer than two completed: there is nothing to compare."


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
    overlap = _overlap(one.first, every.first), _overlap(one.end, every.end)
    alike = [nearly_equal(*pair) or (pair[1] or 0.0) < (pair[0] or 0.0) for pair in pairs]
    if all(alike):
        slower = any((pair[1] or 0.0) > (pair[0] or 0.0) * EQUAL_RATIO for pair in pairs)
        noticeable = "noticeable " if slower else ""
        return f"No {noticeable}performance degradation with all modes at once: {shown}.{_basis(lanes)}"
    if all(equal or within for equal, within in zip(alike, overlap, strict=True)):
        shown = f"for the intervals overlap: {shown}"
        return f"No performance degradation with all modes at once is shown, {shown}.{_basis(lanes)}"
    return f"All modes at once were slower: {shown}.{_basis(lanes)}"


def comparable_firsts(lanes: Sequence[Contender]) -> list[float | None]:
    """The first texts by which the lanes are ranked, in seconds; in lanes of one source as if all had arrived alike."""
    firsts: list[float | None] = []
    for lane in lanes:
        alike = [other.arrived_s for other in lanes if _same_source(lane, other) and other.arrived_s is not None]
        late_s = lane.late_s
        firsts.append(lane.first_s if len(alike) < 2 or late_s is None else fmean(alike) + late_s)
    return firsts


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
    if one is other:
        return True
    if _same_source(one, other):
        return abs((one.late_s or 0.0) - (other.late_s or 0.0)) < EQUAL_S
    return _overlap(one.first, other.first) or nearly_equal(one.first_s, other.first_s)


def _same_source(one: Contender, other: Contender) -> bool:
    """Whether both show one kind of run in different ways; without arrivals that makes no difference."""
    return one.source == other.source != "" and one.late_s is not None and other.late_s is not None


def _drawing_sentence(known: Sequence[Contender]) -> str:
    """Which way of drawing showed soonest what had arrived."""
    best, leaders, note = known[0], _leaders(known), "When it arrives is the model's doing."
    if len(leaders) == len(known):
        each = ", ".join(f"{_named(lane)} {_late(lane)}" for lane in known)
        return f"No noticeable difference in drawing the first text after its arrival: {each}. {note} {_ends(known)}"
    behind = known[len(leaders) :]
    if len(leaders) == 1:
        drew = f"{_named(best, begins=True)} drew its first text"
        later = " and ".join(f"{_named(lane)} {_late(lane)}" for lane in behind)
        at_once = round((best.late_s or 0.0) * 1000) == 0
        how = (
            f"as it arrived, {later} after it had arrived"
            if at_once
            else f"{_late(best)} after it had arrived, {later}"
        )
        return f"{drew} {how}. {note} {_ends(known)}"
    others = " and ".join(
        f"{_behind(leaders[-1], lane)} sooner than {_named(lane)} with {_late(lane)}" for lane in behind
    )
    drew = f"Between {_listed(leaders, _late)} no difference is shown; they drew their first text after its arrival"
    return f"{drew} {others}. {note} {_ends(known)}"


def _nearest(leaders: Sequence[Contender], lane: Contender) -> Contender:
    """The leader to compare a lane with: one that differs only in drawing if there is one, else the slowest."""
    return next((leader for leader in leaders if _same_source(leader, lane)), leaders[-1])


def _lead(leader: Contender, lane: Contender, least: str) -> str:
    """How much sooner the leader was than a lane behind it; `least` says that other leaders were sooner still."""
    if _same_source(leader, lane):
        # As a reader subtracts: what the two lanes show, rounded as it is shown.
        ahead_s = (round((lane.first_s or 0.0) * 1000) - round((leader.first_s or 0.0) * 1000)) / 1000
        took = f"with {_first(lane)} ({_late(lane)} of it drawing)"
        if ahead_s > 0:
            return f"{in_seconds(ahead_s)} sooner than {_named(lane)} {took}"
        return f"in drawing alone {_behind(leader, lane)} sooner than {_named(lane)} {took}"
    return f"{least}{_times(lane.first_s, leader.first_s)} sooner than {_named(lane)} with {_first(lane)}"


def _behind(leader: Contender, lane: Contender) -> str:
    return in_seconds((lane.late_s or 0.0) - (leader.late_s or 0.0))


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


def _late(lane: Contender) -> str:
    return in_seconds(lane.late_s)


def _end(lane: Contender) -> str:
    return in_seconds(lane.end_s) + _range(lane.end)


def _range(interval: Interval | None) -> str:
    """The interval of a median, unless its two ends read alike."""
    low, high = (in_seconds(interval.low), in_seconds(interval.high)) if interval else ("", "")
    return "" if low == high else f" ({low} to {high})"


def _each(lanes: Sequence[Contender]) -> str:
    return ", ".join(f"{_named(lane)} {_first(lane)}" for lane in lanes)


def _listed(lanes: Sequence[Contender], time_of: Callable[[Contender], str]) -> str:
    """The lanes with a time of each; the last one after an “and”."""
    # A range has brackets of its own.
    times = [time_of(lane).replace(" (", ", ").rstrip(")") for lane in lanes]
    *most, last = [f"{_named(lane)} ({time})" for lane, time in zip(lanes, times, strict=True)]
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
        drawing = any(_same_source(one, other) for n, one in enumerate(lanes) for other in lanes[:n])
        return f" {ONE_MIXED if drawing else ONE_RACE}"
    runs = min(interval.count for interval in intervals)
    if runs == 1:
        return " One run each so far."
    confidence = min(interval.confidence for interval in intervals)
    return f" Medians of {runs} runs each; the intervals have a confidence of {confidence:.1%}."
