"""The pieces of an answer that were written one by one, and arrive at once: something on the way collects them."""

from collections.abc import Iterator

from streaming.analysis.diagnosis.evidence import Evidence, node_path
from streaming.analysis.diagnosis.finding import Finding
from streaming.analysis.diagnosis.model_calls import asked_at, clock_ahead_at_least_s
from streaming.analysis.diagnosis.waiting import blocking_calls
from streaming.core.events import Token
from streaming.projections.messages import StreamedMessage

_LEAST_PIECES = 8
"""A shorter answer may come in one packet from any model."""
_S_PER_PIECE = 0.0015
"""Hardly any model writes a piece in less; the way from a graph into the log takes about half of it for each."""
_MOST_OF_THE_WAIT = 0.2
_MOST_HELD = 0.5
"""From which part of the silence on a blocked event loop explains it: what comes meanwhile is read at once later."""


def pieces_held_back(evidence: Evidence) -> Iterator[Finding]:
    """A model was silent for long, and then all pieces of its answer came faster than a model writes."""
    ahead_s = clock_ahead_at_least_s(evidence.events)
    if ahead_s is None:
        return
    kept = {entry.event.message_id for entry in evidence.events if isinstance(entry.event, Token) and entry.event.kept}
    told: set[str] = set()
    for message in evidence.answers:
        path = node_path(message.ns, message.node)
        silent_s = _silence_before(message, ahead_s)
        if path in told or message.message_id in kept or message.whole or _thought(message):
            continue
        if silent_s < evidence.thresholds.held_s or not _came_at_once(message, silent_s):
            continue
        if not _loop_was_held(evidence, silent_s):
            told.add(path)
            yield _found(evidence, path, message, silent_s)


def _silence_before(message: StreamedMessage, ahead_s: float) -> float:
    """For how long nothing came of an answer: since its model was asked, since its reasoning, or its first empty piece.

    It is 0 where it is not known when the model was asked: its node may have worked before.
    """
    asked, first = asked_at(message.message_id, ahead_s=ahead_s), message.first_text_at
    if asked is None or first is None:
        return 0.0
    signs = (message.started_at, message.last_reasoning_at)
    return first - max(asked, *(sign for sign in signs if sign is not None and sign < first), 0.0)


def _came_at_once(message: StreamedMessage, silent_s: float) -> bool:
    span_s = _span_s(message)
    quick = span_s < _S_PER_PIECE * (message.chunks - 1) and span_s < _MOST_OF_THE_WAIT * silent_s
    return message.chunks >= _LEAST_PIECES and quick


def _span_s(message: StreamedMessage) -> float:
    return (message.last_text_at or 0.0) - (message.first_text_at or 0.0)


def _thought(message: StreamedMessage) -> bool:
    """Whether the model thought unseen, as its count of tokens tells: then it was not silent for nothing."""
    details = (message.usage or {}).get("output_token_details")
    return isinstance(details, dict) and bool(details.get("reasoning"))


def _loop_was_held(evidence: Evidence, silent_s: float) -> bool:
    """Whether code that blocks explains it, which is a cause of its own."""
    measured = any(stall.longest_s >= _MOST_HELD * silent_s for stall in evidence.stalls)
    return measured or any(
        blocking_calls(node) and evidence.has_run(path) for path, node in evidence.facts.nodes.items()
    )


def _found(evidence: Evidence, path: str, message: StreamedMessage, silent_s: float) -> Finding:
    node = evidence.node_at(path)
    call = next(iter(node.calls_of("model")), None) if node else None
    place = call if call is not None and call.file else node
    return Finding(
        cause="held-back",
        node=path,
        sentence=f"All {message.chunks:,} pieces of “{path}” came within {_span_s(message) * 1000:,.0f} ms, after "
        f"at least {silent_s:.1f} s of silence. Hardly any model writes so fast: something between it and the graph "
        "holds the pieces back, such as a proxy, compression, or a client that collects them.",
        cure="Let the proxy pass on each piece (nginx: `proxy_buffering off`), without compression of "
        "`text/event-stream`, and let the model's class yield each piece when it comes.",
        file=place.file if place else None,
        line=place.line if place else None,
        silent_s=silent_s,
    )
