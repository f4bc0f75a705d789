"""A recording is the same run after a round trip, and damaged or hostile files are refused."""

import json
from dataclasses import replace
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from graphs import GRAPHS, TECHNIQUES
from streaming.core.errors import BadRecording
from streaming.core.events import MODES, Custom, Event, LogEntry
from streaming.core.json_limits import MAX_CONTAINERS, MAX_VALUES
from streaming.core.model_spec import ModelSpec
from streaming.core.request import APIS, RunRequest
from streaming.projections.base import apply_all
from streaming.projections.branches import Branches
from streaming.projections.messages import Messages
from streaming.projections.metrics import MetricsCollector
from streaming.projections.namespaces import NamespaceTree
from streaming.projections.node_spans import NodeSpans
from streaming.projections.progress import Progress
from streaming.projections.state_history import StateHistory
from streaming.projections.tool_calls import ToolCalls
from streaming.providers.url_policy import url_without_credentials
from streaming.recordings import format
from streaming.recordings.event_checkers import checker_of
from streaming.recordings.format import (
    dump_event,
    dump_recording,
    header_of,
    installed_versions,
    load_event,
    load_recording,
    recording_of,
)
from streaming.runtime.engine import Engine
from tests.support.graphs import finish
from tests.support.recordings import run_of

SOME = recording_of(run_of("joke"))
CONTENT = dump_recording(SOME)


@pytest.mark.parametrize("name", [*GRAPHS, *TECHNIQUES])
def test_a_recording_restored_is_the_original_and_projects_the_same(name: str) -> None:
    original = recording_of(run_of(name))
    restored = load_recording(dump_recording(original))
    assert restored == original
    for projection in (
        Messages,
        MetricsCollector,
        NodeSpans,
        StateHistory,
        Progress,
        NamespaceTree,
        Branches,
        ToolCalls,
    ):
        before, after = apply_all(projection(), original.events), apply_all(projection(), restored.events)
        assert repr(vars(before)) == repr(vars(after)) if hasattr(before, "__dict__") else True


@pytest.mark.parametrize("api", [*APIS, "invoke"])
def test_every_api_can_be_recorded(api: str) -> None:
    original = recording_of(run_of("chat", api=api, modes=MODES))
    assert load_recording(dump_recording(original)) == original


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a recording"),
        (b"hello\nworld\n", "not a recording"),
        (b'{"a": 1}\n', "not a recording"),
        (b"\xff\xfe\x00", "not a recording"),
        (b"[" * 100_000, "not a recording"),
        (CONTENT.replace(b'"version":1', b'"version":99', 1), "version 99"),
        (CONTENT.replace(b'"modes":[', b'"modes":7,"x":[', 1), "not a recording"),
        (CONTENT[: CONTENT.rindex(b"{")] + b"\n", "Line"),
        (CONTENT.split(b"\n")[0] + b"\n", "cut off"),
        (CONTENT.replace(b'"seq":3,', b'"seq":1,', 1), "out of order"),
        (CONTENT.replace(b'"t":', b'"t":-', 1), "impossible"),
        (CONTENT.replace(b'"type":"Started"', b'"type":"__import__"', 1), "Line 2"),
        (b"x" * 50_000_001, "limit"),
    ],
)
def test_a_file_that_is_not_a_recording_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(BadRecording, match=reason) as caught:
        load_recording(content)
    assert caught.value.advice


@pytest.mark.parametrize(
    "end",
    [CONTENT.rindex(b"{"), CONTENT.rindex(b"\n", 0, -1) + 1, CONTENT.rindex(b"\n", 0, -1)],
    ids=["in its last line", "after the line before", "before the end of that line"],
)
def test_a_file_that_was_cut_plays_up_to_there_and_says_so(end: int) -> None:
    whole, cut = load_recording(CONTENT), load_recording(CONTENT[:end])
    assert cut.events[:-1] == whole.events[:-1]
    assert cut.ended.outcome == "failed"
    assert f"cut after event {whole.events[-2].seq}" in cut.ended.reason
    assert load_recording(dump_recording(cut)).ended == cut.ended


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(BadRecording):
        load_recording(content)


@settings(max_examples=120)
@given(st.integers(0, len(CONTENT) - 1), st.binary(min_size=1, max_size=6))
def test_a_damaged_recording_is_refused_or_harmless(offset: int, junk: bytes) -> None:
    damaged = CONTENT[:offset] + junk + CONTENT[offset + len(junk) :]
    try:
        restored = load_recording(damaged)
    except BadRecording:
        return
    apply_all(Messages(), restored.events)
    apply_all(MetricsCollector(), restored.events).metrics()


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_that_is_not_an_event_is_refused(value: Any) -> None:
    header = CONTENT.split(b"\n")[0]
    with pytest.raises(BadRecording):
        load_recording(
            header + b"\n" + json.dumps({"seq": 0, "t": 0, "size": 0, "type": "Token", "event": value}).encode() + b"\n"
        )


