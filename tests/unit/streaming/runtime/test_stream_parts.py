"""The decoder of stream parts: every shape of answer and state; `test_golden_streams` compares recorded parts."""

import asyncio
from contextvars import copy_context
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage
from langgraph.cache.memory import InMemoryCache
from langgraph.config import get_stream_writer
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import CachePolicy
from pydantic import BaseModel

from streaming.core.events import Custom, Debug, TaskEnded, Token, Updates, Values
from streaming.core.request import CompiledGraph
from streaming.core.sent_message import message_of
from streaming.core.serialization import PIECE_BYTES, hide_keys
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.node_spans import NodeSpans
from streaming.recordings.format import dump_event
from streaming.runtime.engine import Engine
from streaming.runtime.stream_parts import StreamPartDecoder
from tests.support.graphs import ChunkModel, State, events_of, finish, one_node, speak, start
from tests.support.turns_of_others import with_turns_of_others


class Talk(TypedDict, total=False):
    """A state of messages."""

    messages: Annotated[list[AnyMessage], add_messages]


def tokens_of(engine: Engine, *chunks: AIMessageChunk) -> list[Token]:
    """The token events of a run whose model streams these chunks."""
    run = finish(start(engine, one_node(lambda _: speak(ChunkModel(chunks=chunks))), {}))
    assert run.status == "Completed"
    return events_of(run, Token)


def test_metadata_is_logged_once_for_each_message_and_counts_in_the_size_of_every_chunk(engine: Engine) -> None:
    run = finish(start(engine, one_node(speak), {}, modes=("messages",)))
    tokens = [entry for entry in run.events if isinstance(entry.event, Token)]
    assert [token.event.metadata is not None for token in tokens] == [True] + [False] * (len(tokens) - 1)  # type: ignore[union-attr]
    assert min(token.size for token in tokens) > 300


def test_empty_and_usage_only_chunks_add_no_text(engine: Engine) -> None:
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    tokens = tokens_of(
        engine,
        AIMessageChunk(content=""),
        AIMessageChunk(content="hi"),
        AIMessageChunk(content="", usage_metadata=usage),
    )
    assert [token.text for token in tokens][:3] == ["", "hi", ""]
    assert [token.usage["output_tokens"] for token in tokens if token.usage] == [2]


def test_a_character_split_between_two_chunks_is_joined(engine: Engine) -> None:
    chunks = [AIMessageChunk(text) for text in ("a ", "\ud83d", "\ude00 b", "é", "\ude00")]
    run = finish(start(engine, one_node(lambda _: speak(ChunkModel(chunks=chunks))), {}))
    assert run.status == "Completed", run.ended
    assert [token.text for token in events_of(run, Token)] == ["a ", "", "😀 b", "é", "�", ""]
    assert events_of(run, Values)[-1].state["text"] == "a 😀 bé�"
    assert all(dump_event(entry) for entry in run.events)


def test_values_without_a_json_form_do_not_fail_the_run(engine: Engine) -> None:
    circle: dict[str, Any] = {"text": "x\ud800", "big": 2**70, 2**70: {"small": 1}}
    circle["self"] = circle
    endless = 1 << 50_000

    def tell(model: Any) -> Any:
        async def only(state: State) -> State:
            for said in (circle, endless, [object, AIMessage("\ud800")]):
                get_stream_writer()(said)
            return {"text": ""}

        return only

    run = finish(start(engine, one_node(tell), {}))
    assert run.status == "Completed", run.ended
    first, second, third = (event.data for event in events_of(run, Custom))
    assert first == {"text": "x�", "big": str(2**70), str(2**70): {"small": 1}, "self": "…"}
    assert second == hex(endless)
    assert third[0] == repr(object)
    assert third[1]["content"] == "�"


def test_tool_call_chunks_come_in_pieces(engine: Engine) -> None:
    def piece(name: str | None, args: str) -> AIMessageChunk:
        call = {"name": name, "args": args, "id": "1" if name else None, "index": 0, "type": "tool_call_chunk"}
        return AIMessageChunk(content="", tool_call_chunks=[call])

    tokens = tokens_of(engine, piece("add", '{"a": '), piece(None, "1}"))
    assert [call["args"] for token in tokens for call in token.tool_calls] == ['{"a": ', "1}"]


