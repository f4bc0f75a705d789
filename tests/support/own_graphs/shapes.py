"""A developer's graphs in many shapes, as strangers write them; it imports nothing of this repository."""

import asyncio
import base64
import json
import os
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from operator import add
from typing import Annotated, Any, TypedDict

from langchain.agents import create_agent
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_stream_writer
from langgraph.errors import InvalidUpdateError
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send, interrupt
from pydantic import BaseModel


class Notes(TypedDict):
    topic: str
    notes: Annotated[list[str], add]


def _one_node(node: Any, state: Any = Notes, **options: Any) -> StateGraph:
    builder = StateGraph(state, **options)
    builder.add_node("work", node)
    builder.add_edge(START, "work")
    builder.add_edge("work", END)
    return builder


def write_note(state: Notes) -> dict[str, Any]:
    return {"notes": [f"about {state['topic']}"]}


builder = _one_node(write_note)
compiled = builder.compile()
own_saver = builder.compile(checkpointer=InMemorySaver())
tagged = compiled.with_config(tags=["theirs"], configurable={"tone": "dry"})
bound = builder.compile().bind(debug=False)
bound_to_wait = compiled.bind(interrupt_before=["work"], stream_mode="updates")
with_retries = compiled.with_retry()
with_fallbacks = compiled.with_fallbacks([own_saver])
with_listeners = compiled.with_listeners(on_end=lambda run: None)
with_steps = compiled | RunnableLambda(lambda state: state["notes"])
with_all = (RunnableLambda(dict) | compiled.with_retry() | RunnableLambda(len)).with_config(tags=["theirs"])


class Once(TypedDict, total=False):
    topic: str
    found: list[str]
    total: Annotated[list[str], add]


def find_one(state: Once) -> dict[str, Any]:
    return {"found": ["one"]}


def add_a_number(state: Once) -> dict[str, Any]:
    return {"total": 3}


def return_a_number(state: Once) -> Any:
    return 5


def raise_at_once(state: Once) -> Any:
    raise InvalidUpdateError("by the node itself")


def nowhere(state: Once) -> str:
    return state["nowhere"]  # type: ignore[typeddict-item,no-any-return]


_finder = _one_node(find_one, Once).compile()
_twice = StateGraph(Once).add_node("find", _finder)
found_twice = _twice.add_conditional_edges(START, lambda _: [Send("find", {}), Send("find", {})]).compile()
found_by_two = _one_node(find_one, Once).add_node("other", find_one).add_edge(START, "other").compile()
found_inside = _one_node(found_by_two, Once).compile()
not_a_list = _one_node(add_a_number, Once).compile()
not_a_state = _one_node(return_a_number, Once).compile()
raising = _one_node(raise_at_once, Once).compile()
lost = StateGraph(Once).add_node("work", find_one).add_conditional_edges(START, nowhere).compile()


async def make_nothing() -> Any:
    if _made:
        raise ValueError("no second graph")
    _made.append(1)
    return compiled


_made: list[int] = []


async def answer(state: MessagesState) -> dict[str, Any]:
    model = GenericFakeChatModel(messages=iter([AIMessage("Hello from a stranger's graph")]))
    return {"messages": [await model.ainvoke(state["messages"])]}


chat = _one_node(answer, MessagesState).compile()


def look_up(word: str) -> str:
    """Look up a word."""
    return f"{word}: an insect"


class Caller(GenericFakeChatModel):
    """A model that calls a tool first, and then answers."""

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self


def make_agent() -> Any:
    call = {"name": "look_up", "args": {"word": "bee"}, "id": "call-1"}
    answers = iter([AIMessage("", tool_calls=[call]), AIMessage("An insect")])
    # This class streams no tool calls.
    return create_agent(Caller(messages=answers, disable_streaming=True), [look_up])


@task
def double(number: int) -> int:
    return 2 * number


@entrypoint()
def functional(text: str) -> str:
    return f"{text} {double(21).result()}"


def make_sync() -> StateGraph:
    return _one_node(write_note)


async def make_async(config: dict[str, Any]) -> Any:
    await asyncio.sleep(0)
    tone = config["configurable"].get("tone", "plain")
    return _one_node(lambda state: {"notes": [tone]}).compile()


