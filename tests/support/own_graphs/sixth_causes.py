"""A sixth set of graphs with their causes: queues, wrappers of models, caches of nodes, copies, pools, pollers."""

import asyncio
import contextvars
import functools
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing.dummy import Pool
from typing import Any, ClassVar
from uuid import uuid4

import httpx
from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, RemoveMessage, SystemMessage
from langchain_core.outputs import ChatResult
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import ConfigurableField, RunnableBranch, RunnableConfig, RunnableLambda
from langchain_core.runnables.config import ContextThreadPoolExecutor
from langchain_core.tools import BaseTool, tool
from langgraph.cache.memory import InMemoryCache
from langgraph.config import get_stream_writer
from langgraph.constants import TAG_NOSTREAM
from langgraph.func import entrypoint, task
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.runtime import Runtime
from langgraph.types import CachePolicy, Command
from pydantic import BaseModel, Field

from tests.support.own_graphs.fifth_causes import graph_of
from tests.support.own_graphs.foreign_causes import Foreign, Model, cases_in

SIXTH: list[Foreign] = []
case = cases_in(SIXTH)

SLOW_QUERY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n"


@case("blocking")
def a_query_of_a_database_file() -> Any:
    class Orders:
        def __init__(self) -> None:
            self.rows = sqlite3.connect(":memory:", check_same_thread=False)

        def __del__(self) -> None:
            # Python 3.13 warns of a connection that nobody closed.
            self.rows.close()

        async def count(self) -> int:
            return int(self.rows.execute(SLOW_QUERY).fetchone()[0])

    orders, llm = Orders(), Model()

    async def look_up(state: MessagesState) -> dict[str, Any]:
        return {"messages": [SystemMessage(f"{await orders.count()} orders")]}

    async def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await llm.ainvoke(state["messages"])]}

    return graph_of(look_up=look_up, reply=reply)


@case("blocking")
def a_result_that_is_taken_from_a_queue() -> Any:
    def crunch(results: "queue.Queue[str]") -> None:
        time.sleep(0.3)
        results.put("done")

    async def wait_for(results: "queue.Queue[str]") -> str:
        return results.get(timeout=5)

    async def work(state: MessagesState) -> dict[str, Any]:
        results: queue.Queue[str] = queue.Queue()
        threading.Thread(target=crunch, args=(results,), daemon=True).start()
        return {"messages": [SystemMessage(await wait_for(results))]}

    async def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke(state["messages"])]}

    return graph_of(work=work, reply=reply)


@case("lost-context")
def a_worker_with_a_context_of_its_own() -> Any:
    llm = Model()

    async def serve(jobs: "asyncio.Queue[tuple[list[AnyMessage], asyncio.Future[Any]]]") -> None:
        while True:
            asked, answer = await jobs.get()
            answer.set_result(await llm.ainvoke(asked))

    async def reply(state: MessagesState) -> dict[str, Any]:
        jobs: asyncio.Queue[Any] = asyncio.Queue()
        worker = asyncio.create_task(serve(jobs), context=contextvars.Context())
        answer = asyncio.get_running_loop().create_future()
        await jobs.put((state["messages"], answer))
        try:
            return {"messages": [await answer]}
        finally:
            worker.cancel()

    return graph_of(reply=reply)


@case("lost-context")
def a_pool_of_the_dummy_module() -> Any:
    llm = Model()

    def drafts(state: MessagesState) -> dict[str, Any]:
        prompts = [state["messages"], [*state["messages"], HumanMessage("Shorter.")]]
        with Pool(2) as pool:
            first, _ = pool.map(llm.invoke, prompts)
        return {"messages": [first]}

    return graph_of(drafts=drafts)


@case("raw-client")
def a_gateway_with_its_route_in_a_field() -> Any:
    @dataclass
    class Gateway:
        host: str = "http://gateway.internal"
        route: str = "/openai/deployments/gpt/chat/completions"
        session: httpx.AsyncClient = field(
            default_factory=lambda: httpx.AsyncClient(
                transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"text": "Bees make honey"}))
            )
        )

        async def complete(self, prompt: str) -> str:
            reply = await self.session.post(f"{self.host}{self.route}", json={"prompt": prompt})
            return str(reply.json()["text"])

    gateway = Gateway()

    async def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage(await gateway.complete(state["messages"][-1].text), id="one")]}

    return graph_of(reply=reply)


