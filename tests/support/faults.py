"""A graph of three calls, and runs of it on an endpoint of the fault server."""

from dataclasses import replace
from typing import Any

from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.faults.server import Endpoint
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages, StreamedMessage
from streaming.providers.scripted.texts import answer_for, token_pieces
from streaming.runtime.engine import Engine
from tests.support.graphs import Source, finish

AT_ONCE = RetryPolicy(initial_backoff_s=0.0)
"""Retries without a pause."""

SHORT = Limits(ttft_s=0.8, idle_s=0.8, events=1500, bytes=1_000_000)
PATIENT = replace(SHORT, ttft_s=20, idle_s=20)
MAX_TOKENS = 30


class _State(TypedDict):
    said: str


def _asked(node: str) -> list[Any]:
    return [SystemMessage("Answer in a few sentences."), HumanMessage(f"What is {node}?")]


def three_calls(model: Any, checkpointer: Any) -> Any:
    """Three answers, one after the other."""

    def node(name: str) -> Any:
        async def ask(state: _State) -> dict[str, str]:
            return {"said": str((await model.ainvoke(_asked(name))).text)}

        return ask

    graph = StateGraph(_State)
    graph.add_sequence([(name, node(name)) for name in ("first", "second", "third")])
    graph.add_edge(START, "first")
    graph.add_edge("third", END)
    return graph.compile(checkpointer=checkpointer)


def run_into(engine: Engine, endpoint: Endpoint, **fields: Any) -> Run:
    """A run of three calls on this endpoint, to its end."""
    spec = ModelSpec(provider="compatible", base_url=endpoint.base_url, model="fault-lab", max_tokens=MAX_TOKENS)
    request = RunRequest(
        graph=Source(builder=three_calls, given={"said": ""}),
        model=spec,
        modes=("messages", "updates"),
        prompt="go",
        **{"limits": PATIENT, "retry_policy": AT_ONCE, **fields},
    )
    return finish(engine.start(request, api_key="k"))


def spoken(run: Run) -> list[StreamedMessage]:
    """The messages that the run streamed."""
    return apply_all(Messages(), run.events).answers()


def whole(node: str, max_tokens: int | None = MAX_TOKENS) -> str:
    """The whole answer to this node's question."""
    return "".join(list(token_pieces(answer_for(_asked(node))))[:max_tokens])
