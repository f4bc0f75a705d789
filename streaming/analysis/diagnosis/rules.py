"""All causes that explain how a run streamed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from streaming.analysis.diagnosis.asked import no_custom, no_messages, subgraphs, values
from streaming.analysis.diagnosis.evidence import Evidence
from streaming.analysis.diagnosis.facts import CodeFacts
from streaming.analysis.diagnosis.finding import Finding, Thresholds
from streaming.analysis.diagnosis.held_back import pieces_held_back
from streaming.analysis.diagnosis.silent_nodes import causes_of_silence
from streaming.analysis.diagnosis.waiting import blocking, silent_tools, slow_before_model, slow_nodes
from streaming.analysis.diagnosis.written import dispatched_events, said_twice, thread_writer, tried_again, v1_tuples
from streaming.core.events import LogEntry, Started

Rule = Callable[[Evidence], Iterator[Finding]]

ASKED: tuple[Rule, ...] = (no_messages, no_custom, subgraphs, values)
"""The rules about what a run asked for."""

RULES: tuple[Rule, ...] = (
    no_messages,
    no_custom,
    subgraphs,
    causes_of_silence,
    blocking,
    silent_tools,
    slow_nodes,
    slow_before_model,
    pieces_held_back,
    thread_writer,
    dispatched_events,
    said_twice,
    tried_again,
    v1_tuples,
    values,
)
"""The rules, those first that explain why nothing came at all."""


def diagnose(
    events: Sequence[LogEntry],
    *,
    modes: Sequence[str],
    subgraphs: bool,
    facts: Mapping[str, Any] | None = None,
    thresholds: Thresholds | None = None,
    asked_on_purpose: bool = False,
    given: Any = None,
) -> list[Finding]:
    """Why the run streamed as it did; an empty list for a healthy run, and for one that never reached its graph.

    `facts` are those of `streaming.own_graphs.worker.code_facts`, `None` where the code is not known. With
    `asked_on_purpose` the modes are no mistake, as on a page about one mode: nothing is said about them.
    `given` is the run's input, where it is known.
    """
    if not any(isinstance(entry.event, Started) for entry in events):
        return []
    evidence = Evidence(
        events=events,
        modes=tuple(modes),
        subgraphs=subgraphs,
        facts=CodeFacts(facts),
        thresholds=thresholds or Thresholds(),
        given=given,
    )
    rules = [rule for rule in RULES if not (asked_on_purpose and rule in ASKED)]
    return [finding for rule in rules for finding in rule(evidence)]
