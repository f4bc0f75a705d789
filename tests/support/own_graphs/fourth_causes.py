"""A fourth set of graphs with their causes: agents with middleware, chains, tools that ask models, tasks, clients."""

import asyncio
import contextlib
import contextvars
import functools
import json
import operator
import socket
import threading
import time
import urllib.request
import warnings
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from typing import Annotated, Any, Literal

import httpx
from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, after_model, wrap_model_call
from langchain.agents.structured_output import ToolStrategy
from langchain.chat_models import init_chat_model
from langchain_core.caches import InMemoryCache
from langchain_core.globals import set_llm_cache
from langchain_core.language_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage
from langchain_core.output_parsers import JsonOutputParser, StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import RunnableConfig, RunnableLambda, RunnablePassthrough
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.config import get_stream_writer
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import InjectedState, ToolNode, create_react_agent
from langgraph.types import Command, RetryPolicy, StreamWriter
from pydantic import BaseModel
from typing_extensions import TypedDict

from tests.support.own_graphs.foreign_causes import Foreign, Model, Whole, cases_in

FOURTH: list[Foreign] = []
case = cases_in(FOURTH)


def offline_openai(**options: Any) -> Any:
    """A client of a real package whose provider is here; it streams where it is asked to."""

    def answer(request: httpx.Request) -> httpx.Response:
        base = {"id": "1", "created": 1, "model": "m"}
        if json.loads(request.content).get("stream"):
            lines = [
                {**base, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": f"{word} "}}]}
                for word in ("Bees", "make", "honey")
            ]
            text = "".join(f"data: {json.dumps(line)}\n\n" for line in lines) + "data: [DONE]\n\n"
            return httpx.Response(200, text=text, headers={"content-type": "text/event-stream"})
        message = {"role": "assistant", "content": "Bees make honey"}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        return httpx.Response(200, json={**base, "object": "chat.completion", "choices": choices})

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return {"api_key": "none", "http_async_client": client, **options}


def builder_of(state: Any, **nodes: Any) -> Any:
    """A chain of nodes by their names."""
    graph: Any = StateGraph(state)
    before = START
    for name, node in nodes.items():
        graph.add_node(name, node)
        graph.add_edge(before, name)
        before = name
    graph.add_edge(before, END)
    return graph


@tool
def count_hives() -> str:
    """Count the hives."""
    return "7"


# --- Agents --------------------------------------------------------------------------------------------------------


@case("not-streaming")
def an_agent_whose_model_is_whole_with_tools() -> Any:
    return create_agent(Model(disable_streaming="tool_calling"), [count_hives], system_prompt="Count.")


@case("not-streaming")
def a_middleware_that_changes_the_model() -> Any:
    cheap = Model(disable_streaming=True)

    @wrap_model_call
    async def downgrade(request: Any, handler: Any) -> Any:
        return await handler(request.override(model=cheap))

    return create_agent(Model(), [], middleware=[downgrade])


@case("blocking")
def a_middleware_that_waits_for_its_turn() -> Any:
    class Pace(AgentMiddleware[Any, Any]):
        async def awrap_model_call(self, request: Any, handler: Any) -> Any:
            time.sleep(0.12)
            return await handler(request)

    return create_agent(Model(), [], middleware=[Pace()])


@case("said-twice")
def a_middleware_that_cleans_the_answer() -> Any:
    @after_model
    def clean(state: Any, runtime: Any) -> dict[str, Any]:
        last = state["messages"][-1]
        return {"messages": [AIMessage(last.text.strip())]}

    return create_agent(Model(), [], middleware=[clean])


@case("structured-output")
def an_agent_with_a_response_format() -> Any:
    class Verdict(BaseModel):
        verdict: str

    return create_agent(Model(calls="Verdict"), [], response_format=ToolStrategy(Verdict))


@case("silent-tool")
def a_sync_tool_that_computes() -> Any:
    @tool
    def simulate(weeks: int = 3) -> str:
        """Simulate."""
        time.sleep(0.3)
        return f"{weeks} weeks"

    return create_agent(Model(calls="simulate"), [simulate])


@case("not-streaming")
def a_model_by_a_function_of_the_state() -> Any:
    def choose(state: Any, runtime: Any) -> Any:
        return (Model(disable_streaming=True) if len(state["messages"]) < 50 else Model()).bind_tools([])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return create_react_agent(choose, [])


# --- Models --------------------------------------------------------------------------------------------------------


@case("not-streaming")
def a_model_of_the_library_for_tests() -> Any:
    fake = FakeMessagesListChatModel(responses=[AIMessage("Bees make honey")])
    return builder_of(MessagesState, talk=lambda state: {"messages": fake.invoke(state["messages"])}).compile()


@case("not-streaming")
def a_real_client_with_streaming_off() -> Any:
    chat = ChatOpenAI(model="gpt-4.1-mini", streaming=False, **offline_openai())

    async def talk(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await chat.ainvoke(state["messages"])]}

    return builder_of(MessagesState, talk=talk).compile()


