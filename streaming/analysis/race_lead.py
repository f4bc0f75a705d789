"""How much sooner the first lanes of a race were than one behind them: each figure is true of every lane it names."""

from collections.abc import Sequence

from streaming.analysis.contender import Contender, alike, first_text, in_seconds, late_text, named, same_source, whose


def _slowest(leaders: Sequence[Contender]) -> Contender:
    """The one that showed its first text last."""
    return max(leaders, key=lambda lane: lane.first_s or 0.0)


def lead_of_all(leaders: Sequence[Contender], lane: Contender) -> str | None:
    """By how much each of these was sooner than a lane behind them; `None` if that cannot be said of each."""
    slow, least = _slowest(leaders), _least(leaders)
    if slow.first_s is None or lane.first_s is None or any(alike(leader, lane) for leader in leaders):
        return None
    of_source = [leader for leader in leaders if same_source(leader, lane)]
    if not of_source:
        if not 0.0 < slow.first_s < lane.first_s:
            return None
        return f"{least}{lane.first_s / slow.first_s:.1f}× sooner than {named(lane)} with {first_text(lane)}"
    took = f"sooner than {named(lane)} with {first_text(lane)} ({late_text(lane)} of it drawing)"
    if (ahead_s := _as_shown(slow.first_s, lane.first_s)) > 0:
        return f"{least}{in_seconds(ahead_s)} {took}"
    drawn_s = _drawn_ahead_s(leaders, lane)
    return f"in drawing alone {least}{in_seconds(drawn_s)} {took}" if of_source == leaders and drawn_s > 0 else None


def lead_of_one(leader: Contender, lane: Contender) -> str:
    """By how much this one was sooner than a lane behind it, or later if only its drawing puts it in front."""
    return lead_of_all([leader], lane) or _apart(leader, lane)


def own_lead(leaders: Sequence[Contender], lane: Contender) -> str:
    """Of which of several leaders it can be said by how much it was sooner, with its name."""
    drawn = [leader for leader in leaders if same_source(leader, lane) and not alike(leader, lane)]
    # Never a ratio: that of the table refers to the slowest of the leaders.
    leader = min(drawn, key=lambda one: one.late_s or 0.0) if drawn else leaders[0]
    lead = lead_of_one(leader, lane) if drawn else _apart(leader, lane)
    return f"{named(leader)} had {whose(leader)} first text {lead}"


def drawing_lead(leaders: Sequence[Contender], lane: Contender) -> str:
    """By how much the drawing of each of these, all of one source, was sooner than that of a lane behind them."""
    return (
        f"{_least(leaders)}{in_seconds(_drawn_ahead_s(leaders, lane))} sooner than {named(lane)} with {late_text(lane)}"
    )


def _least(leaders: Sequence[Contender]) -> str:
    """That all but the slowest were sooner still."""
    return "at least " if len(leaders) > 1 else ""


def _apart(leader: Contender, lane: Contender) -> str:
    apart_s = _as_shown(leader.first_s or 0.0, lane.first_s or 0.0)
    how = f"{in_seconds(abs(apart_s))} {'sooner' if apart_s > 0 else 'later'} than" if apart_s else "as soon as"
    return f"{how} {named(lane)} with {first_text(lane)}"


def _drawn_ahead_s(leaders: Sequence[Contender], lane: Contender) -> float:
    return _as_shown(max(leader.late_s or 0.0 for leader in leaders), lane.late_s or 0.0)


def _as_shown(sooner_s: float, later_s: float) -> float:
    """The difference as a reader subtracts: of the times rounded as they are shown."""
    return (round(later_s * 1000) - round(sooner_s * 1000)) / 1000
