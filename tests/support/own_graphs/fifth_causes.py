"""A fifth set of graphs with their causes: calls below `invoke`, pools of other modules, reducers, routers, parsers."""

import asyncio
import contextlib
import functools
import threading
import time
from collections.abc import Callable
from contextvars import Context
from multiprocessing.pool import ThreadPool
from typing import Annotated, Any

import httpx
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.output_parsers import PydanticToolsParser, StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableConfig, RunnableLambda, RunnableParallel
from langchain_core.tools import tool
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command, StreamWriter
from pydantic import BaseModel
from typing_extensions import TypedDict

from tests.support.own_graphs.foreign_causes import Foreign, Model, Whole, cases_in

FIFTH: list[Foreign] = []
case = cases_in(FIFTH)


class Verdict(BaseModel):
    """A verdict."""

    verdict: str


def graph_of(state: Any = MessagesState, **nodes: Any) -> Any:
    builder: Any = StateGraph(state)
    builder.add_sequence(list(nodes.items()))
    builder.add_edge(START, next(iter(nodes)))
    return builder.compile()


@case("not-streaming")
def a_call_with_streaming_off() -> Any:
    gpt = Model()

    async def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await gpt.ainvoke(state["messages"], stream=False)]}

    return graph_of(reply=reply)


@case("not-streaming")
def a_bound_option_that_turns_streaming_off() -> Any:
    gpt = Model().bind(stream=False)

    def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": gpt.invoke(state["messages"])}

    return graph_of(reply=reply)


@case("lost-context")
def a_generation_without_callbacks() -> Any:
    gpt = Model()

    async def reply(state: MessagesState) -> dict[str, Any]:
        result = await gpt.agenerate([state["messages"]])
        return {"messages": [AIMessage(result.generations[0][0].text, id="one")]}

    return graph_of(reply=reply)


@case("lost-context")
def a_pool_of_multiprocessing() -> Any:
    gpt = Model()

    def reply(state: MessagesState) -> dict[str, Any]:
        with ThreadPool(2) as threads:
            return {"messages": [threads.apply(gpt.invoke, (state["messages"],))]}

    return graph_of(reply=reply)


@case("lost-context")
def an_empty_context_that_runs_the_model() -> Any:
    gpt = Model()

    def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [Context().run(gpt.invoke, state["messages"])]}

    return graph_of(reply=reply)


@case("raw-client")
def an_address_in_two_parts() -> Any:
    base, path = "http://localhost:8000", "/v1/completions"
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"choices": [{"text": "Bees make honey"}]}))

    async def vllm(prompt: str) -> str:
        async with httpx.AsyncClient(transport=transport) as session:
            reply = await session.post(base + path, json={"prompt": prompt, "max_tokens": 50})
        return str(reply.json()["choices"][0]["text"])

    async def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage(await vllm(state["messages"][-1].text), id="one")]}

    return graph_of(reply=reply)


@case("structured-output", given={"text": "bees", "verdict": ""})
def a_parser_of_forced_tools() -> Any:
    class State(TypedDict):
        text: str
        verdict: str

    prompt = ChatPromptTemplate.from_messages([("system", "Judge."), ("human", "{text}")])
    judge = (
        prompt
        | Model().bind_tools([Verdict], tool_choice="any")
        | PydanticToolsParser(tools=[Verdict], first_tool_only=True)
    )

    async def grade(state: State) -> dict[str, Any]:
        return {"verdict": (await judge.ainvoke({"text": state["text"]})).verdict}

    return graph_of(State, grade=grade)


@case("blocking")
def a_router_that_looks_something_up() -> Any:
    async def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke(state["messages"])]}

    async def route(state: MessagesState) -> str:
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            sum(range(50))
        return "reply"

    builder: Any = StateGraph(MessagesState)
    builder.add_node("reply", reply)
    builder.add_conditional_edges(START, route, ["reply", END])
    return builder.compile()


@case("blocking")
def a_reducer_that_takes_long() -> Any:
    def merged(before: list[str], after: list[str]) -> list[str]:
        until = time.monotonic() + 0.25
        while time.monotonic() < until:
            sum(range(50))
        return [*before, *after]

    class State(MessagesState):
        notes: Annotated[list[str], merged]

    async def look(state: State) -> dict[str, Any]:
        return {"notes": ["one"]}

    async def reply(state: State) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke(state["messages"])]}

    return graph_of(State, look=look, reply=reply)


@case("silent-tool")
def a_loop_of_tools_by_hand() -> Any:
    @tool
    async def search(query: str = "bees") -> str:
        """Search."""
        await asyncio.sleep(0.3)
        return "found"

    tools = {"search": search}
    gpt = Model(calls="search").bind_tools([search])

    async def think(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await gpt.ainvoke(state["messages"])]}

    async def act(state: MessagesState) -> Command[Any]:
        last: Any = state["messages"][-1]
        results = [
            ToolMessage(str(await tools[call["name"]].ainvoke(call["args"])), tool_call_id=call["id"])
            for call in last.tool_calls
        ]
        return Command(update={"messages": results}, goto="think")

    def after(state: MessagesState) -> str:
        last: Any = state["messages"][-1]
        return "act" if last.tool_calls else END

    builder: Any = StateGraph(MessagesState)
    builder.add_node("think", think)
    builder.add_node("act", act, destinations=("think",))
    builder.add_edge(START, "think")
    builder.add_conditional_edges("think", after, ["act", END])
    return builder.compile()


