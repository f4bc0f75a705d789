"""A lane of a race as its verdict sees it: its times, which others are as soon, and how a sentence names them."""

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

    `waits` says that it asks a question and waits. `all_modes` says that it asked for every stream mode; `bytes` is
    what its graph sent. Of repeats, `first` and `end` hold the intervals of the medians. `source` is equal in lanes
    that differ only in how they draw: their first texts are compared from `arrived_s`, since when the model began is
    no property of the drawing; `freeze_s` is the longest pause between two drawings of the text. `several` says that
    this is some lanes taken together, which differ only in drawing.
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
    several: bool = False
    freeze_s: float | None = None

    @property
    def late_s(self) -> float | None:
        """How long after its arrival the first text was drawn, in seconds."""
        if self.first_s is None or self.arrived_s is None:
            return None
        return max(0.0, self.first_s - self.arrived_s)


def nearly_equal(one: float | None, other: float | None) -> bool:
    """Whether two times, in seconds, are too close to matter."""
    if one is None or other is None:
        return False
    low, high = sorted((one, other))
    return high - low < EQUAL_S or high <= low * EQUAL_RATIO


def in_seconds(value: float | None) -> str:
    """A time for a sentence."""
    return "an unknown time" if value is None else duration_text(value)


def alike(one: Contender, other: Contender) -> bool:
    """Whether no difference between the first texts of two lanes can be shown, or seen."""
    if one is other:
        return True
    if same_source(one, other):
        return abs((one.late_s or 0.0) - (other.late_s or 0.0)) < EQUAL_S
    return overlap(one.first, other.first) or nearly_equal(one.first_s, other.first_s)


def same_source(one: Contender, other: Contender) -> bool:
    """Whether both show one kind of run in different ways; without arrivals that makes no difference."""
    return one.source == other.source != "" and one.late_s is not None and other.late_s is not None


def overlap(one: Interval | None, other: Interval | None) -> bool:
    """Whether both are known and share a value."""
    return one is not None and other is not None and one.low <= other.high and other.low <= one.high


def name_in_sentence(name: str, *, begins: bool = False) -> str:
    """The name of a lane in a sentence, which it may begin; by itself it begins with a number and a full stop."""
    number, dot, rest = name.partition(". ")
    if not dot or not number.isdigit():
        return name
    return f"{'Lane' if begins else 'lane'} {number} “{rest}”"


def named(lane: Contender, *, begins: bool = False) -> str:
    """The lane's name in a sentence; of several lanes with the reason why they are one."""
    return f"{named_again(lane, begins=begins)}{' (the same run, drawn differently)' if lane.several else ''}"


def named_again(lane: Contender, *, begins: bool = False) -> str:
    """The lane's name alone."""
    if lane.several:
        return lane.name.capitalize() if begins else lane.name
    return name_in_sentence(lane.name, begins=begins)


def whose(lane: Contender) -> str:
    """What stands for the lane before what it has."""
    return "their" if lane.several else "its"


def first_text(lane: Contender) -> str:
    """When its first text was shown, of repeats with the interval."""
    return in_seconds(lane.first_s) + with_range(lane.first)


def late_text(lane: Contender) -> str:
    """How long after its arrival its first text was drawn."""
    return in_seconds(lane.late_s)


def with_range(interval: Interval | None) -> str:
    """The interval of a median, unless its two ends read alike."""
    low, high = (in_seconds(interval.low), in_seconds(interval.high)) if interval else ("", "")
    return "" if low == high else f" ({low} to {high})"