@case("no-messages", modes=("updates", "custom"))
def a_model_chosen_by_its_name() -> Any:
    chat = init_chat_model(
        "gpt-4.1-mini", model_provider="openai", configurable_fields=("temperature",), **offline_openai()
    )

    async def talk(state: MessagesState, config: RunnableConfig) -> Command[Any]:
        reply = await chat.ainvoke(state["messages"], config)
        return Command(update={"messages": [reply]})

    return builder_of(MessagesState, talk=talk).compile()


@case("nostream")
def a_model_built_with_the_tag() -> Any:
    judge = Model(tags=["internal", "nostream"])
    prompt = ChatPromptTemplate.from_messages([("system", "Be kind."), MessagesPlaceholder("messages")])

    def talk(state: MessagesState) -> dict[str, Any]:
        return {"messages": [(prompt | judge).invoke({"messages": state["messages"]})]}

    return builder_of(MessagesState, talk=talk).compile()


@case("nostream")
def a_config_merged_at_the_call() -> Any:
    chat = Model()

    async def talk(state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
        hidden = {**config, "tags": [*(config.get("tags") or []), "nostream"]}
        return {"messages": [await chat.ainvoke(state["messages"], hidden)]}  # type: ignore[arg-type]

    return builder_of(MessagesState, talk=talk).compile()


@case("cached", given={"messages": [HumanMessage("bees?", id="h")]})
def a_cache_of_the_whole_program() -> Any:
    set_llm_cache(InMemoryCache())
    chat = Model()
    chat.invoke([HumanMessage("bees?", id="h")])

    async def talk(state: MessagesState) -> dict[str, Any]:
        return {"messages": await chat.ainvoke(state["messages"])}

    return builder_of(MessagesState, talk=talk).compile()


# --- Tokens that LangGraph does not hear ---------------------------------------------------------------------------


@case("raw-client")
def a_step_of_a_chain_that_asks_by_http() -> Any:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"message": {"content": "Bees"}}))
    http = httpx.AsyncClient(base_url="http://localhost:11434", transport=transport)

    async def ask_ollama(prompt: Any) -> str:
        reply = await http.post("/api/chat", json={"model": "llama3", "messages": [], "stream": False})
        return str(reply.json()["message"]["content"])

    chain = ChatPromptTemplate.from_template("{question}") | RunnableLambda(ask_ollama)

    async def talk(state: MessagesState) -> dict[str, Any]:
        text = await chain.ainvoke({"question": state["messages"][-1].text})
        return {"messages": [AIMessage(text, id="one")]}

    return builder_of(MessagesState, talk=talk).compile()


