"""Causes for which everything stands still for a while: a node that blocks, a tool or a node that is silent."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from streaming.analysis.diagnosis.evidence import Evidence, node_path
from streaming.analysis.diagnosis.facts import Call, NodeFacts
from streaming.analysis.diagnosis.finding import Finding, finding_at
from streaming.analysis.diagnosis.model_calls import asked_at, clock_ahead_s
from streaming.analysis.diagnosis.returned_text import returned_texts, without_a_model
from streaming.core.events import Custom, LogEntry, Stall, TaskStarted, Token, ToolCalled, Updates

_UNBLOCK = "Await an async client, or move the call into `asyncio.to_thread`."
_MOST = 0.8
"""The part of a stall that must be a gap in the log: its first and last moments may have events."""
_MOST_OF_A_WAIT = 0.5
"""The part of the wait for a first token from which on the node's own work explains it, and not its model."""
_SHARE, _MOST_OTHERS = 0.1, 3
"""Beside the line that took longest others are named: from which part of the whole time on, and how many."""


def blocking(evidence: Evidence) -> Iterator[Finding]:
    """Sync code that waits in an async node: it stops every stream of the process."""
    if evidence.longest_gap_s < evidence.thresholds.blocked_s:
        return
    measured = list(_stalls(evidence))
    yield from measured
    told = {(found.file, found.line) for found in measured}
    for path, node in evidence.facts.nodes.items():
        calls = blocking_calls(node)
        if not calls or not evidence.has_run(path) or any(found.node == path for found in measured):
            continue
        if any((call.file, call.line) in told for call in calls):
            continue
        yield finding_at(
            calls[0],
            "blocking",
            node,
            f"“{path}” is async and calls `{calls[0].text}`, which blocks the event loop: no part of any run is "
            "delivered until it returns.",
            _UNBLOCK,
        )


def blocking_calls(node: NodeFacts) -> list[Call]:
    """The calls in a node that hold the event loop."""
    calls = node.calls_of("blocking", "sync model")
    return calls + [call for call in node.calls_of("nested graph") if call.fields.get("blocks")]


def _stalls(evidence: Evidence) -> Iterator[Finding]:
    """What was seen to hold the loop, once for each node; a run without so long a gap was not held by it."""
    by_node: dict[str, list[Stall]] = {}
    for stall in evidence.stalls:
        ran = not stall.node or evidence.has_run(stall.node)
        if ran and evidence.longest_gap_s >= _MOST * stall.longest_s:
            by_node.setdefault(stall.node, []).append(stall)
    for node, stalls in by_node.items():
        first, *others = sorted(stalls, key=lambda stall: -stall.seconds)
        total, longest = sum(stall.seconds for stall in stalls), max(stall.longest_s for stall in stalls)
        at_once = f", up to {longest:.1f} s at a time" if total > 1.2 * longest else ""
        told = [stall for stall in others if stall.seconds >= _SHARE * total][:_MOST_OTHERS]
        lines = ", ".join(f"{stall.seconds:.1f} s at `{stall.text}` ({_place(stall)})" for stall in told)
        where = f": {first.seconds:.1f} s at `{first.text}`, and {lines}" if told else f" at `{first.text}`"
        yield Finding(
            cause="blocking",
            node=node,
            sentence=f"{f'“{node}” is async and' if node else 'Async code'} held the event loop for {total:.1f} s"
            f"{at_once}{where}. No part of any run is delivered meanwhile.",
            cure=_UNBLOCK,
            file=first.file,
            line=first.line,
        )


def _place(stall: Stall) -> str:
    return f"{Path(stall.file).name}, line {stall.line}"


def silent_tools(evidence: Evidence) -> Iterator[Finding]:
    """A tool ran for long, and nothing at all came meanwhile."""
    began: dict[str, LogEntry] = {}
    names: dict[str, str] = {}
    told: set[str] = set()
    last_sign = 0.0
    for entry in evidence.events:
        event = entry.event
        if isinstance(event, Token) and event.role == "ai":
            for call in event.tool_calls:
                key = str(call.get("id") or "")
                if key:
                    began.setdefault(key, entry)
                    names.setdefault(key, str(call.get("name") or ""))
            # The call is complete with its last fragment.
            began |= {key: entry for key in began if event.tool_calls and key not in told}
        elif isinstance(event, ToolCalled) and event.step == "started":
            began[event.call_id], names[event.call_id] = entry, event.tool
        finished = _finished(event)
        if finished is not None and finished in began and finished not in told:
            told.add(finished)
            silent_s = entry.t - max(began[finished].t, last_sign)
            if silent_s >= evidence.thresholds.silent_s:
                name = names.get(finished) or (event.tool if isinstance(event, ToolCalled) else "")
                yield _silent(evidence, name, silent_s)
        if isinstance(event, Custom) or (isinstance(event, ToolCalled) and event.step == "delta"):
            last_sign = entry.t


