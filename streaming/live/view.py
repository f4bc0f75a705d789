"""The view model of one run: runs every projection once, and gives the patches of each log entry."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, pairwise
from math import inf
from typing import Any

from streaming.core.events import Ended, GraphEvent, LogEntry
from streaming.core.graph_description import Edge
from streaming.live import patches
from streaming.live.feed import ALL_KINDS, Aliases, Feed, PacedFeed
from streaming.live.graph_feeds import (
    ActiveFeed,
    CheckpointFeed,
    CustomFeed,
    NamespaceFeed,
    SpanFeed,
    StateFeed,
    TaskFeed,
    TraceFeed,
    UpdateFeed,
)
from streaming.live.patches import DEFAULT_VIEWS, Patch, operations
from streaming.live.raw_rows import RawRows
from streaming.live.run_feeds import FigureFeed, KindFeed, LaneFeed, RunFeed
from streaming.live.text_feeds import AnswerFeed, BranchFeed, CallFeed, TableFeed, TextFeed
from streaming.projections.bounds import Bounds

_log = logging.getLogger(__name__)

PACE_S = 0.1
"""Shortest time between two sends of the paced feeds, in run time; pending patches of a silent run are sent too."""

_SETTLED_ENTRIES = 2_000
"""Entries of a recording up to which all its views are exact at every moment; beyond, only the counts are."""

_PACE_PER_TEXT_S = 1e-5
"""The percentiles sort all gaps, so they are computed less often the more there are: 20,000 pieces give 0.2 s."""
_PACE_PER_MESSAGE_S = 1e-4
"""The figures go through all messages: to play 80,000 pieces of 5,000 took the server 26 s, and now 7."""


class RunView:
    """Turns the log entries of one run, in order, into patches.

    The patches depend on the log only, not on the time of the call: a live view, a late one, a replay and an exported
    file get the same ones, and the last two also what a live view sends in pauses. `about` are the fields of the run
    that are in no event (graph, model, modes, prompt), `edges` those of its graph. `seq` is the number of log entries
    applied.
    """

    def __init__(self, *, about: Mapping[str, Any] | None = None, edges: Iterable[Edge] = ()) -> None:
        self._about = dict(about or {})
        self.seq = 0
        self._bounds = Bounds()
        self._exceeded = 0
        messages, branch_ids = Aliases("m"), Aliases("b")
        branches = BranchFeed(branch_ids)
        self._figures = FigureFeed()
        self._paced: tuple[PacedFeed, ...] = (
            *(self._figures, LaneFeed(), branches),
            *(NamespaceFeed(), TableFeed(), KindFeed()),
        )
        # The text feed reads the branches' projection, and the calls name messages that the text feed opens.
        self._feeds: tuple[Feed, ...] = (
            *(RunFeed(), branches, TextFeed(messages, branch_ids, branches.branches), CallFeed(messages)),
            AnswerFeed(str(self._about.get("prompt") or "")),
            *(SpanFeed(), CustomFeed(), StateFeed(), UpdateFeed(), TaskFeed(), CheckpointFeed(), TraceFeed()),
            *(ActiveFeed(edges), *(feed for feed in self._paced if feed is not branches)),
        )
        self._feeds_of = _by_kind(self._feeds)
        self._paced_at = -PACE_S
        self._pace_s = PACE_S

    def opening(self) -> list[Patch]:
        """The patches before the first entry."""
        return [patches.run({"status": "Running", **self._about})]

    def apply(self, entry: LogEntry) -> list[Patch]:
        """The patches of what this entry changes."""
        out: list[Patch] = []
        urgent: list[Feed] = []
        entry = self._bounds.shortened(entry)
        shown = self._bounds.bounded(entry)
        # The engine's own events are counted by nothing, but shown by feeds that count the others.
        counted = isinstance(entry.event, GraphEvent)
        for feed in self._feeds_of[entry.event.kind]:
            taken = entry if feed.counts_all and counted else shown
            if taken is None:
                continue
            try:
                if feed.take(taken, out):
                    urgent.append(feed)
            except Exception:  # noqa: BLE001 - one feed that fails must not stop the others
                out.extend(self._give_up(feed))
        self.seq += 1
        ended = isinstance(entry.event, Ended)
        if self._bounds.exceeded > self._exceeded or (ended and self._exceeded):
            self._exceeded = self._bounds.exceeded
            out.append(patches.run({"bounded": self._bounds.sentence}))
        if ended or entry.t - self._paced_at >= self._pace_s:
            out.extend(self.pending(settle=True))
            self._paced_at = entry.t
            texts, messages = self._figures.texts, self._figures.messages
            self._pace_s = max(PACE_S, texts * _PACE_PER_TEXT_S + messages * _PACE_PER_MESSAGE_S)
        elif urgent:
            out.extend(self._pending([feed for feed in self._paced if feed in urgent], settle=True))
        if ended:
            out.append(patches.over())
        return out

    def pending(self, *, settle: bool = False) -> list[Patch]:
        """The patches that paced feeds hold back, to be sent when the run is silent; they may be applied twice.

        `settle`, for the view's own use, marks them as sent to all followers.
        """
        return self._pending(self._paced, settle=settle)

    def _pending(self, feeds: Iterable[PacedFeed], *, settle: bool) -> list[Patch]:
        out: list[Patch] = []
        for feed in feeds:
            try:
                out += feed.pending(settle=settle)
            except Exception:  # noqa: BLE001 - one feed that fails must not stop the others
                out += self._give_up(feed)
        return out

    def settle(self, silent_s: float) -> list[Patch]:
        """The patches at a moment of a recording that is followed by this many seconds without an event.

        A live view sends what is held back when the run is silent. A recording may be paused at any moment, so the
        counts of its events and bytes are exact at each; the rest too while the run is short, and at the pauses of a
        long one.
        """
        if silent_s >= self._pace_s or self.seq <= _SETTLED_ENTRIES:
            return self.pending(settle=True)
        return self._figures.counts()

    def _give_up(self, feed: Feed) -> list[Patch]:
        """Continue without a feed that failed: a graph may write anything, and the other views must not suffer."""
        _log.exception("a view of a run failed")
        self._feeds = tuple(working for working in self._feeds if working is not feed)
        self._paced = tuple(working for working in self._paced if working is not feed)
        self._feeds_of = _by_kind(self._feeds)
        name = type(feed).__name__.removesuffix("Feed").lower()
        return [patches.run({"trouble": f"The view “{name}” failed and does not change any more. The run continues."})]


def _by_kind(feeds: Iterable[Feed]) -> dict[str, list[Feed]]:
    feeds = list(feeds)
    return {kind: [feed for feed in feeds if kind in feed.kinds] for kind in ALL_KINDS}


def patches_of(
    events: Iterable[LogEntry],
    *,
    about: Mapping[str, Any] | None = None,
    edges: Iterable[Edge] = (),
    views: Iterable[str] = DEFAULT_VIEWS,
) -> Iterator[tuple[float, list[Patch]]]:
    """The patches of a finished run or of a recording, with the time of each entry, for players and exported files."""
    view, views = RunView(about=about, edges=edges), frozenset(views)
    wanted, raw, rows = operations(views), "raw" in views, RawRows()
    yield 0.0, view.opening()
    for entry, later in pairwise(chain(events, [None])):
        assert entry is not None
        found = view.apply(entry)
        t, silent_s = _moment(entry), _moment(later) - _moment(entry) if later else inf
        if silent_s > 0:
            found += view.settle(silent_s)
        changes = [patch for patch in found if patch[0] in wanted]
        if raw and (row := rows.row(entry)) is not None:
            changes.append(patches.raw([row]))
        if changes:
            yield t, changes


def _moment(entry: LogEntry) -> float:
    """The time at which a player applies the entry, with all others of that moment."""
    return round(entry.t, 4)
