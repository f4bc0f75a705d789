"""Graphs of other styles that do not stream, each with its cause, and healthy ones that could be taken for them.

They are written as authors of public examples write, and not by the rules that must find them.
"""

import asyncio
import functools
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import dataclass, field
from time import sleep as rest
from typing import Annotated, Any

import httpx
import openai
from langchain.agents import create_agent
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, ToolMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableConfig, RunnableLambda, RunnableParallel, RunnablePassthrough
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_stream_writer
from langgraph.func import entrypoint, task
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode
from langgraph.types import StreamWriter
from typing_extensions import TypedDict

from tests.support.own_graphs.foreign_helpers import CHAT_URL, Judge, Verdict, retrying

Build = Callable[[], Any]


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """A graph, its cause (empty for a healthy one), and what is asked of its stream."""

    name: str
    build: Build
    cause: str = ""
    modes: tuple[str, ...] = ("messages", "updates", "custom")
    subgraphs: bool = True
    given: Any = field(default_factory=lambda: {"messages": [HumanMessage("bees?")]})


FOREIGN: list[Foreign] = []


def cases_in(graphs: list[Foreign]) -> Callable[..., Callable[[Build], Build]]:
    """A decorator with a cause (empty for a healthy graph), which adds what it decorates to this list."""

    def case(cause: str, **asked: Any) -> Callable[[Build], Build]:
        def add(build: Build) -> Build:
            graphs.append(Foreign(name=build.__name__, build=build, cause=cause, **asked))
            return build

        return add

    return case


broken = cases_in(FOREIGN)


def healthy(**asked: Any) -> Callable[[Build], Build]:
    """Add this graph to those that stream as they should."""
    return broken("", **asked)


class Model(BaseChatModel):
    """A model of four words that streams, calls tools and gives structured output."""

    text: str = "Bees make honey slowly"
    calls: Any = None

    @property
    def _llm_type(self) -> str:
        return "foreign"

    def _message(self, messages: list[BaseMessage], kwargs: Mapping[str, Any]) -> AIMessage:
        if "ls_structured_output_format" in kwargs or kwargs.get("tool_choice"):
            call = {"name": "Verdict", "args": {"verdict": "good"}, "id": "call-verdict"}
            return AIMessage("", tool_calls=[call])
        if self.calls and not any(isinstance(message, ToolMessage) for message in messages):
            return AIMessage("", tool_calls=[{"name": self.calls, "args": {}, "id": f"call-{self.calls}"}])
        return AIMessage(self.text)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._message(messages, kwargs))])

    def _pieces(self, messages: list[BaseMessage], kwargs: Mapping[str, Any]) -> Iterator[ChatGenerationChunk]:
        message = self._message(messages, kwargs)
        for call in message.tool_calls:
            arguments = '{"verdict": "good"}' if call["args"] else "{}"
            chunk = {"name": call["name"], "args": arguments, "id": call["id"], "index": 0}
            yield ChatGenerationChunk(message=AIMessageChunk("", tool_call_chunks=[chunk]))
        for word in str(message.content).split():
            yield ChatGenerationChunk(message=AIMessageChunk(word + " "))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for piece in self._pieces(messages, kwargs):
            if run_manager:
                run_manager.on_llm_new_token(str(piece.text), chunk=piece)
            yield piece

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for piece in self._pieces(messages, kwargs):
            await asyncio.sleep(0.001)
            if run_manager:
                await run_manager.on_llm_new_token(str(piece.text), chunk=piece)
            yield piece

    def bind_tools(self, tools: Any, *, tool_choice: Any = None, **kwargs: Any) -> Any:
        return self.bind(tools=tools, tool_choice=tool_choice, **kwargs)


class Whole(BaseChatModel):
    """A client of the author's own, without streaming."""

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
        return ChatResult(generations=[ChatGeneration(message=AIMessage("A whole answer"))])


MODELS = {"fast": Whole(), "good": Model()}
llm = Model()


def get_llm(*, streams: bool = True) -> BaseChatModel:
    return Model(disable_streaming=not streams)


def chain_of(*nodes: Any, state: Any = MessagesState) -> Any:
    builder: Any = StateGraph(state)
    names = []
    for number, node in enumerate(nodes):
        names.append(f"step_{number}")
        builder.add_node(names[-1], node)
    for before, after in zip([START, *names], names, strict=False):
        builder.add_edge(before, after)
    return builder.compile()


def offline_client() -> openai.AsyncOpenAI:
    message = {"role": "assistant", "content": "Bees make honey"}
    body = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    return openai.AsyncOpenAI(api_key="none", http_client=httpx.AsyncClient(transport=transport))


# --- Models that do not stream -------------------------------------------------------------------------------------