@case("not-streaming")
def a_field_that_is_configured() -> Any:
    llm = Model().configurable_fields(disable_streaming=ConfigurableField(id="whole"))

    async def reply(state: MessagesState) -> dict[str, Any]:
        quiet = llm.with_config(configurable={"whole": True})
        return {"messages": [await quiet.ainvoke(state["messages"])]}

    return graph_of(reply=reply)


@case("not-streaming")
def a_model_that_guards_another() -> Any:
    class Guarded(BaseChatModel):
        inner: Any
        banned: list[str] = Field(default_factory=lambda: ["wasp"])

        @property
        def _llm_type(self) -> str:
            return "guarded"

        def _generate(self, messages: list[BaseMessage], *given: Any, **options: Any) -> ChatResult:
            return self.inner._generate(messages, **options)

        async def _agenerate(self, messages: list[BaseMessage], *given: Any, **options: Any) -> ChatResult:
            return self._generate(messages)

    llm = Guarded(inner=Model())

    async def reply(state: MessagesState, runtime: Runtime[None]) -> Command[Any]:
        return Command(update={"messages": [await llm.ainvoke(state["messages"])]})

    return graph_of(reply=reply)


@case("nostream")
def a_class_with_a_quiet_config() -> Any:
    class Writer:
        quiet: ClassVar = {"tags": [TAG_NOSTREAM]}

        def __init__(self, llm: Any) -> None:
            self.llm = llm

        async def __call__(self, state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
            return {"messages": [await self.llm.ainvoke(state["messages"], {**config, **self.quiet})]}

    return graph_of(write=Writer(Model()))


class Verdict(BaseModel):
    """A verdict."""

    verdict: str


@case("structured-output")
def a_branch_with_the_raw_answer_beside() -> Any:
    prompt = ChatPromptTemplate.from_messages([("system", "Judge."), MessagesPlaceholder("messages")])
    judge = prompt | Model().with_structured_output(Verdict, include_raw=True)
    grade = RunnableBranch((lambda state: not state["messages"], lambda _: {"parsed": None}), judge)

    def kept(result: Any) -> dict[str, Any]:
        return {"messages": [SystemMessage(str(result["parsed"]))]}

    return graph_of(grade=grade | RunnableLambda(kept))


@case("said-twice")
def a_copy_with_a_new_id() -> Any:
    llm = Model()

    async def think(state: MessagesState) -> dict[str, Any]:
        answer = await llm.ainvoke(state["messages"])
        signed = answer.model_copy(update={"id": str(uuid4()), "name": "expert"})
        return {"messages": [signed]}

    return graph_of(think=think)


@case("thread-writer", modes=("custom", "updates"))
def pages_that_are_indexed_in_a_pool() -> Any:
    def tell(**what: Any) -> None:
        get_stream_writer()(what)

    class Indexer:
        def index(self, page: int) -> int:
            tell(page=page, status="indexed")
            return page

        def __call__(self, state: MessagesState) -> dict[str, Any]:
            with ThreadPoolExecutor(max_workers=4) as pool:
                waiting = {pool.submit(self.index, page): page for page in range(4)}
                failed = [waiting[done] for done in as_completed(waiting) if done.exception()]
            return {"messages": [AIMessage(f"{4 - len(failed)} pages", id="one")]}

    return graph_of(index=Indexer())


@case("silent-tool")
def a_tool_that_polls_a_job() -> Any:
    class Job(BaseTool):
        name: str = "job"
        description: str = "Run a job."

        def _run(self) -> str:
            raise NotImplementedError

        async def _arun(self) -> str:
            for _ in range(6):
                await asyncio.sleep(0.05)
            return "finished"

    job = Job()
    llm = Model(calls="job").bind_tools([job])

    async def think(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await llm.ainvoke(state["messages"])]}

    builder: Any = StateGraph(MessagesState)
    builder.add_node("think", think)
    builder.add_node("tools", ToolNode([job]))
    builder.add_edge(START, "think")
    builder.add_conditional_edges("think", tools_condition)
    builder.add_edge("tools", "think")
    return builder.compile()