@case("raw-client")
def a_request_of_the_standard_library() -> Any:
    config = {"endpoint": "http://127.0.0.1:9/v1/messages", "timeout": 1}

    class Claude:
        def __init__(self, settings: dict[str, Any]) -> None:
            self.settings = settings

        def ask(self, text: str) -> str:
            body = json.dumps({"messages": [{"role": "user", "content": text}]}).encode()
            request = urllib.request.Request(self.settings["endpoint"], data=body)
            with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=1) as reply:
                return str(json.load(reply)["content"][0]["text"])
            return "Bees make honey"

    claude = Claude(config)

    def talk(state: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage(claude.ask(state["messages"][-1].text), id="one")]}

    return builder_of(MessagesState, talk=talk).compile()


@case("lost-context")
def a_partial_in_the_executor() -> Any:
    chat = Model()

    async def talk(state: MessagesState) -> dict[str, Any]:
        call = functools.partial(chat.invoke, state["messages"])
        return {"messages": [await asyncio.get_running_loop().run_in_executor(None, call)]}

    return builder_of(MessagesState, talk=talk).compile()


@case("lost-context")
def a_thread_that_leaves_its_result() -> Any:
    chat = Model()

    class Job:
        def __init__(self, messages: list[AnyMessage]) -> None:
            self.messages = messages
            self.result: Any = None

        def work(self) -> None:
            self.result = (chat | StrOutputParser()).invoke(self.messages)

    def talk(state: MessagesState) -> dict[str, Any]:
        job = Job(state["messages"])
        thread = threading.Thread(target=job.work)
        thread.start()
        thread.join()
        return {"messages": [AIMessage(job.result, id="one")]}

    return builder_of(MessagesState, talk=talk).compile()


@case("lost-context")
def a_config_built_anew() -> Any:
    chat = Model()

    async def talk(state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
        mine = RunnableConfig(callbacks=[], metadata={"user": "7"}, tags=["mine"])
        return {"messages": [await chat.ainvoke(state["messages"], config=mine)]}

    return builder_of(MessagesState, talk=talk).compile()


@case("nested-graph", subgraphs=False)
def a_research_graph_kept_by_an_object() -> Any:
    class Researcher:
        def __init__(self) -> None:
            self.graph = builder_of(MessagesState, think=self.think).compile()

        async def think(self, state: MessagesState) -> dict[str, Any]:
            return {"messages": [await Model().ainvoke(state["messages"])]}

        async def run(self, question: str) -> str:
            result = await self.graph.ainvoke({"messages": [("user", question)]}, {"recursion_limit": 5})
            return str(result["messages"][-1].content)

    researcher = Researcher()

    async def delegate(state: MessagesState) -> dict[str, Any]:
        found = await researcher.run(state["messages"][-1].text)
        return {"messages": [HumanMessage(f"Findings: {found}")]}

    return builder_of(MessagesState, delegate=delegate).compile()


# --- Whole answers -------------------------------------------------------------------------------------------------


@case("structured-output", given={"question": "bees?"})
def a_router_by_a_literal() -> Any:
    class Route(TypedDict):
        """Where to go."""

        verdict: Annotated[Literal["good", "bad"], ..., "the verdict"]

    class State(TypedDict):
        question: str
        route: str

    classify = itemgetter("question") | Model().with_structured_output(Route, include_raw=True)

    async def triage(state: State) -> dict[str, Any]:
        chosen = await classify.ainvoke(state)
        return {"route": str(chosen["parsed"])}

    return builder_of(State, triage=triage).compile()


@case("said-twice")
def a_last_node_that_formats() -> Any:
    async def draft(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke(state["messages"])]}

    def finish(state: MessagesState) -> dict[str, Any]:
        last = state["messages"][-1]
        return {"messages": [last.model_copy(update={"id": None, "name": "assistant"})]}

    return builder_of(MessagesState, draft=draft, finish=finish).compile()


