"""Runs on a LangGraph Server, against what a real one sent."""

import re
from dataclasses import replace
from typing import Any

import orjson
import pytest
from langgraph.types import Command

from streaming.core.errors import BadSettings, Unreachable, WrongKey
from streaming.core.events import Custom, Notice, Token, Updates
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.recordings.format import dump_event
from streaming.remote_graphs.catalogue import FRESH_S, RemoteGraphs
from streaming.remote_graphs.proxy import RemoteGraphProxy
from streaming.remote_graphs.servers import named_servers
from streaming.remote_graphs.sources import RemoteGraphSource, find_graphs
from streaming.runtime.engine import Engine
from tests.support.graphs import events_of, finish
from tests.support.langgraph_server import KEY, RUN_ID, FakeServer, fake_server, id_of, recorded_blocks
from tests.support.waiting import wait_until

QUICK_MODEL = ScriptedChatModel()
MODES = ("messages", "updates", "custom", "values")
COUNT = len(recorded_blocks()) - 1
"""Without `metadata`, which starts the run."""


def source_of(fake: FakeServer) -> RemoteGraphSource:
    [server] = named_servers(fake.url, fake.key or "")
    return RemoteGraphSource(
        name="research@here", title="", summary="", server=server, assistant_id="a-1", graph_id="research"
    )


def start(engine: Engine, fake: FakeServer, **options: Any) -> Run:
    request = RunRequest(
        graph=source_of(fake), model=ModelSpec(provider="scripted"), modes=MODES, prompt="Skeletons", **options
    )
    return engine.start(request)


def streamed(run: Run) -> list[bytes]:
    """What the server sent, without times and numbers."""
    events = [entry.event for entry in run.events if entry.size]
    return [orjson.dumps(event) for event in events]


@pytest.fixture(scope="module")
def whole(engine: Engine) -> list[bytes]:
    """The events of a run whose connection is never cut."""
    with fake_server() as fake:
        run = finish(start(engine, fake))
    assert run.status == "Completed"
    assert len(streamed(run)) == COUNT
    return streamed(run)


def test_the_events_of_the_server_are_those_of_a_graph_in_this_process(engine: Engine) -> None:
    with fake_server() as fake:
        run = finish(start(engine, fake))
    assert fake.bodies[0]["stream_mode"] == ["messages-tuple", "updates", "custom", "values"]
    assert fake.bodies[0]["stream_resumable"] is True
    tokens = [entry.event for entry in run.events if isinstance(entry.event, Token)]
    assert tokens[0].role == "ai"
    assert tokens[0].node == "plan"
    assert tokens[0].metadata is not None
    assert {len(token.ns) for token in tokens} == {0, 2}
    assert any(isinstance(entry.event, Updates) and "plan" in entry.event.deltas for entry in run.events)
    assert any(isinstance(entry.event, Custom) and entry.event.ns for entry in run.events)


def test_the_wait_for_the_server_comes_before_the_start_of_the_run(engine: Engine) -> None:
    with fake_server() as fake:
        run = finish(start(engine, fake))
    kinds = [entry.event.kind for entry in run.events]
    assert kinds[:2] == ["notice", "started"]
    waiting = run.events[0].event
    assert isinstance(waiting, Notice)
    assert waiting.text == f"Waiting for {fake.url.removeprefix('http://')} to start the run."


