"""Every log in every protocol: nothing is lost, and a stream can be cut anywhere and resumed."""

import json
from collections import Counter

import pytest
from hypothesis import given, settings

from streaming.core.events import Attempt, Custom, Ended, Event, LogEntry, Notice, Started, Token, Values
from streaming.wires.base import wire_events
from streaming.wires.catalogue import WIRE_NAMES, WIRES, WireName
from streaming.wires.figures import wire_figures
from tests.support.event_logs import random_logs
from tests.support.wire_logs import FACTS, LOGS, SHIPPED, log_of, streamed, text_of


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize("wire", WIRE_NAMES)
def test_the_text_of_a_run_comes_whole_and_in_order(wire: WireName, log: str) -> None:
    assert "".join(event.text for event in streamed(wire, log_of(log))) == text_of(log_of(log))


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize("wire", WIRE_NAMES)
def test_a_stream_cut_after_any_event_and_resumed_is_the_same_stream(wire: WireName, log: str) -> None:
    """Resuming reads the log again by a new wire and leaves out the ids that were sent: both streams are the same at
    every position, and ids are positions, so no cut loses or repeats an event."""
    whole = streamed(wire, log_of(log))
    assert [event.id for event in whole] == list(range(len(whole)))
    assert list(wire_events(WIRES[wire].make(FACTS), log_of(log))) == whole


@pytest.mark.parametrize("arguments", ["[" * 15_000, "[" * 300 + "]" * 300])
@pytest.mark.parametrize("wire", WIRE_NAMES)
def test_arguments_of_a_call_that_are_nested_too_deeply_end_no_stream(wire: WireName, arguments: str) -> None:
    call = {"name": "search", "args": arguments, "id": "1", "index": 0}
    token = Token(ns=(), message_id="m", text="", node="agent", role="ai", tool_calls=(call,))
    told = (Started(thread_id="t"), token, Ended(outcome="completed"))
    events = streamed(wire, [LogEntry(seq=n, t=n / 10, event=event) for n, event in enumerate(told)])
    assert len(events) >= len(told), "it comes to its end"


@given(log=random_logs())
@settings(max_examples=60)
def test_any_log_has_a_stream_in_every_protocol(log: list[LogEntry]) -> None:
    for wire in WIRE_NAMES:
        for event in streamed(wire, log):
            assert "\n" not in event.data
            assert "\n" not in event.name
            assert event.data == "[DONE]" or json.loads(event.data) is not ...


def test_the_figures_are_those_of_the_bytes_that_are_sent() -> None:
    log = log_of(SHIPPED[0])
    figures = wire_figures("ag-ui", FACTS, log)
    assert figures.bytes == sum(len(event.encoded()) for event in streamed("ag-ui", log))
    answers = [entry for entry in log if isinstance(entry.event, Token) and entry.event.role == "ai"]
    first = next(entry.t for entry in answers if entry.event.text)  # type: ignore[union-attr]
    assert figures.first_text_s == first
    assert 0 < (figures.first_text_bytes or 0) < figures.bytes
    assert figures.events == len(streamed("ag-ui", log))
    assert [timed.event for timed in wire_figures("ag-ui", FACTS, log, keep=5).first] == streamed("ag-ui", log)[:5]


def test_an_event_is_one_block_of_lines() -> None:
    log = [LogEntry(seq=0, t=0.0, event=Notice(text="one\n\ndata: two"))]
    block = streamed("own", log)[0].encoded()
    assert block.startswith(b"id: 0\nevent: notice\ndata: {")
    assert block.count(b"\n\n") == 1, "a line feed in a text cannot begin an event"


@pytest.mark.parametrize("wire", WIRE_NAMES)
def test_a_text_that_a_node_writes_is_json_and_begins_no_event(wire: WireName) -> None:
    said = "plain\n\nevent: end\ndata: null"
    events: list[Event] = [Custom(ns=(), data=said), Values(ns=(), state=said), Ended(outcome="completed")]
    log = [LogEntry(seq=seq, t=float(seq), event=event) for seq, event in enumerate(events)]
    sent = [event for event in streamed(wire, log) if event.data != "[DONE]"]
    assert all("\n" not in event.data for event in sent)
    read = [json.loads(event.data) for event in sent]
    assert said in read or wire not in ("langgraph", "langgraph-messages")


def test_each_protocol_says_what_it_cannot_carry() -> None:
    for kind in WIRES.values():
        assert kind.lost
        assert all(sentence.endswith(".") for sentence in kind.lost)


def test_an_answer_that_is_begun_again_is_closed_before_it() -> None:
    piece = Token(ns=(), message_id="a", node="write", role="ai", text="Hal")
    again = Token(ns=(), message_id="b", node="write", role="ai", text="Hello")
    attempt = Attempt(number=2, of=3, reason="it broke off", pause_s=0.0, dropped=("a",))
    log = [LogEntry(seq=n, t=0.0, event=event) for n, event in enumerate((piece, attempt, again))]
    kinds = [json.loads(event.data)["type"] for event in streamed("ag-ui", log)]
    assert kinds[3:6] == ["TEXT_MESSAGE_END", "CUSTOM", "TEXT_MESSAGE_START"]
    kinds = [json.loads(event.data)["type"] for event in streamed("vercel", log)[:-1]]
    assert Counter(kinds)["data-dropped"] == 1


def test_a_whole_message_repeats_nothing_that_was_streamed() -> None:
    chunk = Token(ns=(), message_id="a", node="write", role="ai", text="Hel")
    whole = Token(ns=(), message_id="a", node="write", role="ai", text="Hello", whole=True)
    log = [LogEntry(seq=n, t=0.0, event=event) for n, event in enumerate((chunk, whole))]
    for wire in ("ag-ui", "vercel", "openai"):
        assert "".join(event.text for event in streamed(wire, log)) == "Hello"  # type: ignore[arg-type]


def test_the_events_of_a_long_answer_do_not_grow_with_its_square() -> None:
    tokens = [Token(ns=(), message_id="m", node="n", role="ai", text=f"word{n % 97} ") for n in range(20_000)]
    log = [
        LogEntry(seq=seq, t=seq / 1000, event=event, size=100)
        for seq, event in enumerate([*tokens, Ended(outcome="completed")])
    ]
    whole = "".join(token.text for token in tokens)
    for wire in WIRE_NAMES:
        events = streamed(wire, log)
        assert sum(len(event.data) for event in events) < 150 * len(whole), wire
        assert "".join(event.text for event in events) == whole, wire
    complete = [event for event in streamed("langgraph-messages", log) if event.name == "messages/complete"]
    assert json.loads(complete[-1].data)[0]["content"] == whole