@case("said-twice")
def a_node_that_is_tried_again() -> Any:
    tries: list[int] = []

    async def write(state: MessagesState) -> dict[str, Any]:
        reply = await Model().ainvoke(state["messages"])
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionError("the database is away")
        return {"messages": [reply]}

    graph = StateGraph(MessagesState)
    graph.add_node("write", write, retry_policy=RetryPolicy(max_attempts=2, initial_interval=0.01, jitter=False))
    graph.add_edge(START, "write")
    return graph.compile()


# --- What stands still ---------------------------------------------------------------------------------------------


@case("blocking")
def a_batch_in_async_code() -> Any:
    class Slow(Model):
        def _stream(self, *args: Any, **kwargs: Any) -> Any:
            time.sleep(0.25)
            yield from super()._stream(*args, **kwargs)

    async def talk(state: MessagesState) -> dict[str, Any]:
        first, *_ = Slow().batch([state["messages"]])
        return {"messages": [first]}

    return builder_of(MessagesState, talk=talk).compile()


@case("blocking")
def a_computation_between_two_words() -> Any:
    def score(rounds: int) -> int:
        total = 0
        until = time.perf_counter() + 0.25
        while time.perf_counter() < until:
            total += sum(number * number for number in range(rounds))
        return total

    async def rank(state: MessagesState) -> dict[str, Any]:
        score(500)
        return {"messages": [await Model().ainvoke(state["messages"])]}

    return builder_of(MessagesState, rank=rank).compile()


@case("blocking")
def a_socket_that_is_waited_for() -> Any:
    def probe(port: int) -> bool:
        with socket.create_server(("127.0.0.1", port)) as server:
            server.settimeout(0.25)
            with contextlib.suppress(TimeoutError):
                server.accept()
                return True
        return False

    async def check(state: MessagesState) -> dict[str, Any]:
        probe(0)
        return {"messages": [await Model().ainvoke(state["messages"])]}

    return builder_of(MessagesState, check=check).compile()


@case("blocking", given={"topic": "bees"})
def a_future_that_is_waited_for() -> Any:
    pool = ThreadPoolExecutor(max_workers=1)

    def fetch(topic: str) -> str:
        threading.Event().wait(0.25)
        return topic

    @task
    async def collect(topic: str) -> str:
        return pool.submit(fetch, topic).result()

    @entrypoint()
    async def flow(given: dict[str, Any]) -> str:
        return str((await Model().ainvoke(await collect(given["topic"]))).text)

    return flow


@case("silent-tool")
def a_tool_that_asks_a_service() -> Any:
    @tool
    async def weather(city: str = "Bern", *, state: Annotated[dict[str, Any], InjectedState] | None = None) -> str:
        """Ask for the weather."""
        async with asyncio.timeout(2):
            await asyncio.gather(asyncio.sleep(0.3), asyncio.sleep(0.1))
        return f"sunny in {city}"

    async def plan(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await Model(calls="weather").bind_tools([weather]).ainvoke(state["messages"])]}

    return builder_of(MessagesState, plan=plan, act=ToolNode([weather])).compile()


@case("thread-writer")
def a_timer_that_writes() -> Any:
    def beat() -> None:
        with contextlib.suppress(RuntimeError):
            get_stream_writer()({"beat": 1})

    async def talk(state: MessagesState) -> dict[str, Any]:
        timer = threading.Timer(0.01, beat)
        timer.start()
        await asyncio.to_thread(timer.join)
        return {"messages": [await Model().ainvoke(state["messages"])]}

    return builder_of(MessagesState, talk=talk).compile()


@case("thread-writer", modes=("custom", "updates"))
def a_callback_of_a_library_that_writes() -> Any:
    def download(on_progress: Callable[[int], None]) -> None:
        with ThreadPoolExecutor(max_workers=2) as pool:
            list(pool.map(on_progress, range(3)))

    def fetch(state: MessagesState) -> dict[str, Any]:
        def report(done: int) -> None:
            with contextlib.suppress(RuntimeError):
                writer = get_stream_writer()
                writer({"done": done})

        download(report)
        return {"messages": [AIMessage("fetched")]}

    return builder_of(MessagesState, fetch=fetch).compile()


