"""Small real graphs with deterministic models, for the engine's tests."""

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict, TypeVar

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph

from streaming.core.events import MODES, Ended, Mode, Updates
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import CompiledGraph, RunRequest
from streaming.core.run import Run
from streaming.runtime.engine import Engine

Builder = Callable[[BaseChatModel, BaseCheckpointSaver[Any] | None], CompiledGraph]
QUICK = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=5000))
SLOW = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=50, tokens=2000))
"""Takes 40 seconds: for runs that a test ends."""

E = TypeVar("E")


class ChunkModel(BaseChatModel):
    """Streams exactly these chunks."""

    chunks: Sequence[AIMessageChunk]

    @property
    def _llm_type(self) -> str:
        return "chunks"

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in self.chunks:
            yield ChatGenerationChunk(message=chunk.model_copy(deep=True))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(chunk.text) for chunk in self.chunks)
        return ChatResult(generations=[ChatGeneration(message=AIMessageChunk(content=text))])


class State(TypedDict, total=False):
    """A text, and parts that are appended."""

    text: str
    parts: Annotated[list[str], operator.add]


def one_node(node: Any, state: Any = State) -> Builder:
    """A graph of one node, `only`, which `node` makes of the model."""

    def build(model: Any, checkpointer: Any) -> CompiledGraph:
        graph = StateGraph(state)
        graph.add_node("only", node(model))
        graph.add_edge(START, "only")
        return graph.compile(checkpointer=checkpointer)

    return build


def speak(model: Any) -> Any:
    """A node that puts the model's whole answer into `text`."""

    async def only(state: State) -> State:
        return {"text": str((await model.ainvoke("go")).text)}

    return only


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A graph source made of a function."""

    builder: Builder
    given: Any
    name: str = "test"
    module: str = __name__

    def build(self, model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
        return self.builder(model, checkpointer)

    def to_input(self, prompt: str, /) -> Any:
        return self.given


def start(
    engine: Engine,
    builder: Builder,
    given: Any,
    *,
    modes: tuple[Mode, ...] = MODES,
    limits: Limits | None = None,
    model: ModelSpec = QUICK,
    **fields: Any,
) -> Run:
    """Start a run of this graph."""
    return engine.start(
        RunRequest(
            graph=Source(builder=builder, given=given),
            model=model,
            modes=modes,
            prompt=fields.pop("prompt", "go"),
            limits=limits or Limits(),
            **fields,
        )
    )


def parallel(*nodes: Any) -> Builder:
    """A graph of nodes that all start together."""

    def build(model: Any, checkpointer: Any) -> CompiledGraph:
        graph = StateGraph(State)
        for node in nodes:
            graph.add_node(node.__name__, node)
            graph.add_edge(START, node.__name__)
        return graph.compile(checkpointer=checkpointer)

    return build


def finish(run: Run) -> Run:
    """Follow the run to its end."""
    for _ in run.follow():
        pass
    return run


def events_of(run: Run, kind: type[E]) -> list[E]:
    """The events of this type in the run's log, in order."""
    return [entry.event for entry in run.events if isinstance(entry.event, kind)]


def end_of(run: Run) -> Ended:
    """The end of a run that has ended."""
    assert run.ended is not None
    return run.ended


def notes_of(run: Run) -> list[Any]:
    """What the run's nodes have added to the field `notes`, in order."""
    changes = (change for update in events_of(run, Updates) for change in update.deltas.values())
    return [note for change in changes for note in (change or {}).get("notes", [])]
