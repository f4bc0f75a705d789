"""The verdict of a race as a sentence: who showed its first text first, and whether all modes at once cost anything."""

from collections.abc import Callable, Sequence
from statistics import fmean

from streaming.analysis.contender import (
    EQUAL_RATIO,
    Contender,
    alike,
    first_text,
    in_seconds,
    late_text,
    named,
    named_again,
    nearly_equal,
    overlap,
    same_source,
    whose,
    with_range,
)
from streaming.analysis.race_lead import drawing_lead, lead_of_all, lead_of_one, own_lead
from streaming.core.enumeration import listed

ONE_RACE = "One race: repeat it before you rely on it."
ONE_DRAWN = "One race: race again before you rely on it, for repeats draw nothing."
ONE_MIXED = "One race: repeat it before you rely on it, or race again for the drawing."
ANECDOTES = (ONE_RACE, ONE_DRAWN, ONE_MIXED)
"""That a verdict rests on one race; the second where the lanes differ only in drawing, the third where some do."""

_FREEZE_S, _MUCH_LONGER = 0.25, 2
"""From how many seconds on a reader sees that a text stands still, and how many times as long as another counts."""


def race_sentence(lanes: Sequence[Contender]) -> str:
    """Who won by what; of repeats also with the number of runs, the intervals and their confidence."""
    known = [lanes[n] for n in _ranked(lanes)]
    if len(known) < 2:
        return _too_few(lanes)
    if (cost := modes_sentence(lanes)) is not None:
        return cost
    best = known[0]
    if all(same_source(best, lane) for lane in known[1:]):
        return f"{_drawing_sentence(known)} {ONE_DRAWN}"
    leaders = _leaders(known)
    if len(leaders) == len(known):
        if any(overlap(best.first, lane.first) for lane in known[1:]):
            reason = "for the intervals of the first text overlap"
            return f"No difference is shown, {reason}: {_each(known)}.{_basis(known)}"
        return f"No noticeable difference in the first text: {_each(known)}. {_ends(known)}{_basis(known)}"
    behind = [lane for lane in known if lane not in leaders]
    if len(leaders) > 1:
        return f"{_shared_win(leaders, behind)}. {_ends(known)}{_basis(known)}"
    # Nothing is drawn in repeats.
    showed = f"{'had' if best.first else 'showed'} {whose(best)} first text after {first_text(best)}"
    others = " and ".join(lead_of_one(best, lane) for lane in behind)
    return f"{named(best, begins=True)} {showed}: {others}. {_ends(known)}{_basis(known)}"


def _shared_win(leaders: Sequence[Contender], behind: Sequence[Contender]) -> str:
    """By how much all leaders were sooner than those behind them, or where that is not true of all, one of them."""
    drawing = " in drawing the first text" if all(same_source(leaders[0], lane) for lane in leaders[1:]) else ""
    leads = [(lane, lead_of_all(leaders, lane)) for lane in behind]
    shared = " and ".join(lead for _, lead in leads if lead)
    return "; ".join(
        [
            f"Between {_listed(leaders, first_text)} no difference{drawing} is shown{_freezes(leaders)}",
            *([f"they had their first text {shared}"] if shared else []),
            *(own_lead(leaders, lane) for lane, lead in leads if not lead),
        ]
    )


def base_of(lanes: Sequence[Contender]) -> int | None:
    """The position of the lane whose first text the sentence divides by; `None` if no lane has one.

    Of several between which no difference is shown it is the slowest; it is the soonest one if nothing is behind them.
    """
    ranked = _ranked(lanes)
    if not ranked:
        return None
    leaders = [n for n in ranked if alike(lanes[ranked[0]], lanes[n])]
    return max(leaders, key=lambda n: lanes[n].first_s or 0.0) if len(leaders) < len(ranked) else ranked[0]


def _ranked(lanes: Sequence[Contender]) -> list[int]:
    """The positions of the lanes with a first text, the soonest first."""
    return [n for _, n in sorted((first, n) for n, first in enumerate(comparable_firsts(lanes)) if first is not None)]


def _leaders(known: Sequence[Contender]) -> list[Contender]:
    """The lanes that are as soon as the first of these, which are ranked."""
    return [lane for lane in known if alike(known[0], lane)]


def _too_few(lanes: Sequence[Contender]) -> str:
    """Why there is nothing to compare: a run that waits for an answer may have a text, and has not completed."""
    waiting = [named(lane, begins=n == 0) for n, lane in enumerate([lane for lane in lanes if lane.waits])]
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
        f"first text after {first_text(every)} against {first_text(one)}, end after {_end(every)} against {_end(one)}"
        f"{f', with {every.bytes / one.bytes:.1f}× the bytes' if one.bytes and every.bytes else ''}"
    )
    within = overlap(one.first, every.first), overlap(one.end, every.end)
    equal = [nearly_equal(*pair) or (pair[1] or 0.0) < (pair[0] or 0.0) for pair in pairs]
    if all(equal):
        slower = any((pair[1] or 0.0) > (pair[0] or 0.0) * EQUAL_RATIO for pair in pairs)
        noticeable = "noticeable " if slower else ""
        return f"No {noticeable}performance degradation with all modes at once: {shown}.{_basis(lanes)}"
    if all(map(any, zip(equal, within, strict=True))):
        shown = f"for the intervals overlap: {shown}"
        return f"No performance degradation with all modes at once is shown, {shown}.{_basis(lanes)}"
    return f"All modes at once were slower: {shown}.{_basis(lanes)}"