@case("thread-writer")
def a_writer_handed_to_a_thread() -> Any:
    def talk(state: MessagesState, writer: StreamWriter) -> dict[str, Any]:
        def report() -> None:
            with contextlib.suppress(RuntimeError):
                writer({"done": 1})

        thread = threading.Thread(target=report)
        thread.start()
        thread.join()
        return {"messages": [Model().invoke(state["messages"])]}

    return builder_of(MessagesState, talk=talk).compile()


# --- How a stream is read ------------------------------------------------------------------------------------------


@case("v1-tuples")
def parts_that_are_read_as_mappings() -> Any:
    inner = builder_of(
        MessagesState, step=RunnableLambda(lambda state: {"messages": [Model().invoke(state["messages"])]})
    ).compile()

    async def delegate(state: MessagesState) -> dict[str, Any]:
        seen: list[str] = []
        stream = inner.astream({"messages": state["messages"]}, stream_mode=["updates", "messages"])
        async for chunk in stream:
            # All are read: a stream that is left early loses the tokens or not, as its thread happens to be.
            with contextlib.suppress(AttributeError):
                for node, _ in chunk.items():  # type: ignore[attr-defined]
                    seen.append(node)
        return {}

    return builder_of(MessagesState, delegate=delegate).compile()


class Page(BaseModel):
    """A page of a shop."""

    title: str = ""
    body: str = ""


class Crawl(BaseModel):
    """What was crawled."""

    pages: Annotated[dict[str, Page], operator.or_] = {}
    left: int = 6


@case("values", modes=("values",), given={"left": 6})
def a_state_of_pages() -> Any:
    def fetch(state: Crawl) -> dict[str, Any]:
        page = Page(title=f"Page {state.left}", body="honey " * 80)
        return {"pages": {page.title: page}, "left": state.left - 1}

    graph = StateGraph(Crawl)
    graph.add_node("fetch", fetch)
    graph.add_edge(START, "fetch")
    graph.add_conditional_edges("fetch", lambda state: "fetch" if state.left else END, ["fetch", END])
    return graph.compile()


# --- Healthy -------------------------------------------------------------------------------------------------------


@case("")
def answers_that_are_gathered() -> Any:
    chat = Model()

    async def talk(state: MessagesState) -> dict[str, Any]:
        texts = ("bees?", "wasps?", "hornets?")
        replies = await asyncio.gather(*(chat.ainvoke([SystemMessage("Brief."), HumanMessage(text)]) for text in texts))
        return {"messages": list(replies)}

    return builder_of(MessagesState, talk=talk).compile()


@case("")
def a_coroutine_of_another_loop() -> Any:
    chat = Model()

    def talk(state: MessagesState) -> dict[str, Any]:
        return {"messages": [asyncio.run(chat.ainvoke(state["messages"]))]}

    return builder_of(MessagesState, talk=talk).compile()


@case("")
def an_agent_with_middleware() -> Any:
    class Notes(AgentMiddleware[Any, Any]):
        async def awrap_model_call(self, request: Any, handler: Any) -> Any:
            return await handler(request.override(system_message=SystemMessage("You count hives.")))

        def after_model(self, state: Any, runtime: Any) -> None:
            return None

    return create_agent(Model(calls="count_hives"), [count_hives], middleware=[Notes()])


@case("")
def a_tool_that_asks_a_model() -> Any:
    helper = Model(text="Seven hives are full")

    @tool
    async def expert(question: str = "how many?") -> str:
        """Ask the expert."""
        return str((await helper.ainvoke([HumanMessage(question)])).text)

    return create_agent(Model(calls="expert"), [expert])


@case("")
def a_chain_of_lambdas() -> Any:
    chain = (
        RunnablePassthrough.assign(question=lambda state: state["messages"][-1].text)
        | RunnableLambda(lambda given: Model().invoke(given["question"]))
        | (lambda reply: {"messages": [reply]})
    )
    return builder_of(MessagesState, talk=chain).compile()