@broken("not-streaming")
def a_class_with_methods_as_nodes() -> Any:
    class ResearchAgent:
        def __init__(self) -> None:
            self.llm = Model(disable_streaming=True)

        async def respond(self, state: MessagesState) -> dict[str, Any]:
            return {"messages": [await self.llm.ainvoke(state["messages"])]}

    return chain_of(ResearchAgent().respond)


@broken("not-streaming")
def a_model_out_of_a_dictionary() -> Any:
    async def respond(state: MessagesState) -> dict[str, Any]:
        chosen = MODELS["fast"]
        return {"messages": [await chosen.ainvoke(state["messages"])]}

    return chain_of(respond)


@broken("not-streaming")
def a_model_of_a_function() -> Any:
    def respond(state: MessagesState) -> dict[str, Any]:
        return {"messages": [get_llm(streams=False).invoke(state["messages"])]}

    return chain_of(respond)


@broken("not-streaming")
def a_chain_as_a_node() -> Any:
    prompt = ChatPromptTemplate.from_messages([("system", "Be short."), ("placeholder", "{messages}")])
    chain = prompt | Model(disable_streaming=True) | RunnableLambda(lambda message: {"messages": [message]})
    return chain_of(chain)


@broken("not-streaming")
def an_agent_of_the_library() -> Any:
    return create_agent(Whole(), [])


@broken("not-streaming", given={"question": "bees?"})
def a_task_of_the_functional_api() -> Any:
    slow = Model(disable_streaming=True)

    @task
    async def draft(question: str) -> str:
        return str((await slow.ainvoke(question)).text)

    @entrypoint(checkpointer=InMemorySaver())
    async def workflow(given: dict[str, Any]) -> str:
        return await draft(given["question"])

    return workflow


# --- Tokens that LangChain does not see ----------------------------------------------------------------------------


@broken("raw-client")
def a_partial_with_a_client() -> Any:
    async def respond(state: MessagesState, *, client: openai.AsyncOpenAI) -> dict[str, Any]:
        reply = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "bees?"}])
        return {"messages": [AIMessage(str(reply.choices[0].message.content), id="one")]}

    return chain_of(functools.partial(respond, client=offline_client()))


@broken("raw-client")
def an_address_in_a_helper_module() -> Any:
    async def respond(state: MessagesState) -> dict[str, Any]:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"text": "Bees"}))
        async with httpx.AsyncClient(transport=transport) as http:
            reply = await http.post(CHAT_URL, json={"prompt": "bees?"})
        return {"messages": [AIMessage(reply.json()["text"], id="one")]}

    return chain_of(respond)


@broken("nostream")
def a_lambda_as_a_node() -> Any:
    quiet = llm.with_config({"tags": ["nostream"]})
    return chain_of(lambda state: {"messages": [quiet.invoke(state["messages"])]})


@broken("lost-context")
def a_pool_of_threads() -> Any:
    def respond(state: MessagesState) -> dict[str, Any]:
        with ThreadPoolExecutor() as pool:
            first, *_ = pool.map(llm.invoke, [state["messages"], state["messages"]])
        return {"messages": [first]}

    return chain_of(respond)


@broken("lost-context")
def a_function_that_a_pool_runs() -> Any:
    def ask(messages: Any) -> Any:
        return llm.invoke(messages)

    def respond(state: MessagesState) -> dict[str, Any]:
        with ThreadPoolExecutor(max_workers=1) as executor:
            return {"messages": [executor.submit(ask, state["messages"]).result()]}

    return chain_of(respond)


@broken("lost-context")
def a_task_with_an_empty_context() -> Any:
    async def respond(state: MessagesState) -> dict[str, Any]:
        job = asyncio.get_running_loop().create_task(llm.ainvoke(state["messages"]), context=Context())
        return {"messages": [await job]}

    return chain_of(respond)


