"""A seventh set of graphs with their causes: texts that come without a chat model, and graphs that need none."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
from langchain_core import callbacks
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import adispatch_custom_event
from langchain_core.documents import Document
from langchain_core.globals import set_llm_cache
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langgraph.config import get_stream_writer
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from typing_extensions import TypedDict

from tests.support.own_graphs.fifth_causes import graph_of as chain_of
from tests.support.own_graphs.foreign_causes import Foreign, Model, cases_in

SEVENTH: list[Foreign] = []
case = cases_in(SEVENTH)

TEXT = "Bees make honey in the hive, and keep it for the winter."
SERVICE_S = 0.4
"""How long what is asked takes: longer than the diagnosis lets a text be made by a plain function."""
ASKED = {"question": "Why do bees make honey?"}


class Answered(TypedDict, total=False):
    question: str
    answer: str
    documents: list[Any]
    route: str


def graph_of(**nodes: Any) -> Any:
    return chain_of(Answered, **nodes)


def _respond(_: httpx.Request) -> httpx.Response:
    time.sleep(SERVICE_S)
    return httpx.Response(200, json={"text": TEXT})


@case("no-model", given=ASKED)
def a_service_that_is_asked_in_a_sync_node() -> Any:
    def reply(state: Answered) -> dict[str, Any]:
        with httpx.Client(transport=httpx.MockTransport(_respond), base_url="https://brain.example") as client:
            return {"answer": client.post("/ask", json={"q": state["question"]}).json()["text"]}

    return graph_of(reply=reply)


@case("no-model", given=ASKED)
def a_function_in_a_thread() -> Any:
    def think(question: str) -> str:
        time.sleep(SERVICE_S)
        return TEXT

    async def reply(state: Answered) -> dict[str, Any]:
        return {"answer": await asyncio.to_thread(think, state["question"])}

    return graph_of(reply=reply)


@case("no-model", given=ASKED)
def a_service_in_a_graph_of_a_node() -> Any:
    async def write(state: Answered) -> dict[str, Any]:
        await asyncio.sleep(SERVICE_S)
        return {"answer": TEXT}

    return graph_of(team=graph_of(write=write))


@case("no-model", given="bees")
def a_service_in_a_task() -> Any:
    @task
    async def write(topic: str) -> str:
        await asyncio.sleep(SERVICE_S)
        return TEXT

    @entrypoint()
    async def report(topic: str) -> str:
        return await write(topic)

    return report


@case("no-model", given=ASKED, modes=("messages", "tasks"))
def a_service_that_only_tasks_tell_of() -> Any:
    async def reply(state: Answered) -> dict[str, Any]:
        await asyncio.sleep(SERVICE_S)
        return {"answer": TEXT}

    return graph_of(reply=reply)


@case("dispatched-event", given=ASKED)
def a_helper_that_tells_callbacks() -> Any:
    async def tell(percent: int) -> None:
        await adispatch_custom_event("indexing", {"percent": percent})

    async def index(state: Answered) -> dict[str, Any]:
        for percent in (0, 50, 100):
            await tell(percent)
        return {"route": "done"}

    return graph_of(index=index)


@case("dispatched-event", given=ASKED)
def a_sync_node_that_tells_callbacks() -> Any:
    def index(state: Answered, config: RunnableConfig) -> dict[str, Any]:
        callbacks.dispatch_custom_event("indexing", {"percent": 100}, config=config)
        return {"route": "done"}

    return graph_of(index=index)


@case("no-custom", given=ASKED, modes=("messages", "updates"))
def a_tool_that_writes_what_nobody_asked_for() -> Any:
    @tool
    async def look(place: str = "hive") -> str:
        """Look somewhere."""
        get_stream_writer()({"place": place})
        return TEXT

    async def search(state: Answered) -> dict[str, Any]:
        return {"documents": [await look.ainvoke({"place": "hive"})]}

    return graph_of(search=search)


@case("", given=ASKED, modes=("messages", "updates"))
def a_writer_that_never_writes() -> Any:
    async def index(state: Answered) -> dict[str, Any]:
        _write = get_stream_writer()
        get_stream_writer()
        return {"route": "done"}

    return graph_of(index=index)


@case("", given=ASKED)
def a_helper_that_tells_both() -> Any:
    async def tell(percent: int) -> None:
        get_stream_writer()({"percent": percent})
        await adispatch_custom_event("indexing", {"percent": percent})

    async def index(state: Answered) -> dict[str, Any]:
        await tell(100)
        return {"route": "done"}

    return graph_of(index=index)


@case("", given=ASKED)
def an_own_function_of_the_same_name() -> Any:
    sent: list[Any] = []

    def dispatch_custom_event(name: str, data: Any) -> None:
        sent.append((name, data))

    async def index(state: Answered) -> dict[str, Any]:
        dispatch_custom_event("indexing", {"percent": 100})
        return {"route": "done"}

    return graph_of(index=index)


@case("", given=ASKED)
def a_search_that_returns_documents() -> Any:
    async def search(state: Answered) -> dict[str, Any]:
        await asyncio.sleep(SERVICE_S)
        return {"documents": [Document(TEXT), TEXT]}

    return graph_of(search=search)


@case("", given=ASKED)
def a_question_that_is_kept_as_it_is() -> Any:
    async def keep(state: Answered) -> dict[str, Any]:
        await asyncio.sleep(SERVICE_S)
        return {"answer": state["question"]}

    return graph_of(keep=keep)


@case("", given=ASKED)
def a_route_without_a_text() -> Any:
    async def route(state: Answered) -> dict[str, Any]:
        await asyncio.sleep(SERVICE_S)
        return {"route": "orders"}

    async def rest(state: Answered) -> None:
        await asyncio.sleep(SERVICE_S)

    return graph_of(route=route, rest=rest)


@case("", given=ASKED)
def a_known_answer_beside_a_model_that_is_not_asked() -> Any:
    llm = Model()

    async def known(state: Answered) -> dict[str, Any]:
        await asyncio.sleep(SERVICE_S)
        return {"answer": TEXT}

    async def think(state: Answered) -> dict[str, Any]:
        return {"answer": (await llm.ainvoke(state["question"])).text}

    builder: Any = StateGraph(Answered)
    builder.add_node("known", known)
    builder.add_node("think", think)
    builder.add_conditional_edges(START, lambda _: "known", ["known", "think"])
    builder.add_edge("known", END)
    return builder.compile()


@case("", given=ASKED)
def a_service_beside_a_model_that_streams() -> Any:
    llm = Model()

    async def look_up(state: Answered) -> dict[str, Any]:
        await asyncio.sleep(SERVICE_S)
        return {"answer": TEXT}

    async def think(state: Answered) -> dict[str, Any]:
        return {"answer": (await llm.ainvoke(state["answer"])).text}

    return graph_of(look_up=look_up, think=think)


class Vendor:
    """A client of the author's own, which sends pieces."""

    async def stream(self, asked: str) -> AsyncIterator[str]:
        for word in (asked, *TEXT.split()):
            await asyncio.sleep(SERVICE_S / 10)
            yield f"{word} "


