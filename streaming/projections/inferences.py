"""Inferences: the calls of models that wrote a message, each with the model that answered and its times."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from streaming.core.errors import BrokenStream
from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    Ended,
    Fallback,
    LogEntry,
    Namespace,
    OutputEvent,
    ReportEvent,
    Started,
    StateEvent,
    TaskEvent,
    TaskStarted,
    Token,
    TraceEvent,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelName:
    """A model and its provider."""

    provider: str
    name: str


@dataclass(slots=True, kw_only=True)
class Inference:
    """One call of a model, with its retries; times in seconds since submission.

    `requested_at` is when its node started, or when the call before it in the same node ended; `None` if the log does
    not contain it. Only chunks with text, reasoning or a part of a tool call count, because clients add empty ones.
    `gaps` are the seconds between two chunks. `error` is the class of the error if the answer was dropped or not
    finished, else empty.
    """

    message_id: str
    node: str
    ns: Namespace
    model: ModelName
    task_id: str
    requested_at: float | None
    ended_at: float
    first_chunk_at: float | None = None
    last_chunk_at: float | None = None
    chunks: int = 0
    gaps: list[float] = field(default_factory=list)
    whole: bool = False
    usage: Mapping[str, Any] | None = None
    error: str = ""

    @property
    def streamed(self) -> bool:
        """Whether the answer came in pieces; an answer of one chunk counts as whole."""
        return not self.whole and self.chunks > 1

    @property
    def duration_s(self) -> float | None:
        """From the request to the last chunk."""
        return None if self.requested_at is None else self.ended_at - self.requested_at

    @property
    def time_to_first_chunk_s(self) -> float | None:
        """From the request to the first chunk; `None` for an answer that did not stream."""
        if self.requested_at is None or self.first_chunk_at is None or not self.streamed:
            return None
        return self.first_chunk_at - self.requested_at


class Inferences:
    """Inferences in the order of their first chunk; needs the mode `messages`, and `tasks` for all request times.

    `requested` is the model of the run, `fallback` the one that answers if it fails. A message's metadata names the
    model that was called first; after a `Fallback` event the next message is the fallback model's. If parallel nodes
    call models, the next message can be another node's, and the two are confused unless the metadata names the
    fallback model.
    """

    def __init__(self, *, requested: ModelName, fallback: ModelName | None = None) -> None:
        self._requested = requested
        self._fallback = fallback
        self._fell_back: list[ModelName] = []
        self._any_fallback: ModelName | None = None
        self._input_at: float | None = None
        self._task_starts: dict[str, float] = {}
        self._by_message: dict[str, Inference] = {}
        self._ignored: set[str] = set()

    @property
    def inferences(self) -> list[Inference]:
        """All inferences so far."""
        return list(self._by_message.values())

    @property
    def models(self) -> list[ModelName]:
        """The models that wrote, in order; before the first message, the model that was called last."""
        wrote = [inference.model for inference in self._by_message.values()]
        return list(dict.fromkeys(wrote)) or [self._any_fallback or self._requested]

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case Started(checkpoint_id=None):
                self._input_at = entry.t
            case TaskStarted(task_id=task_id):
                self._task_starts[task_id] = entry.t
            case Fallback(to=to) if to:
                self._any_fallback = self._fallback or ModelName(provider="", name=to)
                self._fell_back.append(self._any_fallback)
            case Token(role="ai") as token:
                self._token(token, entry.t)
            case Attempt(dropped=message_ids):
                self._fail(message_ids, BrokenStream.__name__)
            case Ended(cut=message_ids, error=error, outcome=outcome):
                self._fail(message_ids, error or outcome)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event belongs to the call of a model
            case _ as never:
                assert_never(never)

    def _fail(self, message_ids: Iterable[str], error: str) -> None:
        for message_id in message_ids:
            if message_id in self._by_message:
                self._by_message[message_id].error = error

    def _token(self, token: Token, t: float) -> None:
        if token.message_id in self._ignored:
            return
        inference = self._by_message.get(token.message_id)
        if inference is None:
            if token.whole and token.metadata is not None and "ls_model_type" not in token.metadata:
                self._ignored.add(token.message_id)  # a node wrote this message itself
                return
            inference = self._by_message[token.message_id] = self._open(token, t)
        inference.ended_at = t
        inference.usage = token.usage or inference.usage
        if token.text or token.reasoning or token.tool_calls:
            inference.chunks += 1
            if inference.first_chunk_at is None or inference.last_chunk_at is None:
                inference.first_chunk_at = t
            else:
                inference.gaps.append(t - inference.last_chunk_at)
            inference.last_chunk_at = t

    def _open(self, token: Token, t: float) -> Inference:
        metadata = token.metadata or {}
        path = str(metadata.get("langgraph_checkpoint_ns", ""))
        return Inference(
            message_id=token.message_id,
            node=token.node,
            ns=token.ns,
            model=self._answering(metadata),
            task_id=token.task_id,
            requested_at=self._requested_at(token.task_id, metadata, path),
            ended_at=t,
            whole=token.whole,
        )

    def _answering(self, metadata: Mapping[str, Any]) -> ModelName:
        name, provider = str(metadata.get("ls_model_name") or ""), str(metadata.get("ls_provider") or "")
        if name and name != self._requested.name and (self._fallback is None or name != self._fallback.name):
            return ModelName(provider=provider, name=name)  # the graph has a model of its own
        if self._fell_back:
            return self._fell_back.pop(0)
        if self._fallback is not None and name == self._fallback.name != self._requested.name:
            return self._fallback
        return self._requested

    def _requested_at(self, task_id: str, metadata: Mapping[str, Any], path: str) -> float | None:
        start = self._task_starts.get(task_id)
        if start is None and metadata.get("langgraph_step") == 1 and "|" not in path:
            start = self._input_at  # a node of the first superstep starts with the graph's input
        if start is None:
            return None
        calls_before = (call.ended_at for call in self._by_message.values() if task_id and call.task_id == task_id)
        return max([start, *calls_before])