@asynccontextmanager
async def make_context():
    yield _one_node(write_note).compile()


def block_thread(state: Notes) -> dict[str, Any]:
    time.sleep(0.3)
    return {"notes": ["late"]}


async def block_loop(state: Notes) -> dict[str, Any]:
    time.sleep(60)  # what a blocking call in async code does
    return {}


blocking = _one_node(block_thread).compile()
deaf = _one_node(block_loop).compile()


def ask(state: Notes) -> dict[str, Any]:
    return {"notes": [str(interrupt({"question": "Which one?", "options": ["a", "b"]}))]}


asking = _one_node(ask).compile()


def review(state: Notes) -> dict[str, Any]:
    answer = interrupt({"question": "Send it?", "options": ["approve", "reject"]})
    return {"notes": [answer["type"]]}


reviewing = _one_node(review).compile()


class Order(BaseModel):
    item: str
    count: int = 1


@dataclass
class Plan:
    goal: str
    done: bool = False


pydantic_state = _one_node(lambda state: {"count": state.count + 1}, Order).compile()
dataclass_state = _one_node(lambda state: {"done": True}, Plan).compile()


class Settings(TypedDict):
    language: str


def greet(state: Notes, runtime: Runtime[Settings]) -> dict[str, Any]:
    return {"notes": [runtime.context["language"]]}


with_context = _one_node(greet, context_schema=Settings).compile()


def report(state: Notes) -> dict[str, Any]:
    writer = get_stream_writer()
    print("a line on standard output")
    for step in range(3):
        writer({"step": step})
    return {"notes": ["done"]}


writing = _one_node(report).compile()


def flood(state: Notes) -> dict[str, Any]:
    writer = get_stream_writer()
    for _ in range(50):
        writer("x" * 1_000_000)
    return {}


flooding = _one_node(flood).compile()


def fail(state: Notes) -> dict[str, Any]:
    raise ValueError(f"no such topic; the key is {os.environ.get('THEIR_API_KEY', 'unset')}")


failing = _one_node(fail).compile()
crashing = _one_node(lambda state: os._exit(7)).compile()
leaving = _one_node(lambda state: sys.exit(3)).compile()


def fork_and_crash(state: Notes) -> dict[str, Any]:
    if os.fork() == 0:
        time.sleep(60)
    os._exit(9)


forking = _one_node(fork_and_crash).compile()


def leak(state: Notes) -> dict[str, Any]:
    key = os.environ["THEIR_API_KEY"]
    encoded = base64.b64encode(f"user:{key}".encode()).decode()
    get_stream_writer()([key, {key: key}, encoded, key.encode().hex(), json.dumps({"body": json.dumps({"k": key})})])
    print(key, flush=True)
    given: dict[str, Any] = {"configurable": {}}
    return {"notes": [given["configurable"][key]]}


leaking = _one_node(leak).compile()

_loop = StateGraph(Notes)
_loop.add_node("again", write_note)
_loop.add_edge(START, "again")
_loop.add_edge("again", "again")
looping = _loop.compile()

_long = StateGraph(Notes)
for _number in range(200):
    _long.add_node(f"step {_number}", lambda state: {"notes": ["x"]})
    _long.add_edge(f"step {_number - 1}" if _number else START, f"step {_number}")
long = _long.compile()

_middle = StateGraph(Notes)
_middle.add_node("inner", compiled)
_middle.add_edge(START, "inner")
_outer = StateGraph(Notes)
_outer.add_node("middle", _middle.compile())
_outer.add_edge(START, "middle")
nested = _outer.compile()

not_a_graph = 42


def forgets_to_return() -> None:
    builder.compile()


def broken_factory() -> Any:
    return os.environ["MISSING_API_KEY"]


class Slow(GenericFakeChatModel):
    """A model that takes its time between words."""

    async def _astream(self, *given: Any, **options: Any) -> Any:
        async for piece in super()._astream(*given, **options):
            await asyncio.sleep(0.02)
            yield piece


async def talk(state: MessagesState) -> dict[str, Any]:
    model = Slow(messages=iter([AIMessage("Bees hum all day. " * 500)]))
    return {"messages": [await model.ainvoke(state["messages"])]}


slow_talker = _one_node(talk, MessagesState).compile()