@case("raw-client", given=ASKED)
def a_client_of_the_authors_own_beside_a_model_that_streams() -> Any:
    llm, client = Model(), Vendor()

    async def draft(state: Answered) -> dict[str, Any]:
        parts = []
        async for piece in client.stream(state["question"]):
            parts.append(piece)
        return {"answer": "".join(parts)}

    async def polish(state: Answered) -> dict[str, Any]:
        return {"answer": (await llm.ainvoke(state["answer"])).text}

    return graph_of(draft=draft, polish=polish)


@case("", given=ASKED)
def rows_that_are_read_one_by_one_beside_a_model_that_streams() -> Any:
    llm, rows = Model(), Vendor()

    async def look_up(state: Answered) -> dict[str, Any]:
        return {"answer": "\n".join([row async for row in rows.stream(state["question"])])}

    async def think(state: Answered) -> dict[str, Any]:
        return {"answer": (await llm.ainvoke(state["answer"])).text}

    return graph_of(look_up=look_up, think=think)


@case("", given=ASKED)
def a_model_whose_pieces_are_joined() -> Any:
    llm = Model()

    async def reply(state: Answered) -> dict[str, Any]:
        return {"answer": "".join([piece.text async for piece in llm.astream(state["question"])])}

    return graph_of(reply=reply)


@case("", given=ASKED)
def a_service_whose_pieces_are_written() -> Any:
    async def reply(state: Answered) -> dict[str, Any]:
        write, said = get_stream_writer(), ""
        for word in TEXT.split():
            await asyncio.sleep(SERVICE_S / 10)
            said += f"{word} "
            write({"piece": word})
        return {"answer": said}

    return graph_of(reply=reply)


@case("")
def tools_alone() -> Any:
    @tool
    async def look(place: str = "hive") -> str:
        """Look somewhere."""
        await asyncio.sleep(SERVICE_S)
        return TEXT

    def ask(_: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage("", id="ask", tool_calls=[{"name": "look", "args": {}, "id": "call-1"}])]}

    builder: Any = StateGraph(MessagesState)
    builder.add_node("ask", ask)
    builder.add_node("tools", ToolNode([look]))
    builder.add_edge(START, "ask")
    builder.add_edge("ask", "tools")
    return builder.compile()


# --- Nodes that have a model -----------------------------------------------------------------------------------------


@case("silent-tool")
def a_sync_node_that_waits_and_then_asks_its_model() -> Any:
    chat = Model()

    def talk(state: MessagesState) -> dict[str, Any]:
        time.sleep(SERVICE_S)
        return {"messages": [chat.invoke(state["messages"])]}

    return chain_of(MessagesState, talk=talk)


@case("")
def a_fixed_message_beside_a_cache_of_the_whole_program() -> Any:
    set_llm_cache(InMemoryCache())

    def guard(_: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage("Sorry, I cannot help with that.")]}

    return chain_of(MessagesState, guard=guard)
