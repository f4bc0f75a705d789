"""An eighth set of graphs: models whose pieces come all at once, held back on the way or for a reason of their own."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import RunnableLambda
from langgraph.graph import START, MessagesState, StateGraph

from tests.support.own_graphs.fifth_causes import graph_of as chain_of
from tests.support.own_graphs.foreign_causes import Foreign, cases_in

EIGHTH: list[Foreign] = []
case = cases_in(EIGHTH)

SILENT_S = 0.5
WORDS = tuple(f"{word} " for word in "Bees make honey in the hive, and keep it for the winter.".split())  # noqa: SIM905
THOUGHT = {"input_tokens": 3, "output_tokens": 90, "total_tokens": 93, "output_token_details": {"reasoning": 80}}


class Gateway(BaseChatModel):
    """A model that is silent, and then sends its pieces, each after this pause."""

    words: tuple[str, ...] = WORDS
    silent_s: float = SILENT_S
    pause_s: float = 0.0
    usage: dict[str, Any] | None = None

    @property
    def _llm_type(self) -> str:
        return "gateway"

    def _generate(self, *args: Any, **options: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage("".join(self.words)))])

    async def _astream(self, *args: Any, **options: Any) -> AsyncIterator[ChatGenerationChunk]:
        await asyncio.sleep(self.silent_s)
        for word in self.words:
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
            await asyncio.sleep(self.pause_s)
        if self.usage:
            yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=self.usage))  # type: ignore[arg-type]


def asks(chat: Any, *, first_s: float = 0.0, then_s: float = 0.0) -> Any:
    """A graph whose node waits, asks the model, and waits again."""

    async def talk(state: MessagesState) -> dict[str, Any]:
        await asyncio.sleep(first_s)
        answer = await chat.ainvoke(state["messages"])
        await asyncio.sleep(then_s)
        return {"messages": [answer]}

    return chain_of(MessagesState, talk=talk)


@case("held-back")
def a_gateway_that_collects_the_pieces() -> Any:
    return asks(Gateway())


@case("held-back")
def a_long_answer_that_a_gateway_collects_in_a_chain() -> Any:
    return asks(RunnableLambda(lambda given: given) | Gateway(words=WORDS * 8, silent_s=2 * SILENT_S))


@case("")
def a_short_answer_after_a_long_silence() -> Any:
    return asks(Gateway(words=("Bees ", "make ", "honey.")))


@case("")
def a_fast_model_after_a_long_silence() -> Any:
    return asks(Gateway(pause_s=0.004))


@case("")
def a_quick_stand_in_for_a_model_after_work_of_the_node() -> Any:
    return asks(Gateway(silent_s=0.0), first_s=SILENT_S)


@case("", modes=("messages",))
def a_quick_stand_in_for_a_model_between_work_of_the_node() -> Any:
    return asks(Gateway(silent_s=0.0), first_s=SILENT_S, then_s=SILENT_S)


@case("")
def a_model_that_thinks_unseen_and_says_so_in_its_count() -> Any:
    return asks(Gateway(usage=THOUGHT))


@case("")
def an_answer_of_one_piece_after_a_long_silence() -> Any:
    return asks(Gateway(words=("".join(WORDS),)))


@case("blocking")
def pieces_that_come_late_because_another_node_blocks() -> Any:
    async def blocks(_: MessagesState) -> dict[str, Any]:
        await asyncio.sleep(0.05)
        time.sleep(2 * SILENT_S)
        return {}

    async def talk(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await Gateway().ainvoke(state["messages"])]}

    builder: Any = StateGraph(MessagesState)
    for name, node in (("blocks", blocks), ("talk", talk)):
        builder.add_node(name, node)
        builder.add_edge(START, name)
    return builder.compile()
