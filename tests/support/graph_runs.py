"""Runs of the app's graphs: through the engine, and through plain `astream`."""

import asyncio
from collections.abc import Mapping
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel, Field

from graphs import GRAPHS, TECHNIQUES
from streaming.core.events import MODES, Values
from streaming.core.model_spec import Pace
from streaming.core.request import Resume, RunRequest
from streaming.core.run import Run
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.runtime.engine import Engine, ThreadPosition
from tests.support.graphs import QUICK, finish

EVERY = (*MODES, "tools")
APPROVE = {"action": "approve", "choice": "chat"}
SCRIPTED = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=50_000))
SPOKEN = {"joke": "joke", "chat": "messages", "rag": "answer", "report": "report", "ideas": "ranked"}


def run_graph(engine: Engine, name: str, prompt: str | None = None, **fields: Any) -> Run:
    """A run of this graph to its end, in every stream mode."""
    graph = (GRAPHS | TECHNIQUES)[name]
    fields.setdefault("modes", EVERY)
    return finish(engine.start(RunRequest(graph=graph, model=QUICK, prompt=prompt or graph.examples[0], **fields)))


def resumed(engine: Engine, run: Run, answers: dict[str, Any]) -> Run:
    return run_graph(engine, "approval", thread_id=run.thread_id, resume=Resume(answers=answers))


def thread_of(engine: Engine, run: Run) -> ThreadPosition:
    thread = engine.thread(run.request.graph, run.thread_id)
    assert thread is not None
    return thread


def last_state(run: Run) -> dict[str, Any]:
    return [entry.event for entry in run.events if isinstance(entry.event, Values)][-1].state


class WholeModel(BaseChatModel):
    """Answers at once, cannot stream, and keeps what it was asked."""

    asked: list[list[BaseMessage]] = Field(default_factory=list)
    slowest: str = ""

    @property
    def _llm_type(self) -> str:
        return "whole"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self.asked.append(messages)
        return ChatResult(generations=[ChatGeneration(message=AIMessage("It is so [1]."))])

    async def _agenerate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        await asyncio.sleep(0.05 if self.slowest and self.slowest in str(messages[-1].text) else 0)
        return self._generate(messages)


async def parts_of(name: str, model: BaseChatModel, prompt: str | None = None) -> list[Any]:
    graph = GRAPHS[name].build(model, checkpointer=InMemorySaver())
    given = GRAPHS[name].to_input(prompt or GRAPHS[name].examples[0])
    config = {"configurable": {"thread_id": "one"}}
    return [part async for part in graph.astream(given, config, stream_mode=list(MODES), version="v2")]


def fields(state: Any) -> Mapping[str, Any]:
    return state if isinstance(state, dict) else dict(state) if isinstance(state, BaseModel) else vars(state)


def final(parts: list[Any]) -> Mapping[str, Any]:
    return fields([part["data"] for part in parts if part["type"] == "values"][-1])
