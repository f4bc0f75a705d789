"""Advice about a run, in sentences."""

from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Any

from streaming.analysis.diagnosis.finding import Finding
from streaming.analysis.diagnosis.rules import diagnose
from streaming.analysis.insights import run_insights
from streaming.core.errors import UnknownGraph
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.own_graphs.own_graphs import OwnGraphs
from streaming.recordings.format import Recording
from streaming.runtime.known_graphs import KnownGraphs
from streaming.runtime.run_diagnosis import facts_of

_WITH_ITS_CODE = "Only what the run sent is known here: --graph path/to/agent.py:graph tells what its code says too."

Facts = Mapping[str, Any] | None


def advice_about(recording: Recording, graphs: KnownGraphs, *, facts: Facts = None) -> list[str]:
    """Why the run ended early, if it did, why it did not stream, and what else is remarkable; often nothing.

    The code is read of a graph that is known here; for others `facts` are what its code says, and without them the
    causes are named by what the run sent.
    """
    ended = recording.ended
    end = f"The run was {ended.outcome}: {ended.reason} {ended.advice}".strip() if ended.reason else ""
    max_tokens = recording.header.settings.get("max_tokens")
    limit = max_tokens if isinstance(max_tokens, int) else None
    causes = [told(finding) for finding in _findings(recording, graphs, facts)]
    code = "" if facts or not is_own_and_not_loaded(recording, graphs) else _WITH_ITS_CODE
    sentences = run_insights(recording.events, max_tokens=limit)
    return [sentence for sentence in (end, *causes, *sentences, code) if sentence]


def told(finding: Finding) -> str:
    """A cause with its cure and its place in the code."""
    place = f" ({finding.file}, line {finding.line})" if finding.file and finding.line else ""
    return f"{finding.sentence} {finding.cure}{place}"


def is_own_and_not_loaded(recording: Recording, graphs: KnownGraphs) -> bool:
    """Whether the graph was the developer's own, and its code is not known here."""
    return recording.header.provider == OWN_MODEL.provider and recording.header.graph not in graphs.names()


def facts_at(place: str, *, interpreter: str) -> Facts:
    """What the code of a developer's graph at this place says; `None` if it cannot be loaded from there any more."""
    with closing(OwnGraphs(place, interpreter=interpreter)) as own:
        return next((facts_of(graph) for graph in own.graphs() if not graph.trouble), None)


def _findings(recording: Recording, graphs: KnownGraphs, facts: Facts) -> list[Finding]:
    header = recording.header
    if header.api != "stream modes":
        return []
    with suppress(UnknownGraph):
        facts = facts_of(graphs.find(header.graph))
    return diagnose(
        recording.events,
        modes=header.modes,
        subgraphs=bool(header.settings.get("subgraphs", True)),
        facts=facts,
        given=header.prompt,
    )