def comparable_firsts(lanes: Sequence[Contender]) -> list[float | None]:
    """The first texts by which the lanes are ranked, in seconds; in lanes of one source as if all had arrived alike."""
    firsts: list[float | None] = []
    for lane in lanes:
        alike = [other.arrived_s for other in lanes if same_source(lane, other) and other.arrived_s is not None]
        late_s = lane.late_s
        firsts.append(lane.first_s if len(alike) < 2 or late_s is None else fmean(alike) + late_s)
    return firsts


def _drawing_sentence(known: Sequence[Contender]) -> str:
    """Which way of drawing showed soonest what had arrived."""
    best, leaders, note = known[0], _leaders(known), "When a text arrives is the model's doing."
    if len(leaders) == len(known):
        each = ", ".join(f"{named(lane)} {late_text(lane)}" for lane in known) + _freezes(known)
        return f"No noticeable difference in drawing the first text after its arrival: {each}. {note} {_ends(known)}"
    behind = known[len(leaders) :]
    if len(leaders) == 1:
        drew = f"{named(best, begins=True)} drew its first text"
        later = " and ".join(f"{named(lane)} {late_text(lane)}" for lane in behind)
        at_once = round((best.late_s or 0.0) * 1000) == 0
        how = (
            f"as it arrived, {later} after it had arrived"
            if at_once
            else f"{late_text(best)} after it had arrived, {later}"
        )
        return f"{drew} {how}. {note} {_ends(known)}"
    others = " and ".join(drawing_lead(leaders, lane) for lane in behind)
    drew = f"Between {_listed(leaders, late_text)} no difference is shown; they drew their first text after its arrival"
    return f"{drew} {others}. {note} {_ends(known)}"


def _freezes(lanes: Sequence[Contender]) -> str:
    """How long lanes that differ only in drawing then showed no new text, where one of them did so for much longer."""
    told = [(lane, lane.freeze_s) for lane in lanes if lane.freeze_s is not None and same_source(lane, lanes[0])]
    times = [freeze_s for _, freeze_s in told]
    if len(told) < 2 or max(times) < _FREEZE_S or max(times) < _MUCH_LONGER * min(times):
        return ""
    each = ", ".join(f"{named_again(lane)} for up to {in_seconds(freeze_s)}" for lane, freeze_s in told)
    return f", but then the text stood still in {each}"


def _end(lane: Contender) -> str:
    return in_seconds(lane.end_s) + with_range(lane.end)


def _each(lanes: Sequence[Contender]) -> str:
    return ", ".join(f"{named(lane)} {first_text(lane)}" for lane in lanes)


def _listed(lanes: Sequence[Contender], time_of: Callable[[Contender], str]) -> str:
    """The lanes with a time of each; the last one after an “and”."""
    # A range has brackets of its own, and so have lanes taken together.
    times = [time_of(lane).replace(" (", ", ").rstrip(")") for lane in lanes]
    return listed([f"{named(lane)} ({time})".replace(") (", "; ") for lane, time in zip(lanes, times, strict=True)])


def _ends(lanes: Sequence[Contender]) -> str:
    """How the ends compare: an earlier first text does not mean a shorter run."""
    ended = sorted((lane for lane in lanes if lane.end_s is not None), key=lambda lane: lane.end_s or 0.0)
    if len(ended) < 2:
        return ""
    first, last = ended[0], ended[-1]
    if nearly_equal(first.end_s, last.end_s) or overlap(first.end, last.end):
        low, high = in_seconds(first.end_s), in_seconds(last.end_s)
        return f"All ended at about the same time ({low if low == high else f'{low} to {high}'})."
    # Who has the same time as the last, as it reads in the table beside this sentence, is last too.
    firsts = [lane for lane in ended if nearly_equal(first.end_s, lane.end_s) and _end(lane) != _end(last)]
    lasts = [lane for lane in ended if lane not in firsts and nearly_equal(lane.end_s, last.end_s)]
    soonest = _ended(firsts, "ended first")
    return f"{soonest[0].upper()}{soonest[1:]}; {_ended(lasts, 'last')}."


def _ended(lanes: Sequence[Contender], place: str) -> str:
    """The lane or the lanes that ended at this place, with the time of each."""
    if len(lanes) == 1:
        return f"{named_again(lanes[0])} {place}, after {_end(lanes[0])}"
    return f"{_listed(lanes, _end)} {place}"


def _basis(lanes: Sequence[Contender]) -> str:
    """On how many runs the sentence rests."""
    intervals = [lane.first for lane in lanes if lane.first is not None]
    if not intervals:
        drawing = any(same_source(one, other) for n, one in enumerate(lanes) for other in lanes[:n])
        return f" {ONE_MIXED if drawing else ONE_RACE}"
    counts = {interval.count for interval in intervals}
    if (runs := min(counts)) == 1:
        return " One run each so far."
    confidence = min(interval.confidence for interval in intervals)
    least = "at least " if len(counts) > 1 else ""
    return f" Medians of {least}{runs} runs each; the intervals have a confidence of {least}{confidence:.1%}."
