"""Graphs that work, with messages that LangChain's own classes refuse when they are made again from their fields."""

from typing import Any

from langchain_core.caches import InMemoryCache
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.graph import START, MessagesState, StateGraph

TEXT = "Bees live in a hive and make honey all summer long."


class Model(BaseChatModel):
    @property
    def _llm_type(self) -> str:
        return "theirs"

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **options: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(TEXT))])

    async def _astream(self, messages: Any, stop: Any = None, run_manager: Any = None, **options: Any) -> Any:
        raise AssertionError("each answer is in the cache")
        yield


class Remark(BaseMessage):
    type: str = "remark"


chat = Model(cache=InMemoryCache())
chat.invoke("bees?")


async def talk(state: MessagesState) -> dict[str, Any]:
    return {"messages": [await chat.ainvoke("bees?")]}


def returning(message: BaseMessage) -> Any:
    return StateGraph(MessagesState).add_node("say", lambda _: {"messages": [message]}).add_edge(START, "say").compile()


def changed(**fields: Any) -> Any:
    return returning(AIMessage(TEXT).model_copy(update=fields))


cached = StateGraph(MessagesState).add_node("talk", talk).add_edge(START, "talk").compile()
uncounted = changed(usage_metadata={"input_tokens": None, "output_tokens": 1, "total_tokens": 1})
counts_in_words = changed(usage_metadata="many")
arguments_in_words = changed(tool_calls=[{"name": "look_up", "args": "bees", "id": "call-1"}])
calls_in_words = changed(tool_calls="none")
metadata_in_words = changed(response_metadata="none", additional_kwargs=["none"])
empty = changed(content=None)
own_class = returning(Remark(TEXT))