@case("nested-graph", subgraphs=False)
def a_team_in_a_partial() -> Any:
    llm = Model()

    async def research(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await llm.ainvoke(state["messages"])]}

    team = graph_of(research=research)

    async def run_team(graph: Any, state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
        result = await graph.ainvoke({"messages": state["messages"]}, config)
        return {"messages": result["messages"][-1:]}

    return graph_of(team=functools.partial(run_team, team))


CACHE = InMemoryCache[Any]()


@case("cached")
def a_node_whose_result_is_cached() -> Any:
    llm = Model()

    async def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await llm.ainvoke(state["messages"])]}

    def same(state: Any) -> bytes:
        return b"one"

    builder: Any = StateGraph(MessagesState)
    builder.add_node("reply", reply, cache_policy=CachePolicy(key_func=same))
    builder.add_edge(START, "reply")
    graph = builder.compile(cache=CACHE)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, graph.ainvoke({"messages": [HumanMessage("bees?")]})).result()
    return graph


@case("no-messages", modes=("values", "custom"))
def a_team_read_by_values() -> Any:
    @tool
    def weather(city: str = "Bern") -> str:
        """The weather."""
        return "sunny"

    return create_agent(Model(calls="weather"), [weather], name="forecaster")


@case("values", modes=("values", "messages"), given={"messages": [HumanMessage("bees?")], "picture": "x" * 3000})
def a_picture_in_the_state() -> Any:
    class State(MessagesState):
        picture: str

    async def look(state: State) -> dict[str, Any]:
        return {"messages": [SystemMessage("A bee.")]}

    async def reply(state: State) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke(state["messages"])]}

    return graph_of(State, look=look, check=look, reply=reply)


@case("", modes=("messages", "custom"))
def a_tool_that_streams_its_pages() -> Any:
    @tool
    async def crawl(runtime: Any = None) -> str:
        """Crawl."""
        writer = get_stream_writer()

        async def pages() -> Any:
            for number in range(3):
                await asyncio.sleep(0.02)
                yield number

        async for page in pages():
            writer({"page": page})
        return "three"

    return create_agent(Model(calls="crawl"), [crawl])


@case("")
def a_group_of_tasks() -> Any:
    llm = Model()

    async def both(state: MessagesState) -> dict[str, Any]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(llm.ainvoke([*state["messages"], SystemMessage(tone)])) for tone in ("a", "b")]
        return {"messages": [tasks[0].result()]}

    return graph_of(both=both)


@case("")
def a_pool_that_keeps_the_context() -> Any:
    llm = Model()

    def drafts(state: MessagesState) -> dict[str, Any]:
        with ContextThreadPoolExecutor(max_workers=2) as pool:
            first, _ = pool.map(llm.invoke, [state["messages"]] * 2)
        return {"messages": [first]}

    return graph_of(drafts=drafts)


@case("", modes=("custom", "updates"))
def a_thread_behind_a_helper_that_copies() -> Any:
    def in_thread(function: Callable[[], None]) -> threading.Thread:
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(function,))
        thread.start()
        return thread

    def count() -> None:
        get_stream_writer()({"counted": 1})

    def work(state: MessagesState) -> dict[str, Any]:
        in_thread(count).join()
        return {"messages": [AIMessage("one", id="one")]}

    return graph_of(work=work)


@case("")
def a_sync_node_that_rests_and_streams() -> Any:
    llm = Model()

    def reply(state: MessagesState) -> dict[str, Any]:
        time.sleep(0.1)
        whole: Any = None
        for chunk in llm.stream(state["messages"]):
            whole = chunk if whole is None else whole + chunk
        return {"messages": [whole]}

    return graph_of(reply=reply)


@case("")
def a_shelf_of_models() -> Any:
    @dataclass
    class Desk:
        models: dict[str, Any] = field(default_factory=lambda: {"fast": Model(), "tool": Model(calls="x")})

        async def __call__(self, state: MessagesState) -> dict[str, Any]:
            return {"messages": [await self.models["fast"].ainvoke(state["messages"])]}

    return graph_of(desk=Desk())