def test_reasoning_and_text_are_separate(engine: Engine) -> None:
    block = {"type": "reasoning", "reasoning": "hm", "index": 0}
    tokens = tokens_of(
        engine, AIMessageChunk(content=[block]), AIMessageChunk(content=[{"type": "text", "text": "so"}])
    )
    assert "".join(token.reasoning for token in tokens) == "hm"
    assert "".join(token.text for token in tokens) == "so"


def test_a_message_id_that_another_node_repeats_glues_no_texts_together(engine: Engine) -> None:
    """What a reader of the code receives stays as it was, the id too."""

    def two_nodes(_model: Any, checkpointer: Any) -> Any:
        graph = StateGraph(State)
        for name in ("first", "second"):
            pieces = [AIMessageChunk(content=text, id="same") for text in (name, "!")]
            graph.add_node(name, speak(ChunkModel(chunks=pieces)))
        return graph.add_edge(START, "first").add_edge("first", "second").compile(checkpointer=checkpointer)

    run = finish(start(engine, two_nodes, {}))
    answers = apply_all(Messages(), run.events).answers()
    assert [(answer.node, answer.text) for answer in answers] == [("first", "first!"), ("second", "second!")]
    firsts: dict[str, Token] = {}
    texts = [token for token in events_of(run, Token) if token.text]
    sent = [message_of(token, firsts.setdefault(token.message_id, token)) for token in texts]
    assert {message["id"] for message in sent} == {"same"}


def test_a_model_that_does_not_stream_gives_one_whole_message(engine: Engine) -> None:
    fake = ChunkModel(chunks=[AIMessageChunk(content="all")], disable_streaming=True)

    def talk(model: Any) -> Any:
        async def only(state: Talk) -> Talk:
            return {"messages": [await fake.ainvoke("go")]}

        return only

    tokens = events_of(finish(start(engine, one_node(talk, Talk), {}, modes=("messages",))), Token)
    assert "".join(token.text for token in tokens) == "all"
    assert len([token for token in tokens if token.text]) == 1


def test_a_call_tagged_nostream_sends_its_message_whole(engine: Engine) -> None:
    def talk(model: Any) -> Any:
        async def only(state: Talk) -> Talk:
            return {"messages": [await model.with_config(tags=["nostream"]).ainvoke("go")]}

        return only

    tokens = events_of(finish(start(engine, one_node(talk, Talk), {}, modes=("messages",))), Token)
    assert [token.whole for token in tokens] == [True]


def test_a_message_returned_by_a_node_without_a_model_call_comes_whole(engine: Engine) -> None:
    def talk(model: Any) -> Any:
        async def only(state: Talk) -> Talk:
            return {"messages": [AIMessage("fixed")]}

        return only

    tokens = events_of(finish(start(engine, one_node(talk, Talk), {}, modes=("messages",))), Token)
    assert [(token.text, token.whole) for token in tokens] == [("fixed", True)]


class PydanticState(BaseModel):
    text: str = ""


@dataclass
class DataclassState:
    text: str = ""


@pytest.mark.parametrize("state", [State, PydanticState, DataclassState])
def test_pydantic_dataclass_and_dict_states_become_plain_data(engine: Engine, state: Any) -> None:
    def write(model: Any) -> Any:
        async def only(given: Any) -> dict[str, str]:
            return {"text": "new"}

        return only

    run = finish(start(engine, one_node(write, state), {"text": "old"}))
    assert [event.state["text"] for event in events_of(run, Values)] == ["old", "new"]


def test_what_has_the_form_of_a_key_is_in_no_error_of_a_node(engine: Engine) -> None:
    def refuse(_: Any) -> Any:
        async def only(state: State) -> State:
            raise ValueError("401 for sk-proj-0123456789abcdef")

        return only

    run = finish(start(engine, one_node(refuse), {}, modes=("tasks", "debug")))
    [told] = [event.error for event in events_of(run, TaskEnded)]
    assert told == "ValueError: 401 for [key]"
    assert told in [event.payload.get("error") for event in events_of(run, Debug)]
    assert not [entry for entry in run.events if "0123456789abcdef" in str(entry.event)]