@pytest.mark.parametrize("rough", [False, True])
def test_a_run_that_is_cut_at_any_event_is_joined_again_and_loses_nothing(
    engine: Engine, whole: list[bytes], rough: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.remote_graphs.run_stream.PAUSES_S", (0.0,) * 5)
    with fake_server(rough=rough) as fake:
        for cut in range(1, COUNT + 1):
            fake.cut_next(cut)
            run = finish(start(engine, fake))
            assert (run.status, streamed(run)) == ("Completed", whole), cut
            assert len(fake.joined_from) == 1
            notices = [entry.event.text for entry in run.events if isinstance(entry.event, Notice)]
            assert notices[-1].endswith("was cut. Joining it again.")


def test_events_with_the_same_id_are_neither_lost_nor_repeated(
    engine: Engine, whole: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.remote_graphs.run_stream.PAUSES_S", (0.0,) * 5)
    blocks = recorded_blocks()
    same = [block.replace(id_of(block), id_of(blocks[position // 4 * 4])) for position, block in enumerate(blocks)]
    with fake_server(blocks=same) as fake:
        for cut in range(1, 9):
            fake.cut_next(cut, 5, 3)
            run = finish(start(engine, fake))
            assert (run.status, streamed(run)) == ("Completed", whole), cut


def test_what_a_server_replays_and_then_sends_again_is_not_repeated(
    engine: Engine, whole: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.remote_graphs.run_stream.PAUSES_S", (0.0,) * 5)
    with fake_server() as fake:
        for replayed in range(1, 9):
            fake.cut_next(3, repeats=[(replayed, 1 + replayed % 3)])
            run = finish(start(engine, fake))
            assert (run.status, streamed(run)) == ("Completed", whole), replayed


def test_a_run_that_cannot_be_joined_again_says_so(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streaming.remote_graphs.run_stream.PAUSES_S", (0.0,) * 2)
    with fake_server(cuts=[3] + [0] * 10) as fake:
        run = finish(start(engine, fake))
    assert run.ended is not None
    assert (run.status, run.ended.error) == ("Failed", "BrokenStream")
    assert "could not be joined again" in run.ended.reason


def test_stop_cancels_the_run_on_the_server(engine: Engine) -> None:
    with fake_server(holds=True, status="interrupted") as fake:
        run = start(engine, fake)
        wait_until(lambda: run.length > COUNT)
        run.cancel()
        assert finish(run).status == "Cancelled"
        assert fake.cancelled == [RUN_ID]


def test_an_error_on_the_server_ends_the_run_with_its_words_and_without_the_key(engine: Engine) -> None:
    says = orjson.dumps({"error": "KeyError", "message": f"no field for {KEY}"}).decode()
    blocks = [*recorded_blocks()[:5], f"event: error\ndata: {says}\nid: 1795674619999-0\n\n"]
    with fake_server(blocks=blocks, key=KEY) as fake:
        run = finish(start(engine, fake))
    assert run.ended is not None
    assert run.ended.error == "GraphFailed"
    assert "by KeyError: “no field for [key]”." in run.ended.reason
    assert not any(KEY.encode() in dump_event(entry) for entry in run.events)


def test_a_typed_secret_reaches_the_server_and_is_in_nothing_that_comes_back(engine: Engine) -> None:
    typed = "typed-by-a-person"
    blocks = recorded_blocks()[:5]
    says = orjson.dumps({"error": "KeyError", "message": f"no field for {typed}"}).decode()
    blocks += [f"event: error\ndata: {says}\nid: 1795674619999-0\n\n"]
    with fake_server(blocks=blocks) as fake:
        schema = {"properties": {"password": {"type": "string", "format": "password"}}}
        graph = replace(source_of(fake), context_schema=schema)
        request = RunRequest(graph=graph, model=ModelSpec(), modes=MODES, prompt="Hi", context={"password": typed})
        run = finish(engine.start(request))
    assert fake.bodies[0]["context"] == {"password": typed}
    assert run.ended is not None
    assert "by KeyError: “no field for [key]”." in run.ended.reason
    assert typed not in repr(run.request)


def test_a_key_that_comes_in_pieces_is_in_no_token(engine: Engine) -> None:
    blocks = recorded_blocks()
    places = [at for at, block in enumerate(blocks) if block.startswith("event: messages\n")]
    for at, piece in zip(places, (KEY[:9], KEY[9:20], KEY[20:]), strict=False):
        blocks[at] = re.sub(r'"content":"[^"]*"', f'"content":"{piece}"', blocks[at], count=1)
    with fake_server(blocks=blocks, key=KEY) as fake:
        run = finish(start(engine, fake))
    assert run.status == "Completed"
    assert "".join(event.text for event in events_of(run, Token) if not event.ns)[:5] == "[key]"
    assert not any(KEY[9:20].encode() in dump_event(entry) for entry in run.events)


def test_a_wrong_key_and_a_server_that_is_not_there_say_what_to_do(engine: Engine) -> None:
    with fake_server(key=KEY) as fake:
        [server] = named_servers(fake.url, "another-key-that-is-wrong")
        request = RunRequest(
            graph=RemoteGraphSource(name="x", title="", summary="", server=server, assistant_id="a", graph_id="g"),
            model=ModelSpec(provider="scripted"),
            modes=MODES,
            prompt="Hi",
        )
        refused = finish(engine.start(request)).ended
    assert refused is not None
    assert refused.error == WrongKey.__name__
    assert "another-key" not in refused.reason
    gone = finish(engine.start(request)).ended
    assert gone is not None
    assert gone.error == Unreachable.__name__
    assert "LANGGRAPH_URL" in gone.advice


async def test_assistants_are_listed_with_the_schemas_that_the_server_gives() -> None:
    with fake_server(key=KEY) as fake:
        found = await find_graphs(named_servers(f"{fake.url}, http://127.0.0.1:1", KEY))
    host = fake.url.removeprefix("http://")
    assert [graph.name for graph in found.graphs] == [f"research@{host}", f"b-2.research@{host}", f"chat@{host}"]
    research, _, chat = found.graphs
    assert research.input_schema is not None
    assert research.to_input("Cats") == {"subject": "Cats"}
    assert [(edge.source, edge.conditional) for edge in research.build(QUICK_MODEL).get_graph().edges] == [
        ("__start__", False),
        ("plan", True),
    ]
    assert [node.name for node in research.description.nodes][:2] == ["__start__", "plan"]
    assert research.description.input_schema == research.input_schema
    assert chat.input_schema is None
    assert "messages" in chat.to_input("Cats")
    texts = {"type": "array", "items": {"$ref": "#/$defs/BaseMessage"}}
    assert replace(chat, input_schema={"type": "string"}).to_input("Cats") == "Cats"
    assert [message.text for message in replace(chat, input_schema=texts).to_input("Cats")] == ["Cats"]
    assert len(found.troubles) == 1
    assert "127.0.0.1:1 does not answer" in found.troubles[0]
    assert KEY not in repr(found)


@pytest.mark.parametrize(("default", "needed"), [({}, []), ({"default": 3}, ["subject"])])
async def test_an_input_needs_a_part_only_where_its_class_checks_it(default: Any, needed: list[str]) -> None:
    fields = {"subject": {"type": "string"}, "count": {"type": "integer", **default}}
    schema = {"type": "object", "properties": fields, "required": ["subject"]}
    with fake_server(state_schema=schema) as fake:
        found = await find_graphs(named_servers(fake.url))
    assert found.graphs[0].description.input_schema == {**schema, "required": needed}


def test_the_lists_are_asked_for_again_after_a_while() -> None:
    now = [0.0]
    with fake_server() as fake:
        graphs = RemoteGraphs(named_servers(fake.url), clock=lambda: now[0])
        first = graphs.found()
        assert graphs.found() is first
        now[0] = FRESH_S + 1
        assert graphs.found() is not first
    assert not graphs.found(again=True).graphs
    assert RemoteGraphs(()).found().graphs == ()


async def test_the_state_of_a_thread_has_its_questions_and_a_new_thread_has_none() -> None:
    questions = [{"id": "q1", "value": {"question": "Good?"}}]
    state = {
        "values": {"draft": "x"},
        "next": ["review"],
        "tasks": [{"id": "t", "name": "review", "interrupts": questions}],
        "checkpoint": {"checkpoint_id": "c1", "checkpoint_ns": ""},
        "created_at": "2026-11-26T06:30:00+00:00",
    }
    config: Any = {"configurable": {"thread_id": "t1"}}
    with fake_server(state=state) as fake:
        proxy = RemoteGraphProxy(named_servers(fake.url)[0], "a-1")
        found = await proxy.aget_state(config)
        assert found.config["configurable"]["checkpoint_id"] == "c1"
        assert [(question.id, question.value) for question in found.interrupts] == [("q1", {"question": "Good?"})]
        fake.state = {"values": {}, "next": [], "tasks": [], "checkpoint": None, "created_at": None}
        assert (await proxy.aget_state(config)).created_at is None


@pytest.mark.parametrize("said", [{"update": {"topic": "dogs"}}, {"resume": {"q1": None}}])
async def test_an_edit_and_an_answer_are_commands_there(said: dict[str, Any]) -> None:
    config: Any = {"configurable": {"thread_id": "t1", "checkpoint_id": "c1"}}
    with fake_server() as fake:
        proxy = RemoteGraphProxy(named_servers(fake.url)[0], "a-1")
        async for _ in proxy.astream(Command(**said), config, stream_mode=("values",)):
            pass
    assert fake.bodies[0]["command"] == said
    assert "input" not in fake.bodies[0]
    assert fake.bodies[0]["checkpoint"]["checkpoint_id"] == "c1"


def test_servers_are_named_with_one_key_or_one_for_each() -> None:
    assert [server.key for server in named_servers("http://a http://b/", "one")] == ["one", "one"]
    assert [(server.url, server.key) for server in named_servers("http://a,https://b/", "1 2")] == [
        ("http://a", "1"),
        ("https://b", "2"),
    ]
    assert named_servers("") == []
    for urls, keys in (("a", ""), ("ftp://a", ""), ("http://a:0", ""), ("http://a", "1 2")):
        with pytest.raises(BadSettings):
            named_servers(urls, keys)
