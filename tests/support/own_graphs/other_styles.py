"""Graphs in styles that the other files do not have: caches, deferred nodes, handed over agents, validated states."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import cycle
from operator import add
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from langchain.agents import create_agent
from langchain.agents.structured_output import ToolStrategy
from langchain.tools import ToolRuntime
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, RemoveMessage, ToolMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import InjectedToolCallId, create_retriever_tool, tool
from langchain_core.vectorstores import InMemoryVectorStore
from langgraph.cache.memory import InMemoryCache
from langgraph.config import get_stream_writer
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.message import REMOVE_ALL_MESSAGES, push_message
from langgraph.managed import IsLastStep, RemainingSteps
from langgraph.prebuilt import InjectedState, ToolNode, tools_condition
from langgraph.runtime import Runtime
from langgraph.store.memory import InMemoryStore
from langgraph.types import CachePolicy, Command, Overwrite, RetryPolicy, Send, StreamWriter, interrupt
from pydantic import BaseModel, ConfigDict, Field, field_validator


class Fake(GenericFakeChatModel):
    """Says its answers in turn, word by word, or calls tools."""

    def bind_tools(self, tools: Any, **_: Any) -> "Fake":
        return self

    def _stream(self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any) -> Any:
        answer = next(self.messages)
        message = AIMessage(answer) if isinstance(answer, str) else answer
        for word in message.text.split():
            yield ChatGenerationChunk(message=AIMessageChunk(f"{word} "))
        calls = [
            {"name": one["name"], "args": json.dumps(one["args"]), "id": one["id"], "index": at}
            for at, one in enumerate(message.tool_calls)
        ]
        yield ChatGenerationChunk(message=AIMessageChunk("", tool_call_chunks=calls))


def model(*answers: str | AIMessage) -> Fake:
    return Fake(messages=cycle(answers))


def calling(name: str, call: str = "c1", **args: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": args, "id": call}])


class Doubled(TypedDict, total=False):
    number: int
    found: Annotated[list[int], add]


_cached = StateGraph(Doubled)
_cached.add_node("double", lambda state: {"found": [state["number"] * 2]}, cache_policy=CachePolicy(ttl=60))
cached = _cached.add_edge(START, "double").compile(cache=InMemoryCache())


class Tried(TypedDict, total=False):
    topic: str
    tries: int


_tries: list[str] = []


async def search(state: Tried) -> dict[str, Any]:
    _tries.append(state["topic"])
    if len(_tries) % 3:
        raise ConnectionError("the search is down")
    return {"tries": len(_tries)}


_quickly = RetryPolicy(initial_interval=0.01, max_attempts=3, jitter=False)
retrying = StateGraph(Tried).add_node("search", search, retry_policy=_quickly).add_edge(START, "search").compile()


class Fan(TypedDict):
    topic: str
    parts: Annotated[list[str], add]


_fan = StateGraph(Fan)
for _name in ("short", "long 1", "long/2 ✓"):
    _fan.add_node(_name, lambda state, name=_name: {"parts": [name]})
_fan.add_node("join", lambda state: {"parts": [f"joined {len(state['parts'])}"]}, defer=True)
_fan.add_edge(START, "short").add_edge(START, "long 1").add_edge("long 1", "long/2 ✓")
deferred = _fan.add_edge("short", "join").add_edge("long/2 ✓", "join").compile(name="Fan & <b>out</b>")


@tool
def hand_over(
    topic: str, state: Annotated[Any, InjectedState], tool_call_id: Annotated[str, InjectedToolCallId]
) -> Command[Any]:
    """Hand the topic over to the writer."""
    handed = ToolMessage("handed over", tool_call_id=tool_call_id)
    return Command(goto="writer", graph=Command.PARENT, update={"messages": [*state["messages"], handed]})


_boss = create_agent(model(calling("hand_over", topic="bees")), tools=[hand_over], name="boss")
_supervisor = StateGraph(MessagesState).add_node("boss", _boss, destinations=("writer", END))
_supervisor.add_node("writer", create_agent(model("A poem about bees"), tools=[], name="writer"))
supervisor = _supervisor.add_edge(START, "boss").compile()


class Step(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(min_length=2)
    due: date | None = None
    kind: Literal["search", "write"] = "search"


class Planning(BaseModel):
    objective: str = Field(description="What to reach")
    steps: list[Step] = []
    past: Annotated[list[tuple[str, str]], add] = Field(default_factory=list)
    budget: Decimal = Decimal("1.50")

    @field_validator("objective")
    @classmethod
    def short(cls, given: str) -> str:
        if len(given) > 40:
            raise ValueError("an objective has at most 40 characters")
        return given


_planner = model("First search, then write")


async def plan(state: Planning) -> dict[str, Any]:
    await _planner.ainvoke(state.objective)
    return {"steps": [Step(title="search"), Step(title="write", kind="write", due=date(2026, 1, 1))]}


async def execute(state: Planning) -> dict[str, Any]:
    step, *rest = state.steps
    return {"steps": rest, "past": [(step.title, "done")]}


def replan(state: Planning) -> Literal["execute", "__end__"]:
    return "execute" if state.steps else "__end__"


_planning = StateGraph(Planning).add_node(plan).add_node(execute).add_edge(START, "plan").add_edge("plan", "execute")
planning = _planning.add_conditional_edges("execute", replan).compile()


class Researched(MessagesState):
    docs: list[Document]
    score: float


_vectors = InMemoryVectorStore.from_texts(["Bees dance", "Ants dig"], DeterministicFakeEmbedding(size=8))
_look_up = create_retriever_tool(_vectors.as_retriever(), "look_up", "Searches the insects.")
_reader = model(calling("look_up", query="bees"), "Bees dance for food")


async def generate(state: Researched) -> dict[str, Any]:
    return {"messages": [await _reader.ainvoke(state["messages"])]}


async def grade(state: Researched) -> dict[str, Any]:
    return {"docs": await _vectors.asimilarity_search("bees", k=1), "score": float("nan")}


_rag = StateGraph(Researched).add_node(generate).add_node("retrieve", ToolNode([_look_up])).add_node(grade)
_rag.add_conditional_edges("generate", tools_condition, {"tools": "retrieve", END: "grade"})
rag = _rag.add_edge(START, "generate").add_edge("retrieve", "generate").compile()


@dataclass
class Job:
    topics: list[str]
    depth: int = 1


@task(retry_policy=RetryPolicy(max_attempts=2))
async def section(title: str) -> str:
    get_stream_writer()({"title": title})
    return title.upper()


@entrypoint()
async def workflow(job: Job, *, previous: str | None, writer: StreamWriter) -> entrypoint.final[str, str]:
    parts = await asyncio.gather(*(section(title) for title in job.topics))
    verdict = interrupt({"question": f"Publish {parts}?", "options": ["yes", "no"]})
    return entrypoint.final(value=f"{' '.join(parts)}: {verdict}, before {previous}", save=" ".join(parts))


class Asked(TypedDict, total=False):
    topic: str
    answers: Annotated[list[Any], add]


def ask_twice(state: Asked) -> dict[str, Any]:
    first = interrupt("First?")
    return {"answers": [first, interrupt({"message": "Second?", "first": first})]}


def ask_price(state: Asked) -> dict[str, Any]:
    return {"answers": [interrupt({"question": f"Price of {state['topic']}?"})]}


_inner = StateGraph(Asked).add_node(ask_twice).add_edge(START, "ask_twice").compile()
_asking = StateGraph(Asked).add_node("inner", _inner).add_node(ask_price).add_node("end", lambda state: {})
_asking.add_conditional_edges("inner", lambda _: [Send("ask_price", {"topic": one}) for one in "ab"], ["ask_price"])
asking = _asking.add_edge(START, "inner").add_edge("ask_price", "end").compile(interrupt_before=["end"])


class Managed(MessagesState):
    remaining: RemainingSteps
    last: IsLastStep
    log: Annotated[list[str], add]


def count(state: Managed) -> dict[str, Any]:
    picture = {"type": "image", "base64": "aGk=", "mime_type": "image/png"}
    push_message(AIMessage("pushed by hand", id="pushed"))
    return {"log": [f"{state['remaining']} left"], "messages": [AIMessage([{"type": "text", "text": "See"}, picture])]}


def trim(state: Managed) -> dict[str, Any]:
    left = [RemoveMessage(id=REMOVE_ALL_MESSAGES), AIMessage("Only this is left")]
    return {"messages": left, "log": Overwrite(["a new log"])}


managed = StateGraph(Managed).add_sequence([count, trim]).add_edge(START, "count").compile()


class Weather(BaseModel):
    city: str
    degrees: float


class Caller(BaseModel):
    user: str = "ada"
    limits: dict[str, int] = Field(default_factory=lambda: {"calls": 3})


@tool
async def weather(city: str, runtime: ToolRuntime[Caller]) -> str:
    """The weather in a city."""
    runtime.stream_writer({"looking": city, "for": runtime.context.user})
    await runtime.store.aput(("seen",), city, {"times": 1})
    return f"{city} 21"


agent = create_agent(
    model(calling("weather", city="Bern"), calling("Weather", "c2", city="Bern", degrees=21.0)),
    tools=[weather],
    response_format=ToolStrategy(Weather),
    context_schema=Caller,
    store=InMemoryStore(),
)


@dataclass
class Settings:
    tone: Literal["dry", "warm"] = "dry"
    people: list[str] = field(default_factory=list)


class Query(TypedDict):
    query: Annotated[str, "what to look for"]
    mode: NotRequired[Literal["fast", "deep"]]


class Answer(TypedDict):
    answer: str


class Private(Query, Answer):
    notes: set[str]
    when: datetime


class Think:
    def __init__(self, number: int) -> None:
        self.number = number

    async def __call__(self, state: Private, runtime: Runtime[Settings]) -> dict[str, Any]:
        return {"notes": {f"{runtime.context.tone}{self.number}"}, "when": datetime(2026, 1, 1, tzinfo=UTC)}


_schemas = StateGraph(Private, input_schema=Query, output_schema=Answer, context_schema=Settings)
_schemas.add_node("think", Think(3)).add_node(
    "say", RunnableLambda(lambda state: {"answer": ", ".join(state["notes"])})
)
schemas = _schemas.add_edge(START, "think").add_edge("think", "say").compile()
