"""Official clients read the protocols: LangGraph's decoder, httpx-sse, and the objects of OpenAI's package."""

import json
from typing import Any

import httpx
import httpx_sse
import pytest
from hypothesis import given, settings
from langchain_core.messages import AIMessageChunk, convert_to_messages
from langgraph_sdk.sse import BytesLineDecoder, SSEDecoder
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletionChunk

from streaming.core.events import Ended, LogEntry
from streaming.wires.catalogue import WIRE_NAMES, WireName
from tests.support.event_logs import random_logs
from tests.support.wire_logs import LOGS, READ_BY_EVENTS, SHIPPED, log_of, streamed, text_of

FORMS: dict[str, set[str]] = {
    "start": {"messageId"},
    "start-step": set(),
    "finish-step": set(),
    "text-start": {"id"},
    "text-delta": {"id", "delta"},
    "text-end": {"id"},
    "reasoning-start": {"id"},
    "reasoning-delta": {"id", "delta"},
    "reasoning-end": {"id"},
    "tool-input-start": {"toolCallId", "toolName", "dynamic", "providerExecuted"},
    "tool-input-delta": {"toolCallId", "inputTextDelta"},
    "tool-input-available": {"toolCallId", "toolName", "input", "dynamic", "providerExecuted"},
    "tool-input-error": {"toolCallId", "toolName", "input", "errorText", "dynamic", "providerExecuted"},
    "tool-output-available": {"toolCallId", "output", "dynamic", "providerExecuted"},
    "tool-output-error": {"toolCallId", "errorText", "dynamic", "providerExecuted"},
    "error": {"errorText"},
    "abort": {"reason"},
    "finish": {"finishReason"},
}
"""The fields of each part, by the strict schema of the AI SDK."""


def bytes_of(wire: WireName, log: tuple[LogEntry, ...]) -> bytes:
    return b"".join(event.encoded() for event in streamed(wire, log))


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("wire", ["langgraph", "langgraph-messages"])
def test_the_decoder_of_langgraph_reads_every_event(wire: WireName, name: str) -> None:
    lines, decoder = BytesLineDecoder(), SSEDecoder()
    found = [decoder.decode(bytes(line)) for line in lines.decode(bytes_of(wire, log_of(name)))]
    parts = [part for part in found if part is not None]
    assert len(parts) == len(streamed(wire, log_of(name)))
    assert (parts[0].event, parts[0].data["run_id"]) == ("metadata", "run-1")
    assert (parts[-1].event, parts[-1].data) == ("end", None)
    chunks: dict[str, Any] = {}
    for part in parts:
        if part.event.partition("|")[0] == "messages" and part.data[0]["type"] == "AIMessageChunk":
            chunk = AIMessageChunk(**{key: value for key, value in part.data[0].items() if value is not None})
            chunks[chunk.id or ""] = chunks[chunk.id or ""] + chunk if chunk.id in chunks else chunk
        if part.event in ("messages/partial", "messages/complete"):
            convert_to_messages([{**message, "tool_calls": []} for message in part.data])
    if wire == "langgraph" and name not in READ_BY_EVENTS:
        written = sum(len(chunk.text) for chunk in chunks.values())
        assert written == len(text_of(log_of(name))), "the chunks add up to the messages"


def test_the_last_partial_message_has_the_whole_text() -> None:
    log = log_of(SHIPPED[0])
    texts: dict[str, str] = {}
    for event in streamed("langgraph-messages", log):
        if event.name == "messages/partial":
            message = json.loads(event.data)[0]
            if message["type"] == "ai":
                texts[message["id"]] = message["content"]
    assert "".join(texts.values()) == text_of(log)


@pytest.mark.parametrize("wire", WIRE_NAMES)
def test_httpx_sse_reads_every_event(wire: WireName) -> None:
    log = log_of(SHIPPED[0])
    answer = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=bytes_of(wire, log))
    found = list(httpx_sse.EventSource(answer).iter_sse())
    assert [(one.event, one.data, one.id) for one in found] == [
        (event.name or "message", event.data, str(event.id)) for event in streamed(wire, log)
    ]


def check_parts(parts: list[dict[str, Any]]) -> None:
    """The rules of the AI SDK's client: open before use, and nothing open at the end of a step."""
    open_parts: set[tuple[str, str]] = set()
    calls: set[str] = set()
    for part in parts:
        kind = part["type"]
        if kind.startswith("data-"):
            continue
        assert set(part) - {"type", "preliminary"} == FORMS[kind]
        if kind == "tool-input-start":
            calls.add(part["toolCallId"])
        elif kind.startswith("tool-"):
            assert part["toolCallId"] in calls
        elif kind in ("start-step", "finish-step"):
            assert open_parts == ({("step", "")} if kind == "finish-step" else set()), "the client forgets open texts"
            open_parts ^= {("step", "")}
        elif "id" in part:
            what, _, action = kind.partition("-")
            assert ((what, part["id"]) in open_parts) is (action != "start")
            if action != "delta":
                open_parts ^= {(what, part["id"])}
    assert not open_parts


@pytest.mark.parametrize("name", LOGS)
def test_the_parts_for_use_chat_follow_the_rules_of_its_client(name: str) -> None:
    *parts, done = streamed("vercel", log_of(name))
    assert done.data == "[DONE]"
    check_parts([json.loads(part.data) for part in parts])


@given(log=random_logs())
@settings(max_examples=60)
def test_the_parts_of_any_log_follow_the_rules(log: list[LogEntry]) -> None:
    check_parts([json.loads(part.data) for part in streamed("vercel", log)[:-1]])


@pytest.mark.parametrize("name", LOGS)
def test_openai_adds_the_chunks_up_to_the_text(name: str) -> None:
    log = log_of(name)
    *chunks, done = streamed("openai", log)
    assert done.data == "[DONE]"
    state = ChatCompletionStreamState()
    last = log[-1].event
    assert isinstance(last, Ended)
    failed = last.outcome == "failed"
    for chunk in chunks[:-1] if failed else chunks:
        state.handle_chunk(ChatCompletionChunk.model_validate_json(chunk.data))
    if failed:
        assert json.loads(chunks[-1].data)["error"]["message"]
        return
    choices = state.get_final_completion().choices
    written = "".join((choice.message.content or "").replace("\n\n", "") for choice in choices)
    assert len(written) == len(text_of(log).replace("\n\n", ""))
    assert {choice.finish_reason for choice in choices} == {"stop"}


def test_parallel_branches_are_choices_of_their_own() -> None:
    log = log_of(next(name for name in SHIPPED if name.startswith("three-branches")))
    found = {choice["index"] for event in streamed("openai", log)[:-1] for choice in json.loads(event.data)["choices"]}
    assert found == {0, 1, 2}
