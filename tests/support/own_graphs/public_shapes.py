"""Graphs in the shapes of public templates and examples, with models that need no key; it imports nothing of ours."""

import asyncio
import json
import operator
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Literal

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware, TodoListMiddleware
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    AnyMessage,
    BaseMessage,
    HumanMessage,
    MessageLikeRepresentation,
    SystemMessage,
    ToolMessage,
)
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.message import add_messages
from langgraph.managed import IsLastStep
from langgraph.prebuilt import InjectedState, ToolNode
from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore
from langgraph.store.memory import InMemoryStore
from langgraph.types import Command, RetryPolicy, Send, interrupt
from langgraph_sdk.runtime import ServerRuntime
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict


class Fake(GenericFakeChatModel):
    """Streams words, and calls of tools."""

    def _stream(self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any) -> Iterator[Any]:
        message = next(self.messages)
        assert isinstance(message, AIMessage)
        for call in message.tool_calls:
            chunk = {"name": call["name"], "args": json.dumps(call["args"]), "id": call["id"], "index": 0}
            yield ChatGenerationChunk(message=AIMessageChunk("", tool_call_chunks=[chunk]))
        for word in str(message.content).split():
            yield ChatGenerationChunk(message=AIMessageChunk(word + " "))

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self


def model(*answers: str | AIMessage) -> Fake:
    return Fake(messages=iter([AIMessage(one) if isinstance(one, str) else one for one in answers] * 20))


