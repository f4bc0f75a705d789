"""Causes in what a run asked for: modes, subgraphs, the whole state."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from streaming.analysis.diagnosis.evidence import Evidence
from streaming.analysis.diagnosis.finding import Finding, finding_at
from streaming.core.events import Values


def no_messages(evidence: Evidence) -> Iterator[Finding]:
    """A model answers, but no mode that carries its tokens was asked for."""
    if evidence.asks_for_tokens or not evidence.modes or evidence.writes > 1 or not _asks_a_model(evidence):
        return
    asked = ", ".join(f"`{mode}`" for mode in evidence.modes)
    yield Finding(
        cause="no-messages",
        sentence=f"No token could come: the run asked for {asked}, and not for `messages`.",
        cure="Add `messages` to `stream_mode`; a node's `.invoke()` then streams without a change.",
    )


def no_custom(evidence: Evidence) -> Iterator[Finding]:
    """A node writes to the stream, and the mode that carries this was not asked for."""
    if "custom" in evidence.modes or not evidence.modes or evidence.writes:
        return
    for path, node in evidence.facts.nodes.items():
        # A writer in a thread writes nowhere, which is named by itself.
        if not node.writes or node.calls_of("thread writer") or not evidence.has_run(path):
            continue
        yield finding_at(
            None,
            "no-custom",
            node,
            f"“{path}” writes to the stream itself, and the run did not ask for `custom`: what it writes is lost.",
            "Add `custom` to `stream_mode`.",
        )


def _asks_a_model(evidence: Evidence) -> bool:
    if evidence.facts.known:
        return evidence.facts.has_model
    states = [entry.event.fields for entry in evidence.events if isinstance(entry.event, Values)]
    return bool(states) and _has_answer(states[-1])


def _has_answer(fields: Mapping[str, Any]) -> bool:
    lists = [value for value in fields.values() if isinstance(value, list)]
    return any(isinstance(one, Mapping) and one.get("type") == "ai" for found in lists for one in found)


def subgraphs(evidence: Evidence) -> Iterator[Finding]:
    """A node is a graph, and what happens inside was not asked for."""
    if evidence.subgraphs or not evidence.asks_for_tokens:
        return
    for path, node in evidence.facts.nodes.items():
        if not node.subgraph or "/" in path or not evidence.has_run(path) or evidence.streamed(path):
            continue
        inside = [one for one in evidence.facts.nodes if one.startswith(f"{path}/")]
        if not any(evidence.facts.models_of(one) or evidence.facts.nodes[one].calls_of("model") for one in inside):
            continue
        first = evidence.facts.nodes[inside[0]]
        yield Finding(
            cause="subgraphs",
            node=path,
            sentence=f"“{path}” is a graph of its own, and the run did not ask for subgraphs: no token of the model in "
            "it could come.",
            cure="Call `astream(…, subgraphs=True)`; each part then names its subgraph in `ns`.",
            file=first.file,
            line=first.line,
        )


def values(evidence: Evidence) -> Iterator[Finding]:
    """The whole state was sent after each superstep, where the changes alone would have been far smaller."""
    if "values" not in evidence.modes or "updates" in evidence.modes:
        return
    sent = needed = 0
    before: dict[Any, Mapping[str, Any]] = {}
    for entry in evidence.events:
        if not isinstance(entry.event, Values):
            continue
        fields = entry.event.fields
        sent += entry.size
        needed += _changed_bytes(before.get(entry.event.ns, {}), fields)
        before[entry.event.ns] = fields
    saved, limits = sent - needed, evidence.thresholds
    if saved < limits.saved_bytes or sent < limits.ratio * max(needed, 1):
        return
    yield Finding(
        cause="values",
        sentence=f"`values` sent {sent:,} bytes, of which {needed:,} were new: {saved:,} repeated what had been sent.",
        cure="Ask for `updates`, which sends only what each node changed.",
        saved_bytes=saved,
    )


def _changed_bytes(before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    """The size of what changed, where a list or mapping that grew counts with its new items alone."""
    total = 0
    for name, value in after.items():
        old = before.get(name)
        if name in before and old == value:
            continue
        if isinstance(value, list) and isinstance(old, list) and value[: len(old)] == old:
            value = value[len(old) :]
        elif isinstance(value, Mapping) and isinstance(old, Mapping) and old.items() <= value.items():
            value = {key: item for key, item in value.items() if key not in old}
        total += len(orjson.dumps({name: value}, default=str, option=orjson.OPT_NON_STR_KEYS))
    return total
