"""A graph of sync code with a checkpointer of sync methods: its threads last, also in an async run."""

import sqlite3
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, MessagesState, StateGraph

from streaming.own_graphs.worker.loading import Loaded

CONFIG: Any = {"configurable": {"thread_id": "one"}}


class OnlySync(InMemorySaver):
    """As the savers of databases are: without async methods."""

    aget_tuple = InMemorySaver.__mro__[1].aget_tuple  # type: ignore[attr-defined]
    aput = InMemorySaver.__mro__[1].aput  # type: ignore[attr-defined]
    aput_writes = InMemorySaver.__mro__[1].aput_writes  # type: ignore[attr-defined]


def graph_with(saver: Any) -> Any:
    def answer(state: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage(str(len(state["messages"])))]}

    graph: Any = StateGraph(MessagesState).add_node(answer).add_edge(START, "answer")
    return graph.compile(checkpointer=saver)


async def said(loaded: Loaded) -> list[str]:
    async with loaded.use(CONFIG) as graph:
        result = await graph.ainvoke({"messages": [HumanMessage("bees?")]}, CONFIG)
        history = [state async for state in graph.aget_state_history(CONFIG)]
    assert len(history) % 3 == 0
    return [message.text for message in result["messages"]]


async def test_threads_of_a_sync_saver_last_longer_than_the_process(tmp_path: Path) -> None:
    for expected in (["bees?", "1"], ["bees?", "1", "bees?", "3"]):
        connection = sqlite3.connect(tmp_path / "threads.sqlite", check_same_thread=False)
        loaded = Loaded(graph_with(SqliteSaver(connection)))
        assert loaded.checkpointer == "SqliteSaver"
        assert await said(loaded) == expected
        connection.close()


async def test_a_saver_without_async_methods_is_used_in_threads() -> None:
    loaded = Loaded(graph_with(OnlySync()))
    assert await said(loaded) == ["bees?", "1"]
    assert await said(loaded) == ["bees?", "1", "bees?", "3"]