def calling(name: str, **args: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": args, "id": f"call-{name}"}])


def one_node(node: Any, state: Any = MessagesState, **options: Any) -> StateGraph[Any, Any, Any, Any]:
    return StateGraph(state, **options).add_node("work", node).add_edge(START, "work")


@tool
async def search(query: str) -> str:
    """Search the web."""
    return f"found {query}"


# An agent template: dataclasses as state and context, a managed value, the runtime in the node.
@dataclass
class Asked:
    messages: Annotated[Sequence[AnyMessage], add_messages] = field(default_factory=list)


@dataclass
class Agentic(Asked):
    is_last_step: IsLastStep = field(default=False)


@dataclass(kw_only=True)
class Context:
    system_prompt: str = field(default="Be short.", metadata={"description": "How it answers."})
    model: Annotated[str, {"__template_metadata__": {"kind": "llm"}}] = field(default="a/model")
    max_results: int = 10


_template_model = model(calling("search", query="bees"), "Bees are insects")


async def call_model(state: Agentic, runtime: Runtime[Context]) -> dict[str, list[BaseMessage]]:
    system = {"role": "system", "content": runtime.context.system_prompt}
    return {"messages": [await _template_model.ainvoke([system, *state.messages])]}


def route(state: Agentic) -> Literal["__end__", "tools"]:
    return "tools" if state.messages[-1].tool_calls else "__end__"


_template = StateGraph(Agentic, input_schema=Asked, context_schema=Context)
_template.add_node(call_model)
_template.add_node("tools", ToolNode([search]))
_template.add_edge("__start__", "call_model")
_template.add_conditional_edges("call_model", route)
_template.add_edge("tools", "call_model")
template = _template.compile(name="A template")


# A research assistant: a supervisor as a subgraph, researchers called by a node, moves by commands.
def override(now: list[Any], new: Any) -> list[Any]:
    return new["value"] if isinstance(new, dict) else now + new


class Research(MessagesState):
    supervisor_messages: Annotated[list[MessageLikeRepresentation], override]
    brief: str | None
    notes: Annotated[list[str], override]
    report: str


class Supervising(TypedDict):
    supervisor_messages: Annotated[list[MessageLikeRepresentation], override]
    brief: str
    notes: Annotated[list[str], override]


class Search(Enum):
    WEB = "web"
    NONE = "none"


class Options(BaseModel):
    search: Search = Field(default=Search.WEB, json_schema_extra={"x_ui": {"type": "select"}})
    units: int = Field(default=5, ge=1)


class Researching(TypedDict):
    topic: str
    found: Annotated[list[str], operator.add]


async def look_into(state: Researching, config: RunnableConfig) -> dict[str, Any]:
    answer = await model(f"notes on {state['topic']}").ainvoke([HumanMessage(state["topic"])], config)
    return {"found": [answer.text]}


_researcher = one_node(look_into, Researching).compile()


async def brief(state: Research) -> Command[Literal["supervisor"]]:
    first = {"type": "override", "value": [SystemMessage("Lead."), HumanMessage(state["messages"][-1].text)]}
    return Command(goto="supervisor", update={"brief": "bees", "supervisor_messages": first})


async def supervise(state: Supervising, config: RunnableConfig) -> Command[Literal["__end__"]]:
    results = await asyncio.gather(*(_researcher.ainvoke({"topic": topic}, config) for topic in ("hives", "honey")))
    return Command(goto=END, update={"notes": [note for result in results for note in result["found"]]})


async def report(state: Research, config: RunnableConfig) -> dict[str, Any]:
    written = await model("The whole report").ainvoke([HumanMessage(" ".join(state["notes"]))], config)
    return {"report": written.text, "messages": [written], "notes": {"type": "override", "value": []}}


_research = StateGraph(Research, input_schema=MessagesState, context_schema=Options)
_research.add_node("brief", brief)
_research.add_node("supervisor", one_node(supervise, Supervising, context_schema=Options).compile())
_research.add_node("report", report)
_research.add_edge(START, "brief")
_research.add_edge("supervisor", "report")
research = _research.compile()


class Jokes(TypedDict):
    topic: str
    subjects: list[str]
    jokes: Annotated[list[str], operator.add]


def joke(state: Any) -> dict[str, Any]:
    return {"jokes": [model(f"why {state['subject']}").invoke("x").text]}


_jokes = StateGraph(Jokes)
_jokes.add_node("plan", lambda state: {"subjects": [state["topic"], "wasps"]})
_jokes.add_node("joke", joke, retry_policy=RetryPolicy(max_attempts=2))
_jokes.add_edge(START, "plan")
_jokes.add_conditional_edges(
    "plan", lambda state: [Send("joke", {"subject": one}) for one in state["subjects"]], ["joke"]
)
map_reduce = _jokes.compile()


@task
async def draft(topic: str) -> str:
    return (await model(f"an essay on {topic}").ainvoke(topic)).text


@entrypoint(checkpointer=InMemorySaver(), store=InMemoryStore())
async def essay(given: dict[str, Any], *, previous: Any = None, store: BaseStore) -> Any:
    text = await draft(given["topic"])
    await store.aput(("essays",), "last", {"text": text})
    approved = interrupt({"essay": text, "action": "Approve or reject it"})
    return entrypoint.final(value={"essay": text, "approved": approved}, save=(previous or 0) + 1)


class Person(TypedDict):
    user_id: str


async def remember(state: MessagesState, runtime: Runtime[Person]) -> dict[str, Any]:
    assert runtime.store is not None
    namespace = ("memories", runtime.context["user_id"])
    await runtime.store.aput(namespace, "one", {"text": state["messages"][-1].text})
    known = len(await runtime.store.asearch(namespace))
    return {"messages": [await model(f"I know {known} thing").ainvoke(state["messages"])]}


with_memory = one_node(remember, context_schema=Person).compile(checkpointer=InMemorySaver(), store=InMemoryStore())


def by_configurable(state: MessagesState, config: RunnableConfig, *, store: BaseStore) -> dict[str, Any]:
    return {"messages": [("ai", f"hello {config['configurable']['user_id']}")]}


configured = one_node(by_configurable).compile()


def make_with_runtime(runtime: "ServerRuntime[Context]") -> Any:
    execution = runtime.execution_runtime
    said = execution.context.system_prompt if execution and execution.context else "reads"
    return create_agent(model(said), [search], context_schema=Context)


async def make_with_both(config: RunnableConfig, runtime: ServerRuntime) -> Any:
    return create_agent(model(config["configurable"].get("tone", "both")), [search])


@asynccontextmanager
async def make_with_tools():
    yield create_agent(model(calling("search", query="bees"), "done"), [search])


def make_with_options(memory: bool = False, checkpointer: Any = None) -> Any:
    return create_agent(model("optional"), [search], checkpointer=checkpointer)


def make_of_parts(tools: list[Any], prompt: str) -> Any:
    return create_agent(model(prompt), tools)


class Earlier(TypedDict):
    messages: Annotated[Sequence[BaseMessage], operator.add]
    next: str


_earlier_model = model(calling("search", query="bees"), "in the old style")


def earlier_action(state: Earlier) -> dict[str, Any]:
    calls = state["messages"][-1].tool_calls
    return {"messages": [ToolMessage("found", name=call["name"], tool_call_id=call["id"]) for call in calls]}


_earlier = StateGraph(Earlier)
_earlier.add_node("agent", lambda state: {"messages": [_earlier_model.invoke(state["messages"])]})
_earlier.add_node("action", earlier_action)
_earlier.set_entry_point("agent")
_earlier.add_conditional_edges(
    "agent", lambda state: "on" if state["messages"][-1].tool_calls else "end", {"on": "action", "end": END}
)
_earlier.add_edge("action", "agent")
earlier = _earlier.compile()


@tool
def send_email(to: str, subject: str) -> str:
    """Send an email."""
    return f"sent to {to}: {subject}"


def _mailer(**options: Any) -> Any:
    review = HumanInTheLoopMiddleware(interrupt_on={"send_email": options.pop("on", True)}, **options)
    answers = model(calling("send_email", to="a@example.org", subject="hi"), "mail done")
    return create_agent(answers, [send_email], middleware=[review], checkpointer=InMemorySaver())


reviewed = _mailer()
reviewed_each = _mailer(interrupt_mode="per_call")
answered_for = _mailer(on={"allowed_decisions": ["respond"]})


@tool
async def delegate(topic: str) -> str:
    """Let another agent answer."""
    result = await create_agent(model("the answer of a helper"), [search]).ainvoke({"messages": [HumanMessage(topic)]})
    return result["messages"][-1].text


@tool
def write_file(path: str, text: str, state: Annotated[Any, InjectedState]) -> Command[Any]:
    """Write a file into the state."""
    return Command(update={"files": {path: text}, "messages": [ToolMessage("ok", tool_call_id="call-write_file")]})


class Deep(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]
    files: Annotated[dict[str, str], lambda now, new: {**(now or {}), **new}]


deep = create_agent(
    model(calling("delegate", topic="bees"), calling("write_file", path="a", text="b"), "deep work done"),
    [delegate, write_file],
    middleware=[TodoListMiddleware()],
    state_schema=Deep,
).with_config({"recursion_limit": 1000})

chain = (
    ChatPromptTemplate.from_messages([("system", "Be short."), MessagesPlaceholder("messages")])
    | model("the answer of a chain")
    | RunnableLambda(lambda message: {"messages": [message]})
)
chained = one_node(chain).compile()


class Assistant:
    """A graph in an object, with methods as nodes."""

    def __init__(self) -> None:
        self.model = model("the answer of a method")
        self.graph = one_node(self.talk).compile()

    def talk(self, state: MessagesState) -> dict[str, Any]:
        return {"messages": [self.model.invoke(state["messages"])]}


assistant = Assistant()


class Table:
    """As a table or a client is: no checkpoint can hold it."""

    rows = 3

    def __reduce__(self) -> Any:
        raise TypeError("cannot be pickled")


class WithTable(TypedDict):
    question: str
    table: Any
    answer: str


_tables = StateGraph(WithTable)
_tables.add_node("read", lambda state: {"table": {"of": Table()}})
_tables.add_node("count", lambda state: {"answer": f"{state['table']['of'].rows} rows"})
_tables.add_edge(START, "read")
_tables.add_edge("read", "count")
tables = _tables.compile()

_alice = one_node(lambda state: Command(goto="bob", update={"messages": [AIMessage("over")]}, graph=Command.PARENT))
_swarm = StateGraph(MessagesState)
_swarm.add_node("alice", _alice.compile(), destinations=("bob",))
_swarm.add_node("bob", lambda state: {"messages": [model("bob is here").invoke("x")]})
_swarm.add_edge(START, "alice")
swarm = _swarm.compile()


class Approval(BaseModel):
    approved: bool
    note: str = ""


def ask_typed(state: MessagesState) -> dict[str, Any]:
    given = interrupt({"question": "Publish it?"}, response_schema=Approval)
    return {"messages": [("ai", f"approved: {given.approved}" if isinstance(given, Approval) else str(given))]}


typed = one_node(ask_typed).compile()


class Ticket(BaseModel):
    """A state that checks its fields, with a subgraph of another state and a field that only two nodes know."""

    model_config = ConfigDict(extra="forbid")
    subject: str
    answer: str = ""


class Note(TypedDict):
    note: str


class Lookup(TypedDict):
    subject: str
    found: str


def read_ticket(state: Ticket) -> Note:
    return {"note": state.subject.upper()}


def answer_ticket(state: Note) -> dict[str, Any]:
    return {"answer": state["note"]}


_lookup = one_node(lambda state: {"found": "a page"}, Lookup).compile()
_ticket = StateGraph(Ticket)
_ticket.add_node("read", read_ticket)
_ticket.add_node("look", _lookup)
_ticket.add_node("answer", answer_ticket)
_ticket.add_edge(START, "read")
_ticket.add_edge("read", "look")
_ticket.add_edge("look", "answer")
ticket = _ticket.compile()
