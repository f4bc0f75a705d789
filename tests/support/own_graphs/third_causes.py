"""A third set of graphs with their causes, in the styles of applications: services, dependencies, decorators."""

import asyncio
import contextlib
import contextvars
import functools
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from langchain_core.caches import InMemoryCache
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableConfig, RunnableLambda, RunnableSequence
from langchain_core.tools import StructuredTool
from langgraph.config import get_stream_writer
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.runtime import Runtime
from langgraph.types import Command, Send
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from tests.support.own_graphs.foreign_causes import Foreign, Model, cases_in, chain_of, offline_client

Build = Callable[[], Any]
THIRD: list[Foreign] = []
case = cases_in(THIRD)


# --- Broken --------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=1)
def shared_model() -> BaseChatModel:
    return Model(disable_streaming=True)


@case("not-streaming")
def a_model_made_once_by_a_cached_function() -> Any:
    def write(state: MessagesState) -> Command[Any]:
        history = state["messages"]
        reply = shared_model().invoke([("system", "You are brief."), *history])
        return Command(update={"messages": [reply]}, goto=END)

    return StateGraph(MessagesState).add_node(write).add_edge(START, "write").compile()


@case("nostream")
def a_config_with_a_tag_at_the_call() -> Any:
    quiet: RunnableConfig = {"tags": ["nostream"], "run_name": "quiet"}
    model = Model()

    async def write(state: MessagesState) -> dict[str, Any]:
        return {"messages": await model.ainvoke(state["messages"], config=quiet)}

    return chain_of(write)


@dataclass
class Dependencies:
    openai: Any = field(default_factory=offline_client)
    model_name: str = "gpt-4.1"


@case("raw-client")
def a_client_of_the_run_time_context() -> Any:
    async def write(state: MessagesState, runtime: Runtime[Dependencies]) -> dict[str, Any]:
        deps = runtime.context or Dependencies()
        completion = await deps.openai.chat.completions.create(
            model=deps.model_name, messages=[{"role": "user", "content": str(state["messages"][-1].content)}]
        )
        return {"messages": [{"role": "assistant", "content": completion.choices[0].message.content}]}

    graph = StateGraph(MessagesState, context_schema=Dependencies)
    graph.add_node("write", write)
    graph.set_entry_point("write")
    graph.set_finish_point("write")
    return graph.compile()


def patient(tries: int = 2) -> Callable[..., Any]:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            for _ in range(tries):
                with contextlib.suppress(ConnectionError):
                    return await function(*args, **kwargs)
                time.sleep(0.15)
            return {"messages": [AIMessage("No luck")]}

        return wrapper

    return decorate


@case("blocking")
def a_decorator_that_waits() -> Any:
    attempts: list[int] = []

    @patient(tries=3)
    async def fetch(state: MessagesState) -> dict[str, Any]:
        attempts.append(1)
        if len(attempts) < 3:
            raise ConnectionError("not yet")
        return {"messages": [AIMessage("Fetched")]}

    return chain_of(fetch)


@case("blocking")
def a_loop_that_polls() -> Any:
    class Job:
        def __init__(self) -> None:
            self.begun = time.monotonic()

        @property
        def done(self) -> bool:
            return time.monotonic() - self.begun > 0.2

        def wait(self) -> str:
            while not self.done:
                time.sleep(0.02)
            return "done"

    async def submit(state: MessagesState) -> dict[str, Any]:
        status = Job().wait()
        return {"messages": [AIMessage(status)]}

    return chain_of(submit)


@case("lost-context")
def an_executor_of_the_loop() -> Any:
    llm = Model()

    async def write(state: MessagesState) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(None, lambda: llm.invoke(state["messages"]))
        return {"messages": [answer]}

    return chain_of(write)


@case("nested-graph", subgraphs=False)
def a_helper_that_collects_a_stream() -> Any:
    llm = Model()

    async def think(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await llm.ainvoke(state["messages"])]}

    inner = chain_of(think)

    async def last_state(messages: list[AnyMessage]) -> dict[str, Any]:
        final: dict[str, Any] = {}
        async for chunk in inner.astream({"messages": messages}, stream_mode="values"):
            final = chunk
        return final

    async def delegate(state: MessagesState) -> dict[str, Any]:
        return {"messages": [(await last_state(state["messages"]))["messages"][-1]]}

    return chain_of(delegate)