def slow_nodes(evidence: Evidence) -> Iterator[Finding]:
    """A node that asks no model worked for long, and nothing at all came meanwhile."""
    signs = _signs(evidence)
    told: set[str] = set()
    texts = returned_texts(evidence) if evidence.asks_for_tokens else {}
    for before, entry in pairwise(signs):
        silent_s = entry.t - before.t
        if not isinstance(entry.event, Updates) or entry.event.cached or silent_s < evidence.thresholds.silent_s:
            continue
        for name in entry.event.deltas:
            node = evidence.facts.nodes.get(node_path(entry.event.ns, name))
            if node is None or node.path in told or _is_told_otherwise(evidence, node):
                continue
            if without_a_model(evidence, node, texts) is not None:
                continue
            told.add(node.path)
            yield finding_at(
                None,
                "silent-tool",
                node,
                f"“{node.path}” worked for {silent_s:.1f} s, and sent no sign of it.",
                f"Report progress from the node with `get_stream_writer()`{evidence.and_ask_for_custom}.",
            )


def slow_before_model(evidence: Evidence) -> Iterator[Finding]:
    """A node worked for long before it asked its model, which was most of the wait for the first token."""
    ahead_s = clock_ahead_s(evidence.events)
    if ahead_s is None:
        return
    begins = {entry.event.task_id: entry.t for entry in evidence.events if isinstance(entry.event, TaskStarted)}
    seen: set[str] = set()
    told: set[str] = set()
    for before, entry in pairwise(_signs(evidence)):
        token = entry.event
        if not isinstance(token, Token) or token.message_id in seen:
            continue
        seen.add(token.message_id)
        node = evidence.node_at(node_path(token.ns, token.node))
        asked = asked_at(token.message_id, ahead_s=ahead_s)
        if node is None or asked is None or token.kept or node.path in told or _may_wait_for_another(evidence, node):
            continue
        began = max(before.t, begins.get(evidence.tasks.get(token.message_id, "").rpartition(":")[2], 0.0))
        worked_s = min(asked, entry.t) - began
        if worked_s < evidence.thresholds.silent_s or worked_s < _MOST_OF_A_WAIT * (entry.t - began):
            continue
        told.add(node.path)
        yield finding_at(
            _waits_before_model(node),
            "silent-tool",
            node,
            f"“{node.path}” worked for {worked_s:.1f} s before it asked its model, and sent no sign of it.",
            f"Report progress from the node with `get_stream_writer()`{evidence.and_ask_for_custom}, or ask the model "
            "first where it does not need that work.",
        )


def _signs(evidence: Evidence) -> list[LogEntry]:
    """All but the starts of nodes: that a node begins is no sign of its work."""
    return [entry for entry in evidence.events if not isinstance(entry.event, TaskStarted)]


def _may_wait_for_another(evidence: Evidence, node: NodeFacts) -> bool:
    """Whether the node may have waited for what the log does not show, such as another model, or is told of already."""
    unheard = ("structured", "nested graph", "raw client", "lost context", "no stream tag", "joined stream")
    told = ("blocking", "sync model")
    # Of two models the first may have failed, and the other took its place.
    models = len(evidence.facts.models_of(node.path)) > 1
    stalled = any(stall.node in ("", node.path) for stall in evidence.stalls)
    missed = node.writes and "custom" not in evidence.modes
    return bool(node.calls_of(*unheard, *told) or models or stalled or missed or node.retries or node.subgraph)


def _waits_before_model(node: NodeFacts) -> Call | None:
    """The call that waits, if the code has one alone, and it is before that of the model."""
    waits = node.calls_of("waiting")
    asks = [call.line for call in node.calls_of("model") if waits and call.file == waits[0].file and call.line]
    if len(waits) != 1 or (asks and (waits[0].line or 0) > min(asks)):
        return None
    return waits[0]


def _is_told_otherwise(evidence: Evidence, node: NodeFacts) -> bool:
    """Whether another cause explains the silence: a model, a tool, a graph in it, a call that blocks, a mode."""
    calls = node.calls_of("model", "sync model", "structured", "nested graph", "raw client", "blocking")
    tools = any(isinstance(entry.event, Token) and entry.event.role == "tool" for entry in evidence.events)
    asks = evidence.facts.models_of(node.path) or evidence.answers_of(node.path)
    unheard = node.writes and "custom" not in evidence.modes
    return bool(calls or tools or asks or unheard or node.subgraph or node.file is None)


def _finished(event: object) -> str | None:
    if isinstance(event, Token) and event.role == "tool":
        return event.tool_call_id
    return event.call_id if isinstance(event, ToolCalled) and event.step in ("finished", "failed") else None


def _silent(evidence: Evidence, name: str, silent_s: float) -> Finding:
    file, line = evidence.facts.tools.get(name, (None, None))
    called = f"The tool “{name}”" if name else "A tool"
    return Finding(
        cause="silent-tool",
        sentence=f"{called} worked for {silent_s:.1f} s, and sent no sign of it.",
        cure=f"Report progress from the tool with `get_stream_writer()`{evidence.and_ask_for_custom}.",
        file=file,
        line=line,
        silent_s=silent_s,
    )