@broken("lost-context")
def a_config_without_callbacks() -> Any:
    async def respond(state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
        return {"messages": [await llm.ainvoke(state["messages"], config={"callbacks": [], "run_name": "mine"})]}

    return chain_of(respond)


# --- Answers that come whole ---------------------------------------------------------------------------------------


@broken("structured-output")
def a_judge_in_a_helper_module() -> Any:
    judge = Judge(llm)

    async def respond(state: MessagesState) -> dict[str, Any]:
        return {"messages": [HumanMessage(await judge.judge(state["messages"][-1].text), id="two")]}

    return chain_of(respond)


@broken("structured-output")
def a_chain_that_ends_in_a_schema() -> Any:
    prompt = ChatPromptTemplate.from_messages([("system", "Judge."), ("placeholder", "{messages}")])
    return chain_of(prompt | llm.with_structured_output(Verdict) | RunnableLambda(lambda _: {}))


@broken("said-twice")
def a_message_of_collected_pieces() -> Any:
    async def respond(state: MessagesState) -> dict[str, Any]:
        text = ""
        async for chunk in llm.astream(state["messages"]):
            text += chunk.text
        return {"messages": [AIMessage(content=text.strip())]}

    return chain_of(respond)


@broken("said-twice")
def a_text_of_a_chain_as_a_message() -> Any:
    chain = llm | StrOutputParser()

    class Writer:
        def __call__(self, state: MessagesState) -> dict[str, Any]:
            return {"messages": AIMessage(chain.invoke("bees?"), name="writer")}

    return chain_of(Writer())


@broken("nested-graph", subgraphs=False)
def a_graph_that_a_node_reads() -> Any:
    inner = chain_of(lambda state: {"messages": [llm.invoke(state["messages"])]})

    async def respond(state: MessagesState) -> dict[str, Any]:
        result = await inner.ainvoke(state)
        return {"messages": [HumanMessage(result["messages"][-1].text, id="two")]}

    return chain_of(respond)


@broken("nested-graph", subgraphs=False)
def an_agent_that_a_tool_calls() -> Any:
    helper = create_agent(Model(text="The helper answers in words"), [])

    @tool
    async def ask_helper() -> str:
        """Ask the helper."""
        result = await helper.ainvoke({"messages": [HumanMessage("bees?")]})
        return str(result["messages"][-1].text)

    def call(state: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage("", id="one", tool_calls=[{"name": "ask_helper", "args": {}, "id": "call-1"}])]}

    return chain_of(call, ToolNode([ask_helper]))


@broken("subgraphs", subgraphs=False)
def a_team_in_a_team() -> Any:
    team = chain_of(lambda state: {"messages": [llm.invoke(state["messages"])]})
    return chain_of(chain_of(team))


# --- What stands still ---------------------------------------------------------------------------------------------


def timed(function: Any) -> Any:
    """A decorator without `functools.wraps`, which hides the function."""

    async def inner(*args: Any, **kwargs: Any) -> Any:
        time.perf_counter()
        return await function(*args, **kwargs)

    return inner


@broken("blocking")
def a_decorated_node_that_rests() -> Any:
    @timed
    async def respond(state: MessagesState) -> dict[str, Any]:
        rest(0.1)
        return {"messages": [await llm.ainvoke(state["messages"])]}

    return chain_of(respond)


@broken("blocking")
def a_helper_that_waits_between_attempts() -> Any:
    async def respond(state: MessagesState) -> dict[str, Any]:
        retrying(lambda: 1)
        return {"messages": [await llm.ainvoke(state["messages"])]}

    return chain_of(respond)


@broken("blocking")
def a_tool_that_blocks() -> Any:
    @tool
    async def look_up() -> str:
        """Look it up."""
        time.sleep(0.1)
        return "found"

    return create_agent(Model(calls="look_up"), [look_up])


@broken("blocking", given={"question": "bees?"})
def a_task_that_blocks() -> Any:
    @task
    async def fetch(question: str) -> str:
        time.sleep(0.2)
        return question

    @entrypoint()
    async def workflow(given: dict[str, Any]) -> str:
        found = await fetch(given["question"])
        return str((await llm.ainvoke(found)).text)

    return workflow


@broken("silent-tool")
def a_tool_of_a_class() -> Any:
    class Search:
        async def __call__(self) -> str:
            await asyncio.sleep(0.3)
            return "found"

    @tool
    async def search() -> str:
        """Search."""
        return await Search()()

    return create_agent(Model(calls="search"), [search])


@broken("thread-writer")
def a_thread_of_a_class() -> Any:
    class Reporter(threading.Thread):
        def run(self) -> None:
            try:
                get_stream_writer()({"done": 1})
            except RuntimeError:
                return

    def respond(state: MessagesState) -> dict[str, Any]:
        reporter = Reporter()
        reporter.start()
        reporter.join()
        return {"messages": [llm.invoke(state["messages"])]}

    return chain_of(respond)


# --- What was asked ------------------------------------------------------------------------------------------------


@broken("no-messages", modes=("updates", "custom"))
def a_node_of_a_factory() -> Any:
    def create_analyst(model: Any) -> Any:
        async def analyst(state: MessagesState) -> dict[str, Any]:
            prompt = ChatPromptTemplate.from_messages([("system", "Analyse."), ("placeholder", "{messages}")])
            return {"messages": [await (prompt | model.bind_tools([Verdict])).ainvoke(state)]}

        return analyst

    return chain_of(create_analyst(llm))


@broken("no-messages", modes=("values",), given={"question": "bees?"})
def a_model_made_in_the_node() -> Any:
    def respond(state: dict[str, Any]) -> dict[str, Any]:
        chat = get_llm()
        return {"answer": chat.invoke(state["question"]).text}

    class Answered(TypedDict):
        question: str
        answer: str

    return chain_of(respond, state=Answered)