def test_no_secret_is_recorded(engine: Engine) -> None:
    spec = ModelSpec(provider="compatible", base_url="https://me:hunter2@host/v1?key=sk-planted", model="m")
    request = RunRequest(graph=GRAPHS["joke"], model=spec, modes=("values",), prompt="x")
    run = finish(engine.start(request, api_key="sk-planted-0123456789"))
    content = dump_recording(recording_of(run))
    assert b"hunter2" not in content
    assert b"planted" not in content
    assert b"https://host/v1" in content
    assert url_without_credentials("http://a:b@c:1/d?e#f") == "http://c:1/d"


def test_a_header_keeps_what_the_figures_depend_on() -> None:
    header = SOME.header
    assert header.settings["pace"]["tokens_per_s"] == 5000
    assert replace(header, prompt="other") != header


@pytest.mark.parametrize("stamp", [{"t": 1e300}, {"size": 1e300}, {"t": -1.0}, {"seq": 1e300}, {"seq": -1}])
def test_an_impossible_time_or_size_is_refused(stamp: dict[str, float]) -> None:
    line = orjson.loads(dump_event(LogEntry(seq=1, t=0.5, event=Custom(ns=(), data=1), size=3)))
    with pytest.raises(BadRecording, match="impossible"):
        load_event(orjson.dumps({**line, **stamp}))


def test_every_type_of_event_can_be_read_back() -> None:
    assert all(checker_of(kind.__name__) for kind in get_args(Event))


def test_the_versions_of_a_header_come_from_the_caller() -> None:
    run = run_of("joke")
    versions = installed_versions(["langgraph", "no-such-package"])
    assert versions["langgraph"]
    assert versions["python"]
    assert "no-such-package" not in versions
    assert header_of(run.id, run.created_at, run.request, environment=versions).environment == versions
    assert SOME.header.environment == {}


def line(kind: str, event: bytes) -> bytes:
    return b'{"seq":0,"t":0,"size":1,"type":"%s","event":%s}' % (kind.encode(), event)


@pytest.mark.parametrize(
    "event",
    [
        b'{"ns":[],"data":[' + b"[]," * MAX_CONTAINERS + b"0]}",
        b'{"ns":[],"data":[' + b"1," * MAX_VALUES + b"1,1]}",
        b'{"ns":[],"data":{"' + b'\\"' * MAX_VALUES + b'":[' + b"{}," * MAX_CONTAINERS + b"0]}}",
        b'{"ns":[],"data":"' + b"[" * MAX_CONTAINERS + b'"' + b",[]" * MAX_CONTAINERS + b"}",
    ],
    ids=["lists", "numbers", "after quotes", "after a text of signs"],
)
def test_a_line_of_too_many_values_is_refused_before_it_is_parsed(event: bytes) -> None:
    with pytest.raises(BadRecording, match="Line 2 has more than"):
        load_recording(b"\n".join([CONTENT.split(b"\n")[0], line("Custom", event), b""]))


def test_signs_in_a_text_are_no_values() -> None:
    text = '[{,"\\' * MAX_CONTAINERS
    first, *rest = CONTENT.split(b"\n")
    content = b"\n".join([first, line("Custom", orjson.dumps({"ns": [], "data": text})), *rest[1:]])
    event = load_recording(content).events[0].event
    assert isinstance(event, Custom)
    assert event.data == text


def test_the_check_of_a_long_list_stops_at_its_first_wrong_item() -> None:
    with pytest.raises(BadRecording) as caught:
        load_event(line("Ended", b'{"outcome":"failed","pending":[' + b"{}," * 1000 + b"{}]}"))
    assert isinstance(caught.value.__cause__, ValidationError)
    assert caught.value.__cause__.error_count() < 10


def test_a_file_of_empty_lines_is_refused_by_their_number() -> None:
    with pytest.raises(BadRecording, match="200,000"):
        load_recording(CONTENT + b"\n" * 200_001)


@pytest.mark.parametrize("name", ["graph", "model", "run_id", "created_at", "provider", "api"])
def test_a_name_of_the_header_that_no_page_could_show_is_refused(name: str) -> None:
    with pytest.raises(BadRecording, match="not a recording"):
        load_recording(dump_recording(replace(SOME, header=replace(SOME.header, **{name: "x" * 5_000}))))  # type: ignore[arg-type]


def test_a_version_of_the_future_is_told_in_a_few_words() -> None:
    header = json.dumps({"format": format.FORMAT, "version": "9" * 100_000}).encode()
    with pytest.raises(BadRecording, match="version 999") as caught:
        load_recording(header + b"\n")
    assert len(str(caught.value)) < 300
