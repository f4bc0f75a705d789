"""More graphs with their causes, written after the rules and measured once before the rules saw them."""

import asyncio
import concurrent.futures
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx
from langchain.agents import create_agent
from langchain_core.caches import InMemoryCache
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableBranch, RunnableConfig, RunnableLambda, chain
from langchain_core.tools import BaseTool, tool
from langgraph.config import get_stream_writer
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import Command, Send

from tests.support.own_graphs.foreign_causes import Foreign, Model, Whole, cases_in, chain_of, offline_client
from tests.support.own_graphs.foreign_helpers import Verdict

Build = Callable[[], Any]
HELD_OUT: list[Foreign] = []
case = cases_in(HELD_OUT)


class Settings:
    """Clients in one object, as applications keep them."""

    def __init__(self) -> None:
        self.clients = {"main": offline_client()}
        self.chat = Model()


settings = Settings()


@case("raw-client")
def a_client_of_the_settings() -> Any:
    class Service:
        async def complete(self, prompt: str) -> str:
            api = settings.clients["main"]
            done = await api.chat.completions.create(model="m", messages=[{"role": "user", "content": prompt}])
            return str(done.choices[0].message.content)

    service = Service()

    async def answer(state: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage(await service.complete("bees?"), id="one")]}

    return chain_of(answer)


@case("raw-client")
def a_plain_request_to_a_provider() -> Any:
    base = "https://api.example.org/v1"

    def complete(text: str) -> str:
        with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"a": "Bees"}))) as http:
            return str(http.post(f"{base}/chat/completions", json={"q": text}).json()["a"])

    def answer(state: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage(complete("bees?"), id="one")]}

    return chain_of(answer)


@case("not-streaming")
def a_branch_to_a_model_that_does_not_stream() -> Any:
    prompt = RunnableLambda(lambda state: state["messages"])
    by_branch: Any = RunnableBranch((lambda x: len(x) > 5, Model()), Model(disable_streaming=True))
    return chain_of(prompt | by_branch | RunnableLambda(lambda m: {"messages": [m]}))


@case("not-streaming")
def a_model_with_a_fallback() -> Any:
    safe = Whole().with_fallbacks([Model()])

    async def answer(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await safe.ainvoke(state["messages"])]}

    return chain_of(answer)


@case("not-streaming")
def a_model_of_the_config() -> Any:
    models = {"a": Model, "b": Whole}

    async def answer(state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
        kind = models[config["configurable"].get("which", "b")]
        reply = await kind().ainvoke(state["messages"])
        return {"messages": [reply]}

    return chain_of(answer)


@case("cached")
def a_cache_of_answers() -> Any:
    cache = InMemoryCache()
    chat = Model(cache=cache)
    chat.invoke([HumanMessage("bees?", id="h")])

    async def answer(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await chat.ainvoke([HumanMessage("bees?", id="h")])]}

    return chain_of(answer)


@case("lost-context")
def futures_of_a_module() -> Any:
    chat = Model()

    def answer(state: MessagesState) -> dict[str, Any]:
        with concurrent.futures.ThreadPoolExecutor() as workers:
            jobs = {workers.submit(chat.invoke, text): text for text in ("bees?", "wasps?")}
            done = [job.result() for job in concurrent.futures.as_completed(jobs)]
        return {"messages": [done[0]]}

    return chain_of(answer)


@case("lost-context")
def a_loop_in_a_thread() -> Any:
    chat = Model()

    async def ask() -> Any:
        return await chat.ainvoke("bees?")

    def answer(state: MessagesState) -> dict[str, Any]:
        with concurrent.futures.ThreadPoolExecutor() as workers:
            return {"messages": [workers.submit(asyncio.run, ask()).result()]}

    return chain_of(answer)


@case("blocking")
def a_program_that_is_run() -> Any:
    async def answer(state: MessagesState) -> dict[str, Any]:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.1)"], check=True)
        return {"messages": [await Model().ainvoke(state["messages"])]}

    return chain_of(answer)


class Scraper(BaseTool):
    """A tool as a class."""

    name: str = "scrape"
    description: str = "Scrape a page."

    def _run(self) -> str:
        time.sleep(0.1)
        return "page"

    async def _arun(self) -> str:
        time.sleep(0.1)
        return "page"


@case("blocking")
def a_tool_as_a_class() -> Any:
    return create_agent(Model(calls="scrape"), [Scraper()])


@case("blocking")
def a_sync_call_of_a_model_in_async_code() -> Any:
    class Slow(Model):
        def _stream(self, *args: Any, **kwargs: Any) -> Any:
            for piece in super()._stream(*args, **kwargs):
                time.sleep(0.06)
                yield piece

    slow = Slow()

    async def answer(state: MessagesState) -> dict[str, Any]:
        return {"messages": [slow.invoke(state["messages"])]}

    return chain_of(answer)