@case("thread-writer", modes=("custom", "updates"))
def a_writer_given_to_a_thread() -> Any:
    def copy_files(report: Callable[[Any], None]) -> None:
        for done in range(3):
            with contextlib.suppress(RuntimeError):
                report({"done": done})

    def work(state: MessagesState, writer: StreamWriter) -> dict[str, Any]:
        worker = threading.Thread(target=copy_files, args=(writer,))
        worker.start()
        worker.join()
        return {"messages": [AIMessage("copied")]}

    return graph_of(work=work)


@case("thread-writer", modes=("custom", "updates"))
def a_writer_in_a_partial() -> Any:
    def copy_files(report: Callable[[Any], None], count: int) -> None:
        with contextlib.suppress(RuntimeError):
            report({"count": count})

    async def work(state: MessagesState) -> dict[str, Any]:
        emit = get_stream_writer()
        await asyncio.get_running_loop().run_in_executor(None, functools.partial(copy_files, emit, 3))
        return {"messages": [AIMessage("copied")]}

    return graph_of(work=work)


@case("said-twice")
def a_message_made_of_another() -> Any:
    gpt = Model()

    async def reply(state: MessagesState) -> dict[str, Any]:
        answer = await gpt.ainvoke(state["messages"])
        fields = answer.model_dump(exclude={"id", "type"})
        return {"messages": [AIMessage(**fields)]}

    return graph_of(reply=reply)


@case("subgraphs", subgraphs=False)
def a_supervisor_of_agents() -> Any:
    writer = create_agent(Model(), [], name="writer")

    def supervise(state: MessagesState) -> Command[Any]:
        return Command(goto=END if any(one.type == "ai" for one in state["messages"]) else "writer")

    builder: Any = StateGraph(MessagesState)
    builder.add_node("supervise", supervise, destinations=("writer", END))
    builder.add_node("writer", writer)
    builder.add_edge(START, "supervise")
    builder.add_edge("writer", "supervise")
    return builder.compile()


@case("no-messages", modes=("updates", "tasks"))
def a_chain_with_a_retry() -> Any:
    chain = (Model() | StrOutputParser()).with_retry(stop_after_attempt=2)

    async def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage(await chain.ainvoke(state["messages"]))]}

    return graph_of(reply=reply)


# --- Healthy -------------------------------------------------------------------------------------------------------


@case("")
def a_model_with_a_retry() -> Any:
    gpt = Model().with_retry(stop_after_attempt=2)

    async def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await gpt.ainvoke(state["messages"])]}

    return graph_of(reply=reply)


@case("", modes=("custom", "messages"))
def a_writer_called_later() -> Any:
    async def reply(state: MessagesState) -> dict[str, Any]:
        asyncio.get_running_loop().call_later(0.001, get_stream_writer(), {"soon": 1})
        return {"messages": [await Model().ainvoke(state["messages"])]}

    return graph_of(reply=reply)


@case("")
def a_task_that_streams() -> Any:
    async def reply(state: MessagesState) -> dict[str, Any]:
        job = asyncio.create_task(Model().ainvoke(state["messages"]))
        await asyncio.sleep(0)
        return {"messages": [await job]}

    return graph_of(reply=reply)


@case("")
def a_config_with_other_values() -> Any:
    gpt = Model()

    async def reply(state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
        mine: RunnableConfig = {"configurable": {"temperature": 0}, "metadata": {"step": 1}, "tags": ["mine"]}
        return {"messages": [await gpt.ainvoke(state["messages"], mine)]}

    return graph_of(reply=reply)


@case("")
def two_models_side_by_side() -> Any:
    both = RunnableParallel(short=Model(text="Bees hum along"), long=Model(text="Bees hum all day long"))

    async def reply(state: MessagesState) -> dict[str, Any]:
        found = await both.ainvoke(state["messages"])
        return {"messages": [found["short"], found["long"]]}

    return graph_of(reply=reply)


@case("")
def a_supervisor_that_is_seen() -> Any:
    writer = create_agent(Model(), [], name="writer")

    async def ask(state: MessagesState) -> Command[Any]:
        return Command(goto="writer", update={"messages": [SystemMessage("Write.")]})

    builder: Any = StateGraph(MessagesState)
    builder.add_node("ask", ask, destinations=("writer",))
    builder.add_node("writer", writer)
    builder.add_edge(START, "ask")
    return builder.compile()


@case("")
def a_thread_that_counts() -> Any:
    def total(numbers: list[int]) -> int:
        with ThreadPool(2) as threads:
            return sum(threads.map(abs, numbers))

    def reply(state: MessagesState) -> dict[str, Any]:
        total([1, -2])
        return {"messages": [Model().invoke(state["messages"])]}

    return graph_of(reply=reply)


@case("")
def an_option_that_turns_streaming_on() -> Any:
    gpt = Model().bind(stream=True)

    async def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await gpt.ainvoke(state["messages"])]}

    return graph_of(reply=reply)


@case("")
def a_filter_before_an_answer() -> Any:
    spare = Whole()

    async def check(state: MessagesState) -> dict[str, Any]:
        if len(state["messages"]) > 20:
            return {"messages": [await spare.ainvoke(state["messages"])]}
        return {}

    async def reply(state: MessagesState) -> dict[str, Any]:
        chain = RunnableLambda(lambda messages: messages[-3:]) | Model()
        return {"messages": [await chain.ainvoke(state["messages"])]}

    return graph_of(check=check, reply=reply)


@case("", given={"messages": [HumanMessage("bees?")], "count": 0})
def a_reducer_that_is_quick() -> Any:
    class State(TypedDict):
        messages: Annotated[list[AnyMessage], add_messages]
        count: Annotated[int, lambda before, after: before + after]

    def count(state: State) -> dict[str, Any]:
        return {"count": 1}

    async def reply(state: State) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke(state["messages"])]}

    return graph_of(State, first=count, second=count, reply=reply)
