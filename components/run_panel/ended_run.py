"""What pages draw from the log of a run that has ended, computed once for each run."""

from collections.abc import Iterable
from functools import partial

from streaming.analysis.insights import run_insights
from streaming.core.events import LogEntry
from streaming.core.graph_description import Edge
from streaming.core.once_a_run import OnceARun
from streaming.core.run import Run
from streaming.projections.active_nodes import ActiveNodes
from streaming.projections.answer_ends import AnswerEnds
from streaming.projections.base import apply_all
from streaming.projections.bounds import bounded_log
from streaming.projections.metrics import Metrics, MetricsCollector

_LOGS: OnceARun[list[LogEntry]] = OnceARun()
_METRICS: OnceARun[Metrics] = OnceARun()
_NODES: OnceARun[frozenset[str]] = OnceARun()
_KEPT: OnceARun[bool] = OnceARun()
_INSIGHTS: OnceARun[list[str]] = OnceARun()


def graph_may_start(run: Run) -> bool:
    """Whether the run's graph has started, or may still start: a refused run has nothing to show."""
    return run.ended is None or run.started is not None


def bounded_events(run: Run) -> list[LogEntry]:
    """What views may hold of the run's log."""
    return _LOGS.get(run, lambda: bounded_log(run.events)[0])


def nodes_of(run: Run, edges: Iterable[Edge]) -> frozenset[str]:
    """The nodes of the outer graph that ran in the run, as far as its modes tell."""
    return _NODES.get(run, partial(_nodes_of, run, edges))


def _nodes_of(run: Run, edges: Iterable[Edge]) -> frozenset[str]:
    active = apply_all(ActiveNodes(edges), bounded_events(run))
    return active.finished | active.seen


def metrics_of(run: Run) -> Metrics:
    """The figures of the run."""
    return _METRICS.get(run, lambda: apply_all(MetricsCollector(), run.events).metrics())


def insights_of(run: Run, *, max_tokens: int | None = None) -> list[str]:
    """The sentences of advice; `max_tokens` is the limit of each answer."""
    return _INSIGHTS.get(run, partial(run_insights, run.events, max_tokens=max_tokens), key=max_tokens)


def was_kept(run: Run) -> bool:
    """Whether an answer of the run broke off in an earlier one, and a person kept it as it is."""
    # Only a run that continues another one has text of it.
    return run.request.resume is not None and _KEPT.get(run, partial(_was_kept, run))


def _was_kept(run: Run) -> bool:
    return any(end.ending == "kept incomplete" for end in apply_all(AnswerEnds(), run.events).ends)