class Verdict(BaseModel):
    """Steps."""

    verdict: str = Field(description="the plan")


@case("structured-output")
def a_planner_of_a_prompt_and_a_schema() -> Any:
    planner_prompt = ChatPromptTemplate.from_messages([("system", "Plan."), ("placeholder", "{messages}")])

    @functools.cache
    def planner() -> Any:
        return planner_prompt | Model().with_structured_output(Verdict)

    class State(TypedDict):
        messages: Annotated[list[AnyMessage], add_messages]
        plan: str

    async def plan_step(state: State) -> dict[str, Any]:
        plan = await planner().ainvoke({"messages": state["messages"]})
        return {"plan": getattr(plan, "verdict", str(plan))}

    return chain_of(plan_step, state=State)


@case("silent-tool")
def a_structured_tool_of_a_coroutine() -> Any:
    async def _crawl() -> str:
        await asyncio.sleep(0.35)
        return "12 pages"

    crawl = StructuredTool.from_function(coroutine=_crawl, name="crawl", description="Crawls the site.")
    llm = Model(calls="crawl")

    async def chatbot(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await llm.bind_tools([crawl]).ainvoke(state["messages"])]}

    graph = StateGraph(MessagesState)
    graph.add_node("chatbot", chatbot)
    graph.add_node("tools", ToolNode([crawl]))
    graph.add_edge(START, "chatbot")
    graph.add_conditional_edges("chatbot", tools_condition)
    graph.add_edge("tools", "chatbot")
    return graph.compile()


@case("thread-writer", modes=("custom", "updates"))
def a_timer_that_reports() -> Any:
    class Ticker(threading.Thread):
        def __init__(self, total: int) -> None:
            super().__init__(daemon=True)
            self.total = total

        def run(self) -> None:
            for done in range(self.total):
                with contextlib.suppress(RuntimeError):
                    get_stream_writer()({"progress": done / self.total})

    async def work(state: MessagesState) -> dict[str, Any]:
        ticker = Ticker(5)
        ticker.start()
        await asyncio.to_thread(ticker.join)
        return {"messages": [AIMessage("worked")]}

    return chain_of(work)


@case("said-twice")
def a_node_that_adds_a_name() -> Any:
    llm = Model()

    async def draft(state: MessagesState) -> dict[str, Any]:
        reply = await llm.ainvoke(state["messages"])
        return {"messages": AIMessage(content=str(reply.text).strip(), name="writer")}

    return chain_of(draft)


@case("values", modes=("values", "messages"), given={"documents": [], "messages": [HumanMessage("bees?")]})
def a_pipeline_read_by_values() -> Any:
    class State(TypedDict):
        messages: Annotated[list[AnyMessage], add_messages]
        documents: list[str]
        score: int

    def load(state: State) -> dict[str, Any]:
        return {"documents": [f"{number}: " + "honey " * 50 for number in range(20)]}

    def grade(state: State) -> dict[str, Any]:
        return {"score": state.get("score", 0) + 1}

    async def write(state: State) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke(state["messages"])]}

    return chain_of(load, grade, grade, grade, write, state=State)


@case("cached", given=[HumanMessage("bees?")])
def an_instance_with_a_cache() -> Any:
    cached = Model(cache=InMemoryCache())
    cached.invoke([HumanMessage("bees?")])

    @task
    async def answer(messages: list[AnyMessage]) -> Any:
        return await cached.ainvoke(messages)

    @entrypoint()
    async def assistant(messages: list[AnyMessage]) -> Any:
        return await answer(messages)

    return assistant


# --- Healthy -------------------------------------------------------------------------------------------------------


@case("")
def a_thread_with_the_context() -> Any:
    llm = Model()

    async def write(state: MessagesState) -> dict[str, Any]:
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(None, lambda: context.run(llm.invoke, state["messages"]))
        return {"messages": [answer]}

    return chain_of(write)


