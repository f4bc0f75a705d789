"""A cause that a diagnosis names, and how it is said."""

from dataclasses import dataclass
from typing import Literal

from streaming.analysis.diagnosis.facts import Call, NodeFacts

Cause = Literal[
    "no-messages",
    "no-custom",
    "subgraphs",
    "blocking",
    "not-streaming",
    "cached",
    "held-back",
    "nostream",
    "raw-client",
    "no-model",
    "lost-context",
    "nested-graph",
    "structured-output",
    "silent-tool",
    "v1-tuples",
    "thread-writer",
    "dispatched-event",
    "said-twice",
    "values",
]
"""The causes by the names that links use: `/pitfalls?pitfall=…` shows each one broken and mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One cause in one run: what happened, and the cure.

    `node` is the path of the node, `outer/inner` in a subgraph. `file` and `line` are where the code causes it, `None`
    where that is not known. `saved_bytes` is what the cure would not have sent, `silent_s` how long nothing came.
    """

    cause: Cause
    sentence: str
    cure: str
    node: str = ""
    file: str | None = None
    line: int | None = None
    saved_bytes: int | None = None
    silent_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From when on something counts: seconds of a silent tool, of the wait for a finished text, of the silence before
    pieces that come at once and of a blocked loop, bytes that could be saved, and their ratio."""

    silent_s: float = 2.0
    finished_s: float = 0.3
    held_s: float = 1.0
    blocked_s: float = 0.05
    saved_bytes: int = 10_000
    ratio: float = 3.0


def finding_at(call: Call | None, cause: Cause, node: NodeFacts, sentence: str, cure: str) -> Finding:
    """A finding at this call, or where the node begins."""
    file, line = (call.file, call.line) if call is not None and call.file else (node.file, node.line)
    return Finding(cause=cause, node=node.path, sentence=sentence, cure=cure, file=file, line=line)
