"""What the process of a stranger's graph adds to a run; what needs no process of its own is in `test_shapes`."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streaming.core.errors import NotContinuable
from streaming.core.events import CheckpointSaved, Custom, TaskStarted, Token
from streaming.core.request import Fork, RunRequest
from streaming.core.run import Run
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.own_graphs.own_graphs import OwnGraphs
from streaming.runtime.engine import Engine
from streaming.runtime.run_diagnosis import diagnose_run
from streaming.runtime.thread_moves import check_thread, resume
from tests.support.graphs import end_of, events_of, finish, notes_of
from tests.support.waiting import wait_until

SHAPES = Path(__file__).parents[3] / "support" / "own_graphs" / "shapes.py"
ODD_MESSAGES = SHAPES.with_name("odd_messages.py")
Play = Callable[..., Run]


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine of the test's own."""
    engine = Engine()
    yield engine
    engine.close()


@pytest.fixture
def play(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """Run one of the shapes to its end."""
    monkeypatch.setenv("THEIR_API_KEY", "planted-secret-of-theirs")
    opened: dict[str, OwnGraphs] = {}

    def run(shape: str, *, file: Path = SHAPES, **fields: Any) -> Run:
        if shape not in opened:
            opened[shape] = OwnGraphs(f"{file}:{shape}")
        (graph,) = opened[shape].graphs()
        assert graph.trouble == ""
        modes = fields.pop("modes", ("messages", "updates", "values", "custom", "tasks", "checkpoints"))
        cancel = fields.pop("cancel_at", None)
        request = fields.pop("request", None) or RunRequest(
            graph=graph, model=OWN_MODEL, prompt="bees", modes=modes, **fields
        )
        started = engine.start(request)
        if cancel is not None:
            wait_until(lambda: any(type(entry.event).__name__ == cancel for entry in started.events), timeout_s=30)
            started.cancel()
        wait_until(lambda: started.ended is not None, timeout_s=30)
        return started

    yield run
    for own in opened.values():
        own.close()


def test_tokens_arrive_one_by_one_and_its_runs_are_diagnosed_by_the_code_that_its_process_has_read(play: Play) -> None:
    run = play("chat")
    tokens = [entry.event for entry in run.events if isinstance(entry.event, Token)]
    assert "".join(token.text for token in tokens) == "Hello from a stranger's graph"
    assert len(tokens) > 3
    run = play("chat", modes=("updates",))
    assert [finding.cause for finding in diagnose_run(run)] == ["no-messages"]
    assert diagnose_run(run, asked_on_purpose=True) == []


def test_an_answer_from_the_cache_of_a_model_arrives_and_its_cause_is_named_at_its_line(play: Play) -> None:
    """LangChain gives it counts that its own class of messages refuses."""
    run = play("cached", file=ODD_MESSAGES)
    assert end_of(run).outcome == "completed", end_of(run).reason
    [said] = [token for token in events_of(run, Token) if token.role == "ai"]
    assert (said.text, said.usage) == ("Bees live in a hive and make honey all summer long.", {"total_cost": 0})
    [finding] = diagnose_run(run)
    line = next(at for at, text in enumerate(ODD_MESSAGES.read_text().splitlines(), 1) if "await chat.ainvoke" in text)
    assert (finding.cause, finding.node, finding.line) == ("cached", "talk", line)


def test_what_it_prints_does_not_disturb_its_stream(play: Play) -> None:
    customs = [entry.event.data for entry in play("writing").events if isinstance(entry.event, Custom)]
    assert customs == [{"step": 0}, {"step": 1}, {"step": 2}]


def test_a_question_is_answered(play: Play) -> None:
    asked = play("asking")
    (question,) = end_of(asked).pending
    answered = play("asking", request=resume(asked, asked.request, answers={question.id: "b"}))
    assert notes_of(answered) == ["b"]


def test_a_fork_with_an_edit_goes_on_to_where_a_command_led(engine: Engine) -> None:
    own = OwnGraphs(f"{SHAPES.with_name('commanded.py')}:graph")
    try:
        (graph,) = own.graphs()
        request = RunRequest(
            graph=graph, model=OWN_MODEL, prompt="", input={"topic": "cats"}, modes=("tasks", "checkpoints")
        )
        run = finish(engine.start(request))
        point = next(event for event in events_of(run, CheckpointSaved) if "write" in event.next)
        fork = Fork(checkpoint_id=point.checkpoint_id, step=point.step, edits={"topic": "dogs"})
        forked = finish(engine.start(replace(request, thread_id=run.thread_id, fork=fork)))
        begun = {event.node: event.input["topic"] for event in events_of(forked, TaskStarted)}
        assert begun == {"write": "dogs", "note": "birds"}
        assert events_of(forked, CheckpointSaved)[-1].fields["draft"] == "about dogs"
    finally:
        own.close()


def test_its_threads_are_looked_for_in_its_own_process(play: Play, engine: Engine) -> None:
    run = play("own_saver")
    assert end_of(run).outcome == "completed", end_of(run).reason
    assert engine.has_thread(run.request.graph, run.thread_id)
    assert not engine.has_thread(run.request.graph, "a thread of an earlier process")


def test_an_error_names_file_and_line_but_no_key(play: Play) -> None:
    run = play("failing")
    assert "ValueError: no such topic" in end_of(run).reason
    assert "shapes.py, line" in end_of(run).reason
    assert "planted-secret" not in str(run.events)


def test_no_form_of_a_key_is_in_a_run(play: Play) -> None:
    run = play("leaking")
    shown = str(run.events)
    assert "[key]" in shown
    assert "as a configurable value" in end_of(run).advice
    key = b"planted-secret-of-theirs"
    for form in (key.decode(), key.hex(), base64.b64encode(b"user:" + key).decode()[8:-4]):
        assert form not in shown


def test_a_node_that_calls_exit_ends_its_run_alone(play: Play) -> None:
    assert end_of(play("leaving")).reason.startswith("A node raised SystemExit: 3 (node “work”, ")
    assert end_of(play("leaving")).reason.startswith("A node raised SystemExit: 3 (node “work”, ")


def test_a_crash_is_noticed_while_a_forked_child_keeps_the_connection(play: Play) -> None:
    assert "exit code 9" in end_of(play("forking")).reason


def test_a_crash_ends_the_run_and_the_next_one_starts_a_process(play: Play) -> None:
    assert "exit code 7" in end_of(play("crashing")).reason
    assert "exit code 7" in end_of(play("crashing")).reason


def test_code_that_does_not_hear_of_a_stop_is_ended_and_said_to_be(play: Play) -> None:
    end = end_of(play("deaf", cancel_at="TaskStarted"))
    assert end.outcome == "cancelled"
    assert "its process was ended" in end.reason


def test_a_flood_ends_at_the_limit(play: Play) -> None:
    assert end_of(play("flooding")).error == "LimitReached"


def test_what_cannot_be_loaded_is_explained() -> None:
    own = OwnGraphs(f"{SHAPES}:broken_factory")
    try:
        assert "Set the variable in the shell" in own.graphs()[0].trouble
    finally:
        own.close()


def test_a_changed_file_is_loaded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streaming.own_graphs.process.CHECK_S", 0.0)
    file = tmp_path / "theirs.py"
    file.write_text("import nothing_of_this_name\n")
    own = OwnGraphs(f"{file}:graph")
    try:
        assert "pip install NAME" in own.graphs()[0].trouble
        file.write_text(
            "from langgraph.func import entrypoint\n@entrypoint()\ndef graph(text: str) -> str:\n    return text\n"
        )
        (graph,) = own.graphs()
        assert graph.trouble == ""
    finally:
        own.close()


def test_a_run_cannot_go_on_from_a_thread_that_ended_with_the_process_of_other_files(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.own_graphs.process.CHECK_S", 0.0)
    file = tmp_path / "theirs.py"
    code = (
        "from langgraph.func import entrypoint\nfrom langgraph.types import interrupt\n"
        "@entrypoint()\ndef graph(text: str) -> str:\n    return interrupt(text)\n"
    )
    file.write_text(code)
    own = OwnGraphs(f"{file}:graph")
    try:
        (graph,) = own.graphs()
        run = finish(engine.start(RunRequest(graph=graph, model=OWN_MODEL, prompt="Well?", modes=("values",))))
        check_thread(run)
        file.write_text(code + "\n")
        with pytest.raises(NotContinuable, match=r"kept it: theirs\.py changed"):
            check_thread(run)
        own.graphs()
        with pytest.raises(NotContinuable):
            check_thread(run)
        answers = {question.id: "yes" for question in end_of(run).pending}
        late = finish(engine.start(resume(run, run.request, answers=answers)))
        assert end_of(late).error == "NotContinuable"
        with pytest.raises(NotContinuable):
            check_thread(late)
    finally:
        own.close()


def test_reload_loads_a_graph_again_whose_files_have_not_changed(tmp_path: Path) -> None:
    file, lacked = tmp_path / "theirs.py", tmp_path / "prompt.txt"
    file.write_text(
        f"from langgraph.func import entrypoint\nopen({str(lacked)!r}).close()\n"
        "@entrypoint()\ndef graph(text: str) -> str:\n    return text\n"
    )
    own = OwnGraphs(f"{file}:graph")
    try:
        (graph,) = own.graphs()
        assert "prompt.txt" in graph.trouble
        lacked.write_text("Be short.")
        assert own.graphs()[0].trouble, "a file that is not watched changes nothing by itself"
        graph.process.reload()
        assert own.graphs()[0].trouble == ""
    finally:
        own.close()


def test_a_run_waits_until_its_graph_is_loaded_before_the_prompt_becomes_its_input(engine: Engine) -> None:
    own = OwnGraphs(f"{SHAPES}:chat")
    try:
        (graph,) = own.known()
        assert not graph.description.input_schema, "nothing is known of it yet"
        run = engine.start(RunRequest(graph=graph, model=OWN_MODEL, prompt="bees", modes=("values",)))
        wait_until(lambda: run.ended is not None, timeout_s=30)
        assert end_of(run).outcome == "completed"
    finally:
        own.close()


HOLD_TWO = """
from langgraph.func import entrypoint

@entrypoint()
def echo(text: str) -> str:
    return text

class Two:
    def __init__(self):
        self.a, self.b, self.count = echo, echo, 2

graph = """
UNKNOWN_NODE = """
from langgraph.graph import START, StateGraph
builder = StateGraph(dict)
builder.add_node("price", lambda state: state)
builder.add_edge(START, "price")
builder.add_edge("price", "prize")
graph = builder.compile()
"""


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        ("graph = 7", "“graph” in {file} is an object of type int: no graph, and no function that makes one."),
        (
            f"{HOLD_TWO}Two()",
            "“graph” in {file} is an object of type Two: no graph, and no function that makes one. It holds several "
            "graphs: name one of them, graph.a or graph.b.",
        ),
        (
            f"{HOLD_TWO}{{'writer': echo, 'count': 2}}",
            "“graph” in {file} is an object of type dict: no graph, and no function that makes one. It holds graphs: "
            "give one a name of its own, such as agent = graph['writer'], and name that.",
        ),
        (
            "def graph()\n    pass\n",
            "{file}, line 1: SyntaxError: expected ':'. Correct the line; a changed file is loaded again.",
        ),
        (
            UNKNOWN_NODE,
            "{file}, line 7: ValueError: Found edge ending at unknown node `prize`. Correct it in line 6: the nodes "
            "are price.",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_told_once_with_its_place_and_its_cure(
    code: str, trouble: str, tmp_path: Path
) -> None:
    file = tmp_path / "theirs.py"
    file.write_text(code)
    own = OwnGraphs(f"{file}:graph")
    try:
        (graph,) = own.graphs()
        assert graph.trouble == trouble.format(file=file)
    finally:
        own.close()


ECHO = "from langgraph.func import entrypoint\n@entrypoint()\ndef graph(text: str) -> str:\n    return text\n"


def test_a_changed_langgraph_json_is_read_again_and_a_wrong_one_takes_no_graph_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.own_graphs.own_graphs.CHECK_S", 0.0)
    (tmp_path / "agent.py").write_text(ECHO)
    file = tmp_path / "langgraph.json"

    def names(*graphs: str) -> None:
        file.write_text(json.dumps({"graphs": dict.fromkeys(graphs, "./agent.py:graph")}))

    names("first")
    own = OwnGraphs(str(file))
    try:
        (first,) = own.graphs()
        assert first.name == "own-first"
        names("first", "second")
        found = own.known()
        assert [graph.name for graph in found] == ["own-first", "own-second"]
        assert found[0].process is first.process, "what is as before keeps its process"
        file.write_text('{"graphs": ')
        assert [graph.name for graph in own.known()] == ["own-first", "own-second"]
        assert [str(trouble) for trouble in own.troubles] == [
            f"GRAPH: {file}, line 1, column 12: Expecting value. Correct the JSON there."
        ]
        names("second")
        assert [graph.name for graph in own.known()] == ["own-second"]
        assert own.troubles == ()
        assert first.process.connection().description, "a page that still shows it can run it"
    finally:
        own.close()
