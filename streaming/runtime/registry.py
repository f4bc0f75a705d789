"""Finds runs by their id, knows how conversations continue, and evicts old runs within limits for each session."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from streaming.core.errors import AnsweredAlready
from streaming.core.run import Run

RUNS_PER_OWNER = 200
"""Enough for a long conversation with edited turns. A session with more loses its own oldest runs."""

BYTES_PER_OWNER = 60_000_000
"""Three runs at a run's default limit of 20 MB."""

BYTES = 400_000_000
"""The limit for all runs, so that many busy sessions cannot fill the memory of a small server."""

MAX_AGE_S = 3600.0
"""A tab that is reloaded later than this finds its run in the history instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryLimits:
    """What the registry retains: runs and bytes of events of one owner, bytes of all, seconds since submission.

    Runs without an owner are one group.
    """

    runs_per_owner: int = RUNS_PER_OWNER
    bytes_per_owner: int = BYTES_PER_OWNER
    bytes: int = BYTES
    age_s: float = MAX_AGE_S

    def __post_init__(self) -> None:
        for limit in fields(self):
            if getattr(self, limit.name) <= 0:
                raise ValueError(f"registry limit {limit.name} must be above 0")


class RunRegistry:
    """The runs of an engine; safe to use from any thread.

    A run that is unfinished or followed is never evicted, and the size limits never evict an owner's newest run.
    Visitors cannot list runs: they reach only those whose id they know. Each of `on_added` is called with the id of a
    new run, in the thread that adds it.
    """

    def __init__(self, limits: RegistryLimits | None = None) -> None:
        self._limits = limits or RegistryLimits()
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}
        self.on_added: list[Callable[[str], object]] = []

    def add(self, run: Run) -> list[str]:
        """Register a run, and `evict` those beyond the limits; returns what that returns."""
        with self._lock:
            self._runs[run.id] = run
        for tell in self.on_added:
            tell(run.id)
        return self.evict()

    def get(self, run_id: str) -> Run | None:
        """The run with this id; `None` if there is none, or if it was evicted."""
        return self._runs.get(run_id)

    def runs(self) -> list[Run]:
        """All runs in the order of their submission; for the engine only."""
        with self._lock:
            return list(self._runs.values())

    def turns(self, run: Run) -> list[Run]:
        """The conversation that led to this run, oldest first, ending with it."""
        turns = [run]
        while (previous := turns[0].request.previous_run_id) and (earlier := self.get(previous)):
            turns.insert(0, earlier)
        return turns

    def versions(self, run: Run) -> list[Run]:
        """The runs that took the same turn of a conversation, oldest first: the first one and its replacements."""
        first = run.request.replaces_run_id or run.id
        return [version for version in _in_order(self.runs()) if first in (version.id, version.request.replaces_run_id)]

    def newest_after(self, run: Run) -> Run:
        """The newest run of the conversation that continued from this run; the run itself if there is none.

        A run that was refused because another one had continued the thread does not count.
        """
        runs = [later for later in _in_order(self.runs()) if not _refused(later)]
        while next_runs := [later for later in runs if later.request.previous_run_id == run.id]:
            run = next_runs[-1]
        return run

    def evict(self) -> list[str]:
        """Drop the runs beyond the limits; returns the ids of the threads that no run needs any more.

        A thread that waits for an answer is not among them: its question can be answered after its run was evicted.
        """
        with self._lock:
            evicted = self._surplus()
            for run in evicted:
                del self._runs[run.id]
            needed = {run.thread_id for run in self._runs.values()}
        newest_of_thread = {run.thread_id: run for run in evicted}
        return [thread for thread, run in newest_of_thread.items() if thread not in needed and not run.interrupted]

    def _surplus(self) -> list[Run]:
        """The runs to drop, oldest first."""
        by_owner: dict[str | None, list[Run]] = defaultdict(list)
        for run in self._runs.values():
            by_owner[run.owner].append(run)
        dropped = {run.id for runs in by_owner.values() for run in self._surplus_of_owner(runs)}
        retained = {owner: [run for run in runs if run.id not in dropped] for owner, runs in by_owner.items()}
        dropped |= {run.id for run in self._surplus_of_all(retained)}
        return [run for run in self._runs.values() if run.id in dropped]

    def _surplus_of_owner(self, runs: list[Run]) -> Iterator[Run]:
        limits, count, size = self._limits, 0, 0
        for run in reversed(runs):
            too_many = count >= limits.runs_per_owner
            too_large = count > 0 and size + run.bytes > limits.bytes_per_owner
            if _evictable(run) and (too_many or too_large or run.age_s > limits.age_s):
                yield run
            else:
                count, size = count + 1, size + run.bytes

    def _surplus_of_all(self, by_owner: dict[str | None, list[Run]]) -> Iterator[Run]:
        """The oldest runs of the owner with the most bytes, then of the next one, until the rest fits."""
        sizes = {owner: sum(run.bytes for run in runs) for owner, runs in by_owner.items()}
        candidates = {owner: [run for run in runs if _evictable(run)][:-1] for owner, runs in by_owner.items()}
        while sum(sizes.values()) > self._limits.bytes:
            owners = [owner for owner, runs in candidates.items() if runs]
            if not owners:
                return
            largest = max(owners, key=sizes.__getitem__)
            run = candidates[largest].pop(0)
            sizes[largest] -= run.bytes
            yield run


def _in_order(runs: Iterable[Run]) -> list[Run]:
    """Runs in the order of their submission, the oldest first; those executed here are in this order already.

    A run of the history has its place by its time, but the system's clock may have been set back since.
    """
    latest, times = datetime.min.replace(tzinfo=UTC), {}
    for run in (runs := list(runs)):
        latest = latest if run.stored else max(latest, run.created_at)
        times[run.id] = run.created_at if run.stored else latest
    return sorted(runs, key=lambda run: times[run.id])


def _refused(run: Run) -> bool:
    return run.ended is not None and run.ended.error == AnsweredAlready.__name__


def _evictable(run: Run) -> bool:
    return run.ended is not None and not run.followed