@case("structured-output")
def json_by_a_parser() -> Any:
    planner = ChatPromptTemplate.from_template("{topic}") | Model().with_structured_output(Verdict)

    @chain
    def plan(state: Any) -> Any:
        planner.invoke({"topic": "bees"})
        return {}

    return chain_of(plan)


@case("said-twice")
def an_answer_with_its_sources() -> Any:
    async def answer(state: MessagesState) -> dict[str, Any]:
        reply = await Model().ainvoke([SystemMessage("Cite."), *state["messages"]])
        return {"messages": [AIMessage(reply.content, additional_kwargs={"sources": ["a"]})]}

    return chain_of(answer)


@case("subgraphs", subgraphs=False)
def workers_that_are_sent() -> Any:
    worker = chain_of(lambda state: {"messages": [Model().invoke("bees?")]})
    builder: Any = StateGraph(MessagesState)
    builder.add_node("worker", worker)
    builder.add_conditional_edges(START, lambda state: [Send("worker", state), Send("worker", state)], ["worker"])
    return builder.compile()


@case("silent-tool")
def a_slow_download() -> Any:
    @tool
    async def download(url: str = "x") -> str:
        """Download."""
        for _ in range(3):
            await asyncio.sleep(0.1)
        return "done"

    return create_agent(Model(calls="download"), [download])


@case("no-messages", modes=("updates",))
def an_agent_read_by_updates() -> Any:
    return create_agent(Model(), [])


# --- Healthy -------------------------------------------------------------------------------------------------------


@case("")
def a_command_after_a_grade() -> Any:
    async def grade(state: MessagesState) -> Command[Any]:
        await Model().with_structured_output(Verdict).ainvoke(state["messages"])
        return Command(goto="answer")

    async def answer(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke(state["messages"])]}

    builder: Any = StateGraph(MessagesState)
    builder.add_node("grade", grade, destinations=("answer",))
    builder.add_node("answer", answer)
    builder.add_edge(START, "grade")
    return builder.compile()


@case("")
def a_summary_in_the_background() -> Any:
    def answer(state: MessagesState) -> dict[str, Any]:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            lengths = list(pool.map(len, ["a", "bb"]))
        return {"messages": [Model(text=f"{sum(lengths)} letters are in it").invoke(state["messages"])]}

    return chain_of(answer)


@case("")
def an_optional_model_that_is_not_used() -> Any:
    spare = Whole()

    async def answer(state: MessagesState) -> dict[str, Any]:
        chosen = Model() if len(state["messages"]) < 9 else spare
        return {"messages": [await chosen.ainvoke(state["messages"])]}

    return chain_of(answer)


@case("")
def a_tool_that_reports() -> Any:
    @tool
    async def build() -> str:
        """Build."""
        for step in range(4):
            get_stream_writer()({"step": step})
            await asyncio.sleep(0.1)
        return "built"

    return create_agent(Model(calls="build"), [build])


@case("")
def an_agent_in_a_team_with_subgraphs() -> Any:
    builder: Any = StateGraph(MessagesState)
    builder.add_node("expert", create_agent(Model(), [], name="expert"))
    builder.add_node("note", lambda state: {"messages": [AIMessage("Noted.")]})
    builder.add_edge(START, "expert")
    builder.add_edge("expert", "note")
    builder.add_edge("note", END)
    return builder.compile()


@case("")
def pieces_passed_on_by_a_node() -> Any:
    async def answer(state: MessagesState) -> dict[str, Any]:
        whole: Any = None
        async for piece in Model().astream(state["messages"]):
            whole = piece if whole is None else whole + piece
        return {"messages": [whole]}

    return chain_of(answer)


@case("")
def a_short_wait_for_a_service() -> Any:
    @task
    async def look_up(word: str) -> str:
        await asyncio.sleep(0.05)
        return word

    @entrypoint()
    async def flow(given: Any) -> str:
        found = await asyncio.gather(look_up("a"), look_up("b"))
        return str(await (Model() | StrOutputParser()).ainvoke(" ".join(found)))

    return flow


@case("")
def a_validation_with_a_fixed_answer() -> Any:
    def check(state: MessagesState) -> Command[Any]:
        if not state["messages"]:
            return Command(goto=END, update={"messages": [AIMessage("Ask something.")]})
        return Command(goto="answer")

    def answer(state: MessagesState) -> dict[str, Any]:
        return {"messages": [Model().invoke(state["messages"])]}

    builder: Any = StateGraph(MessagesState)
    builder.add_node("check", check, destinations=("answer", END))
    builder.add_node("answer", answer)
    builder.add_edge(START, "check")
    return builder.compile()