@case("")
def a_sync_graph_that_sleeps_and_answers() -> Any:
    def fetch(state: MessagesState) -> dict[str, Any]:
        time.sleep(0.15)
        with contextlib.suppress(urllib.error.URLError, ValueError):
            urllib.request.urlopen("http://127.0.0.1:1/none", timeout=1)
        return {}

    def write(state: MessagesState) -> dict[str, Any]:
        return {"messages": [Model().invoke(state["messages"])]}

    return chain_of(fetch, write)


@case("")
def a_message_with_the_same_id() -> Any:
    llm = Model()

    async def write(state: MessagesState) -> dict[str, Any]:
        reply = await llm.ainvoke(state["messages"])
        return {"messages": [reply.model_copy(update={"name": "writer", "additional_kwargs": {"checked": True}})]}

    return chain_of(write)


@case("")
def an_answer_as_a_dictionary() -> Any:
    llm = Model()

    async def draft(state: MessagesState) -> dict[str, Any]:
        reply = await llm.ainvoke(state["messages"])
        return {"messages": [{"role": "assistant", "name": "writer", "content": reply.content}]}

    return chain_of(draft)


@case("")
def a_map_and_a_reduce_that_stream() -> Any:
    class State(TypedDict):
        messages: Annotated[list[AnyMessage], add_messages]
        topics: list[str]

    def split(state: State) -> dict[str, Any]:
        return {"topics": ["bees", "wasps"]}

    async def write(part: dict[str, Any]) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke([HumanMessage(part["topic"])])]}

    def spread(state: State) -> list[Send]:
        return [Send("write", {"topic": topic}) for topic in state["topics"]]

    graph = StateGraph(State).add_node(split).add_node(write).add_edge(START, "split")
    return graph.add_conditional_edges("split", spread, ["write"]).compile()


@case("", modes=("custom", "updates"))
def a_graph_without_a_model() -> Any:
    async def work(state: MessagesState) -> dict[str, Any]:
        writer = get_stream_writer()

        def report(total: int) -> None:
            for done in range(total):
                writer({"kind": "progress", "done": done, "total": total})

        await asyncio.to_thread(report, 4)
        return {"messages": [AIMessage("worked")]}

    return chain_of(work)


@case("")
def a_nested_graph_that_streams() -> Any:
    async def think(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke(state["messages"])]}

    inner = chain_of(think)

    async def delegate(state: MessagesState) -> dict[str, Any]:
        result = await inner.ainvoke({"messages": state["messages"]})
        return {"messages": result["messages"][-1:]}

    return chain_of(delegate)


@case("")
def a_sdk_whose_pieces_are_written() -> Any:
    class Client:
        async def stream(self, prompt: str) -> Any:
            for word in ("Bees", "make", "honey"):
                await asyncio.sleep(0.01)
                yield word

    async def write(state: MessagesState) -> dict[str, Any]:
        writer, text = get_stream_writer(), ""
        async for word in Client().stream(str(state["messages"][-1].content)):
            writer({"token": word})
            text += word
        return {"messages": [AIMessage(text)]}

    return chain_of(write)


@case("")
def a_sequence_with_a_quick_tool() -> Any:
    def _count() -> str:
        time.sleep(0.02)
        return "3"

    count = StructuredTool.from_function(func=_count, name="count", description="Counts.")
    llm = Model(calls="count").bind_tools([count])
    chain = RunnableSequence(RunnableLambda(lambda state: state["messages"]), llm)

    async def agent(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await chain.ainvoke(state)]}

    def run_tools(state: MessagesState) -> dict[str, Any]:
        last = state["messages"][-1]
        calls = last.tool_calls if isinstance(last, AIMessage) else []
        return {"messages": [ToolMessage(_count(), tool_call_id=call["id"]) for call in calls]}

    def route(state: MessagesState) -> str:
        last = state["messages"][-1]
        return "run_tools" if isinstance(last, AIMessage) and last.tool_calls else END

    graph = StateGraph(MessagesState).add_node(agent).add_node(run_tools).add_edge(START, "agent")
    return graph.add_conditional_edges("agent", route, ["run_tools", END]).add_edge("run_tools", "agent").compile()
