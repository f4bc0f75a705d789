"""Texts that nodes have made while nothing came."""

from collections.abc import Iterator, Mapping
from typing import Any

from streaming.analysis.diagnosis.evidence import Evidence, node_path
from streaming.analysis.diagnosis.facts import NodeFacts
from streaming.analysis.diagnosis.finding import Finding, finding_at
from streaming.core.events import LogEntry, TaskEnded, TaskStarted, Token, Updates, Values
from streaming.core.nested_texts import texts_in

_MIN_CHARS, _MIN_WORDS = 20, 3
"""From when on a text is one that a person reads, and no label, number or name."""
_MIN_LETTERS = 10
"""The same for letters that are written without spaces between words."""


def returned_texts(evidence: Evidence) -> dict[str, int]:
    """The characters of text that each node has made while nothing came, by its path in the log.

    Empty for a run that goes on or told of itself. What the run was given counts for nobody.
    """
    if evidence.ended is None or evidence.writes:
        return {}
    found: dict[str, int] = {}
    known = set(texts_in(evidence.given))
    last_sign: float | None = None
    for entry in evidence.events:
        if last_sign is not None and entry.t - last_sign >= evidence.thresholds.finished_s:
            for path, returned in _returned(entry):
                made = sum(len(text) for text in _fields(returned) if _is_prose(text) and text not in known)
                found |= {path: max(made, found.get(path, 0))} if made else {}
        known.update(texts_in(_told(entry)))
        # That a node begins is no sign of its work.
        if not isinstance(entry.event, TaskStarted):
            last_sign = entry.t
    return found


def heard_no_model(evidence: Evidence) -> bool:
    """Whether LangGraph has heard no chat model: beside one that streams, or did not run, a finished text is meant."""
    return not evidence.facts.has_model and not any(message.text for message in evidence.answers)


def joined_pieces(evidence: Evidence, node: NodeFacts, texts: Mapping[str, int]) -> Finding | None:
    """That a node has joined one of these texts from the pieces of a stream which is no model's of LangChain's."""
    calls = node.calls_of("joined stream")
    if not calls or not _chars(node, texts) or evidence.answers_of(node.path):
        return None
    return finding_at(
        calls[0],
        "raw-client",
        node,
        f"“{node.path}” joins the pieces of `{calls[0].text}` itself. LangChain's callbacks do not see that stream, so "
        "no token came.",
        cure_of_finished(evidence),
    )


def without_a_model(evidence: Evidence, node: NodeFacts, texts: Mapping[str, int]) -> Finding | None:
    """That a node, or a task that it calls, has made one of these texts without a chat model."""
    chars = _chars(node, texts)
    # A call that blocks, a graph or a schema explains the silence, and is named by itself.
    told = node.calls_of("structured", "nested graph", "blocking") or node.path in {
        stall.node for stall in evidence.stalls
    }
    return finding_of_text(evidence, node.path, chars, node) if chars and not told else None


def _chars(node: NodeFacts, texts: Mapping[str, int]) -> int:
    """The characters that a node, or a task that it calls, has made of these."""
    return max(texts.get(path, 0) for path in node.paths)


def finding_of_text(evidence: Evidence, path: str, chars: int, node: NodeFacts | None = None) -> Finding:
    """The cause of a text of so many characters; the place is that of the node, where its code is known."""
    return Finding(
        cause="no-model",
        node=path,
        sentence=f"“{path}” returned {chars:,} characters of text, but no chat model that LangGraph can see ran in it, "
        "so there were no tokens to stream.",
        cure=cure_of_finished(evidence),
        file=node.file if node else None,
        line=node.line if node else None,
    )


def cure_of_finished(evidence: Evidence) -> str:
    """What makes tokens of a text that comes whole."""
    how = "Ask through a LangChain chat model, or write each piece with `get_stream_writer()`"
    return f"{how}{evidence.and_ask_for_custom}."


def _returned(entry: LogEntry) -> Iterator[tuple[str, Any]]:
    event = entry.event
    if isinstance(event, Updates) and not event.cached:
        yield from ((node_path(event.ns, name), delta) for name, delta in event.deltas.items())
    elif isinstance(event, TaskEnded):
        yield node_path(event.ns, event.node), event.result


def _told(entry: LogEntry) -> Any:
    event = entry.event
    if isinstance(event, Values):
        return event.state
    if isinstance(event, TaskStarted):
        return event.input
    if isinstance(event, TaskEnded):
        return event.result
    if isinstance(event, Updates):
        return event.deltas
    return event.text if isinstance(event, Token) else None


def _fields(delta: Any) -> Iterator[str]:
    """The texts among the fields that a node has changed: what is in a list, such as documents, is none of them."""
    if isinstance(delta, str):
        yield delta
    elif isinstance(delta, Mapping):
        yield from (value for value in delta.values() if isinstance(value, str))


def _is_prose(text: str) -> bool:
    if len(text) < _MIN_CHARS or text.lstrip()[:1] in ("{", "[", "<"):
        return False
    return len(text.split(maxsplit=_MIN_WORDS)) >= _MIN_WORDS or sum(not one.isascii() for one in text) >= _MIN_LETTERS