@case("", given={"question": "bees?"})
def json_that_streams() -> Any:
    chain = Model(text='{"bees": 7}') | JsonOutputParser()

    class State(TypedDict):
        question: str
        found: dict[str, Any]

    async def read(state: State) -> dict[str, Any]:
        found: dict[str, Any] = {}
        async for partial in chain.astream(state["question"]):
            found = partial
        return {"found": found}

    return builder_of(State, read=read).compile()


@case("", given={"topic": "bees"})
def tasks_with_a_cache_that_is_empty() -> Any:
    chat = Model(cache=InMemoryCache())

    @task
    def write(topic: str) -> str:
        return str(chat.invoke(topic).text)

    @entrypoint()
    def flow(given: dict[str, Any]) -> list[str]:
        return [future.result() for future in [write("bees"), write("wasps")]]

    return flow


@case("")
def a_writer_in_a_thread_with_the_context() -> Any:
    def talk(state: MessagesState, writer: StreamWriter) -> dict[str, Any]:
        context = contextvars.copy_context()
        thread = threading.Thread(target=lambda: context.run(writer, {"done": 1}))
        thread.start()
        thread.join()
        return {"messages": [Model().invoke(state["messages"])]}

    return builder_of(MessagesState, talk=talk).compile()


@case("")
def a_summary_that_replaces_messages() -> Any:
    async def talk(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke(state["messages"])]}

    async def summarize(state: MessagesState) -> dict[str, Any]:
        reply = await Model(text="A short summary of it").with_config(tags=["summary"]).ainvoke(state["messages"])
        return {"messages": [SystemMessage(f"Summary: {reply.text}")]}

    return builder_of(MessagesState, talk=talk, summarize=summarize).compile()


@case("")
def a_real_client_that_streams() -> Any:
    chat = ChatOpenAI(model="gpt-4.1-mini", **offline_openai())

    async def talk(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await chat.ainvoke(state["messages"])]}

    return builder_of(MessagesState, talk=talk).compile()


@case("")
def a_team_behind_a_router_that_is_quick() -> Any:
    expert = builder_of(MessagesState, answer=lambda state: {"messages": [Model().invoke(state["messages"])]}).compile(
        name="expert"
    )
    graph: Any = StateGraph(MessagesState)
    graph.add_node("expert", expert)
    graph.add_node("spare", Whole() | RunnableLambda(lambda reply: {"messages": [reply]}))
    graph.add_conditional_edges(START, lambda state: "expert" if state["messages"] else "spare", ["expert", "spare"])
    return graph.compile()


@case("")
def pieces_of_a_raw_client_that_are_written() -> Any:
    async def pieces() -> AsyncIterator[str]:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, text="Bees\nmake\nhoney\n"))
        async with (
            httpx.AsyncClient(transport=transport) as http,
            http.stream("POST", "http://localhost:11434/api/generate") as reply,
        ):
            async for line in reply.aiter_lines():
                yield line

    async def talk(state: MessagesState) -> dict[str, Any]:
        write, text = get_stream_writer(), ""
        async for piece in pieces():
            write({"token": piece})
            text += piece
        return {"messages": [AIMessage(text)]}

    return builder_of(MessagesState, talk=talk).compile()


@case("", given={"messages": [HumanMessage("bees?")], "notes": []})
def a_sync_node_that_computes() -> Any:
    class State(TypedDict):
        messages: Annotated[list[AnyMessage], add_messages]
        notes: list[str]

    def count(state: State) -> dict[str, Any]:
        until = time.perf_counter() + 0.25
        while time.perf_counter() < until:
            sum(range(100))
        return {"notes": ["counted"]}

    async def talk(state: State) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke(state["messages"])]}

    return builder_of(State, count=count, talk=talk).compile()