class Documents(TypedDict):
    documents: Annotated[list[str], lambda now, new: (now or []) + new]


@broken("values", modes=("values", "messages"), given={"documents": []})
def a_crawler() -> Any:
    return chain_of(*[lambda state: {"documents": ["page " * 60]} for _ in range(8)], state=Documents)


# --- Healthy -------------------------------------------------------------------------------------------------------


@healthy()
def a_router_with_structured_output_before_an_answer() -> Any:
    router = llm.with_structured_output(Verdict)

    async def route(state: MessagesState) -> dict[str, Any]:
        await router.ainvoke(state["messages"])
        return {}

    async def answer(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await llm.ainvoke(state["messages"])]}

    return chain_of(route, answer)


@healthy()
def a_quiet_grader_before_an_answer() -> Any:
    grader = llm.with_config(tags=["nostream"])

    async def grade(state: MessagesState) -> dict[str, Any]:
        await grader.ainvoke("good?")
        return {}

    return chain_of(grade, lambda state: {"messages": [llm.invoke(state["messages"])]})


@healthy()
def a_sync_node_that_waits() -> Any:
    def respond(state: MessagesState) -> dict[str, Any]:
        time.sleep(0.2)
        return {"messages": [llm.invoke(state["messages"])]}

    return chain_of(respond)


@healthy()
def a_call_in_a_copied_context() -> Any:
    async def respond(state: MessagesState) -> dict[str, Any]:
        await asyncio.to_thread(time.sleep, 0.1)
        return {"messages": [await asyncio.to_thread(llm.invoke, state["messages"])]}

    return chain_of(respond)


@healthy()
def a_raw_client_whose_pieces_are_written() -> Any:
    client = offline_client()

    async def respond(state: MessagesState, writer: StreamWriter) -> dict[str, Any]:
        reply = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "bees?"}])
        for word in str(reply.choices[0].message.content).split():
            writer({"token": word})
        return {}

    return chain_of(respond)


@healthy()
def parallel_chains() -> Any:
    both = RunnableParallel(joke=llm | StrOutputParser(), poem=llm | StrOutputParser())
    return chain_of(RunnablePassthrough() | RunnableLambda(lambda _: "bees") | both | RunnableLambda(lambda _: {}))


@healthy(given={"question": "bees?"})
def tasks_that_stream() -> Any:
    @task
    async def draft(question: str) -> str:
        return str((await llm.ainvoke(question)).text)

    @entrypoint()
    async def workflow(given: dict[str, Any]) -> list[str]:
        return list(await asyncio.gather(draft(given["question"]), draft("wasps?")))

    return workflow


@healthy()
def an_agent_that_a_node_calls_and_streams() -> Any:
    helper = create_agent(llm, [])

    async def respond(state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
        result = await helper.ainvoke({"messages": state["messages"]}, config)
        return {"messages": [result["messages"][-1]]}

    return chain_of(respond)


@healthy()
def an_agent_with_a_quick_tool() -> Any:
    @tool
    def look_up() -> str:
        """Look it up."""
        return "found"

    return create_agent(Model(calls="look_up"), [look_up])


@healthy()
def a_thread_that_only_logs() -> Any:
    def respond(state: MessagesState) -> dict[str, Any]:
        seen: list[int] = []
        thread = threading.Thread(target=lambda: seen.append(len(state["messages"])))
        thread.start()
        thread.join()
        return {"messages": [llm.invoke(state["messages"])]}

    return chain_of(respond)


@healthy()
def a_fixed_greeting_before_an_answer() -> Any:
    def greet(state: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage("Welcome!")]}

    return chain_of(greet, lambda state: {"messages": [llm.invoke(state["messages"])]})


@healthy(given={"question": "bees?"}, modes=("updates",))
def no_model_at_all() -> Any:
    class Plain(TypedDict):
        question: str

    def invoke(model: str) -> str:
        return model.upper()

    return chain_of(lambda state: {"question": invoke(state["question"])}, state=Plain)


@healthy()
def a_message_as_a_tuple() -> Any:
    async def respond(state: MessagesState) -> dict[str, Any]:
        text = "".join([chunk.text async for chunk in llm.astream(state["messages"])])
        return {"messages": [("ai", text)]}

    return chain_of(respond)


@healthy()
def a_batch_of_questions() -> Any:
    async def respond(state: MessagesState) -> dict[str, Any]:
        return {"messages": [(await llm.abatch([state["messages"], "wasps?"]))[0]]}

    return chain_of(respond)


class Turns(TypedDict):
    turns: Annotated[list[Any], add_messages]


@healthy(given={"turns": []})
def messages_under_another_name() -> Any:
    prompt = ChatPromptTemplate.from_messages([("human", "bees?")])
    return chain_of(lambda state: {"turns": [(prompt | llm).invoke({})]}, state=Turns)
