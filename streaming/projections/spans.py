"""A span: one execution of a node, or of a step that a node reports itself."""

from dataclasses import dataclass
from typing import Any, Literal

from streaming.core.events import Namespace

SpanState = Literal["running", "done", "cached", "failed", "interrupted", "cut"]


@dataclass(slots=True, kw_only=True)
class NodeSpan:
    """One execution of a node; seconds since submission, `end` is `None` while it runs."""

    task_id: str
    node: str
    ns: Namespace
    start: float
    end: float | None = None
    state: SpanState = "running"
    error: str | None = None
    input: Any = None
    result: Any = None

    @property
    def seconds(self) -> float | None:
        """The duration; `None` while it runs."""
        return None if self.end is None else self.end - self.start