@case("")
def examples_before_the_question() -> Any:
    llm = Model()

    async def reply(state: MessagesState) -> dict[str, Any]:
        examples = [HumanMessage("wasps?"), AIMessage("They sting."), HumanMessage("ants?"), AIMessage("They carry.")]
        return {"messages": [await llm.ainvoke([SystemMessage("Be short."), *examples, *state["messages"]])]}

    return graph_of(reply=reply)


@case("")
def work_that_goes_to_a_thread() -> Any:
    def parse(text: str) -> str:
        time.sleep(0.2)
        return text.upper()

    async def reply(state: MessagesState) -> dict[str, Any]:
        text = await asyncio.to_thread(parse, state["messages"][-1].text)
        return {"messages": [await Model().ainvoke([HumanMessage(text)])]}

    return graph_of(reply=reply)


@case("")
def a_search_by_http() -> Any:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"hits": ["bees"]}))

    async def search(state: MessagesState) -> dict[str, Any]:
        async with httpx.AsyncClient(transport=transport, base_url="https://api.search.example") as client:
            hits = (await client.post("/v1/search", json={"q": "bees"})).json()["hits"]
        return {"messages": [SystemMessage(str(hits))]}

    async def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke(state["messages"])]}

    return graph_of(search=search, reply=reply)


@case("")
def an_inner_graph_that_is_passed_on() -> Any:
    llm = Model()

    async def write(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await llm.ainvoke(state["messages"])]}

    inner = graph_of(write=write)

    async def relay(state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
        writer, last = get_stream_writer(), None
        async for part in inner.astream(state, config, stream_mode=["messages", "values"], version="v2"):
            if part["type"] == "values":
                last = part["data"]["messages"][-1]
            else:
                writer({"piece": part["data"][0].text})
        return {"messages": [last]}

    return graph_of(relay=relay)


@case("")
def a_memory_that_is_made_short() -> Any:
    class State(MessagesState):
        summary: str

    llm = Model()

    async def shorten(state: State) -> dict[str, Any]:
        summary = await llm.ainvoke([*state["messages"], HumanMessage("Summarize.")], {"tags": [TAG_NOSTREAM]})
        return {"summary": summary.text, "messages": [RemoveMessage(id=one.id) for one in state["messages"][:-1]]}

    async def reply(state: State) -> dict[str, Any]:
        return {"messages": [await llm.ainvoke([SystemMessage(state["summary"]), *state["messages"]])]}

    return graph_of(State, shorten=shorten, reply=reply)


@case("")
def a_nested_graph_that_asks_no_model() -> Any:
    def count(state: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage(str(len(state["messages"])))]}

    inner = graph_of(MessagesState, count=count)

    def delegate(state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
        return {"messages": inner.invoke({"messages": state["messages"]}, config)["messages"][-1:]}

    return graph_of(MessagesState, delegate=delegate)


@case("", subgraphs=False)
def a_nested_graph_that_asks_no_model_and_is_not_seen() -> Any:
    return a_nested_graph_that_asks_no_model()


@case("nested-graph", subgraphs=False)
def a_nested_graph_that_asks_a_model_in_a_graph_of_its_own() -> Any:
    async def write(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke(state["messages"])]}

    innermost = graph_of(write=write)

    async def relay(state: MessagesState) -> dict[str, Any]:
        return {"messages": (await innermost.ainvoke({"messages": state["messages"]}))["messages"][-1:]}

    inner = graph_of(relay=relay)

    async def delegate(state: MessagesState) -> dict[str, Any]:
        return {"messages": (await inner.ainvoke({"messages": state["messages"]}))["messages"][-1:]}

    return graph_of(delegate=delegate)


@case("", given="bees")
def an_entrypoint_with_sections() -> Any:
    llm = Model()

    @task
    async def section(title: str) -> str:
        return str((await llm.ainvoke(title)).text)

    @entrypoint()
    async def report(topic: str) -> str:
        return "\n".join(await asyncio.gather(*(section(f"{topic} {number}") for number in range(3))))

    return report