async def test_what_has_the_form_of_a_key_is_in_no_error_of_a_checkpoint_or_a_tool() -> None:
    config = {"configurable": {"checkpoint_id": "c"}}
    failed = [{"id": "t", "name": "n", "error": "Bearer abc.def"}, {"id": "u", "name": "m"}]
    saved = {"config": config, "metadata": {"source": "loop", "step": 1}, "values": {}, "next": ["n"], "tasks": failed}
    tool = {"event": "tool-error", "tool_call_id": "1", "message": "no sk-proj-0123456789abcdef"}
    decoder = StreamPartDecoder()
    for mode, data in (("checkpoints", saved), ("tools", tool)):
        event, _ = await decoder.decode({"type": mode, "ns": (), "data": data})
        assert "[key]" in str(event)
        assert "abc" not in str(event)


@pytest.mark.parametrize(
    ("sent", "role", "text"),
    [
        ({"type": "ai", "content": "bees", "id": "1"}, "ai", "bees"),
        ("bees", "unknown", "bees"),
        (None, "unknown", "None"),
    ],
)
async def test_what_is_no_message_is_a_token_that_holds_it(sent: Any, role: str, text: str) -> None:
    token, _ = await StreamPartDecoder().decode(
        {"type": "messages", "ns": (), "data": (sent, {"langgraph_node": "talk"})}
    )
    assert isinstance(token, Token)
    assert (token.role, token.text, token.node) == (role, text, "talk")


def test_the_log_is_detached_from_live_state(engine: Engine) -> None:
    live = ["first"]

    def write(model: Any) -> Any:
        async def only(given: State) -> State:
            live.append("second")
            return {"text": "done"}

        return only

    run = finish(start(engine, one_node(write), {"parts": live}))
    assert events_of(run, Values)[0].state["parts"] == ["first"]


def test_a_cache_hit_is_reported_as_cached(engine: Engine) -> None:
    cache = InMemoryCache[Any]()

    async def only(state: State) -> State:
        return {"text": "once"}

    def build(model: Any, checkpointer: Any) -> CompiledGraph:
        graph = StateGraph(State)
        graph.add_node("only", only, cache_policy=CachePolicy())
        graph.add_edge(START, "only")
        return graph.compile(checkpointer=checkpointer, cache=cache)

    first, second = (finish(start(engine, build, {"text": "x"})) for _ in range(2))
    assert [event.cached for event in events_of(first, Updates)] == [False]
    assert [event.cached for event in events_of(second, Updates)] == [True]
    assert [span.state for span in apply_all(NodeSpans(), second.events).spans.values()] == ["cached"]


def nested(model: Any, checkpointer: Any) -> CompiledGraph:
    inner = StateGraph(State)
    inner.add_node("inner", speak(model))
    inner.add_edge(START, "inner")
    outer = StateGraph(State)
    outer.add_node("outer", inner.compile())
    outer.add_edge(START, "outer")
    return outer.compile(checkpointer=checkpointer)


def test_tokens_of_a_subgraph_have_its_namespace(engine: Engine) -> None:
    tokens = [token for token in events_of(finish(start(engine, nested, {})), Token) if token.text]
    assert len(tokens) > 5
    assert all(token.ns and token.ns[0].startswith("outer:") for token in tokens)


async def test_other_tasks_have_turns_while_a_picture_in_an_answer_is_decoded() -> None:
    picture = "a" * 2_000_000
    content = [{"type": "image_url", "image_url": {"url": f"{picture}planted-key"}}]
    part = {"type": "messages", "ns": (), "data": (AIMessageChunk(content, id="1"), {})}
    context = copy_context()
    context.run(hide_keys, ["planted-key"])
    decoding = asyncio.create_task(StreamPartDecoder().decode(part), context=context)
    (token, _), turns = await with_turns_of_others(decoding)
    assert isinstance(token, Token)
    assert token.content[0]["image_url"]["url"] == f"{picture}[key]"
    assert token.sent is not None
    assert token.sent["message"]["content"][0]["image_url"]["url"] == f"{picture}[key]"
    assert turns >= len(picture) // PIECE_BYTES
