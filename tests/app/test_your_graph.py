"""The page of one's own graph as a script: nothing named, a graph with a form, and one that cannot be loaded."""

import json
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.run_panel import developer_graphs
from components.run_panel.graph_input import title_of
from components.run_panel.offered_graph import FIRST_PROMPT
from components.shell.session import RUNS, STORED
from streaming.core.events import Values
from streaming.core.request import RunRequest
from streaming.own_graphs import own_graphs, process
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.services import get_services
from tests.support.app_test import assert_completed, in_url, mounts, opened, reveals, run_in, runs_in, texts, turned_to
from tests.support.graphs import finish
from tests.support.langgraph_server import fake_server
from tests.support.services import Configure

SHAPES = Path(__file__).parents[1] / "support" / "own_graphs" / "shapes.py"
PUBLIC_SHAPES = SHAPES.with_name("public_shapes.py")


def typed(app: AppTest, key: str, text: str) -> None:
    next(area for area in app.text_area if area.key and area.key.endswith(key)).set_value(text)


def test_without_a_graph_the_page_says_how_to_bring_one() -> None:
    app = opened("your_graph")
    assert not app.exception
    assert [code.value for code in app.code] == [
        "make run GRAPH=path/to/agent.py:graph",
        "make run GRAPH=path/to/langgraph.json",
        "make run GRAPH=package.module:make_graph",
    ]
    assert "run" not in [button.key for button in app.button]


def test_a_form_is_filled_in_and_the_graph_runs_with_its_values(configure: Configure) -> None:
    configure(graph=f"{SHAPES}:compiled")
    app = opened("your_graph", autorun="1")
    assert not app.exception
    assert "run" not in app.query_params, "a link never starts a graph that may cost money"
    assert "may cost money" in texts(app)
    typed(app, "topic", "rivers")
    app.button(key="run").click().run()
    assert_completed(app)
    [run] = runs_in(app)
    assert run.request.input["topic"] == "rivers"
    assert run.request.model.provider == "own"
    assert all(mount["runs"] == [run.id] for mount in mounts(app).values())


def test_the_recursion_limit_and_a_configurable_value_reach_the_run_and_the_code_is_shown(
    configure: Configure,
) -> None:
    configure(graph=f"{SHAPES}:looping")
    app = opened("your_graph")
    assert "The graph" in app.selectbox(key="code.own-looping").options
    scripts = [button.proto.label for button in app.get("download_button")]
    assert {"Script", "Notebook"} <= set(scripts), "as on every other page"
    assert "looping = _loop.compile()" in "\n".join(code.value for code in app.code)
    typed(app, "configurable.raw", '{"tone": "dry"}')
    typed(app, "topic", "rivers")
    app.number_input(key="own.own-looping.steps").set_value(7)
    app.button(key="run").click().run()
    [run] = runs_in(app)
    assert run.request.limits.supersteps == 7
    assert run.request.configurable == {"tone": "dry"}
    assert "limit" in texts(app)


def test_rows_of_a_table_and_a_file_are_there_again_after_another_page(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "theirs.py").write_text(
        "from typing import TypedDict\nfrom langgraph.graph import START, StateGraph\n"
        "State = TypedDict('State', {'notes': list[int], 'scan': bytes})\n"
        "graph = StateGraph(State).add_node('n', lambda state: {}).add_edge(START, 'n').compile()\n"
    )
    configure(graph=f"{tmp_path / 'theirs.py'}:graph")
    app = opened("your_graph")
    key = "own.own-theirs-graph.input"
    app.session_state[f"{STORED}{key}.notes.rows"] = [{"value": 7}]
    app.session_state[f"{STORED}{key}.scan.file"] = ("scan.pdf", "AAAA")
    turned_to(app, "pitfalls")
    turned_to(app, "your_graph")
    assert "Remove scan.pdf" in [button.label.replace("\\", "") for button in app.button]
    app.button(key="run").click().run()
    assert runs_in(app)[0].request.input == {"notes": [7], "scan": "AAAA"}


def test_a_factory_that_needs_a_configurable_value_gets_it_and_the_graph_is_shown_after_its_run(
    configure: Configure, tmp_path: Path
) -> None:
    (tmp_path / "theirs.py").write_text(
        "from typing import TypedDict\nfrom langgraph.graph import START, StateGraph\n"
        "State = TypedDict('State', {'topic': str}, total=False)\n"
        "def make(config):\n    user = config['configurable']['user_id']\n"
        "    return StateGraph(State).add_node('n', lambda _: {'topic': user}).add_edge(START, 'n')\n"
    )
    configure(graph=f"{tmp_path / 'theirs.py'}:make")
    app = opened("your_graph")
    assert not app.exception
    assert "The factory needs “user_id” among the configurable values" in texts(app).replace("\\", "")
    assert "diagram" not in mounts(app)
    assert "0 nodes" not in texts(app)
    typed(app, "input.raw", '{"topic": "rivers"}')
    typed(app, "configurable.raw", '{"user_id": "ada"}')
    app.button(key="run").click().run()
    assert_completed(app)
    [run] = runs_in(app)
    assert (run.request.input, run.request.configurable) == ({"topic": "rivers"}, {"user_id": "ada"})
    app.run()
    assert "The factory needs" not in texts(app)
    assert "diagram" in mounts(app)
    app.button(key="run").click().run()
    again = runs_in(app)[0]
    assert again.id != run.id
    assert (again.request.input, again.request.configurable) == ({"topic": "rivers"}, {"user_id": "ada"})


def test_a_graph_that_cannot_be_loaded_says_why(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text("import a_package_that_is_not_there\n")
    configure(graph=f"{tmp_path / 'agent.py'}:graph")
    app = opened("your_graph")
    assert not app.exception
    assert "a_package_that_is_not_there" in texts(app).replace("\\", "")
    assert "Reload" in [button.label for button in app.button]
    named = opened("your_graph", graph="own-agent-graph")
    assert not named.exception
    named.button(key="run").click().run()
    assert "a_package_that_is_not_there" in texts(named).replace("\\", "")
    assert get_services().engine.registry.runs() == []


def test_a_graph_that_breaks_while_it_is_shown_stays_and_run_starts_no_other(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "CHECK_S", 0.0)
    (tmp_path / "hot").mkdir()
    hot = tmp_path / "hot" / "hot.py"
    hot.write_text(PUBLISHING)
    configure(graph=f"{SHAPES}:compiled {hot}:graph")
    app = opened("your_graph", graph="own-hot-graph")
    assert app.selectbox(key="graph").value == "own-hot-graph"
    hot.write_text(PUBLISHING + "(\n")
    app.button(key="run").click().run()
    assert not app.exception
    assert app.selectbox(key="graph").value == "own-hot-graph"
    assert "was never closed" in texts(app).replace("\\", "")
    assert get_services().engine.registry.runs() == []
    hot.write_text(PUBLISHING)
    app.button(key="reload_graph").click().run()
    app.button(key="run").click().run()
    assert runs_in(app)[0].request.graph.name == "own-hot-graph"
    assert ":orange-badge[Interrupted]" in texts(app)
    hot.write_text(PUBLISHING + "import a_package_that_is_not_there\n")
    app.button(key="run").click().run()
    assert "a_package_that_is_not_there" in app.toast[0].value.replace("\\", "")
    shown = texts(app).replace("\\", "")
    assert "a_package_that_is_not_there" in shown
    assert ":orange-badge[Cannot run]" in shown
    assert "Below is the run before." in shown
    assert "[Interrupted]" not in shown, "the state of the run before is not that of the one which was wanted"


def test_what_is_waited_for_is_on_screen_and_a_changed_langgraph_json_is_read_again(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "CHECK_S", 0.0)
    monkeypatch.setattr(own_graphs, "CHECK_S", 0.0)
    waited: list[str] = []

    def spinner(text: str) -> AbstractContextManager[None]:
        waited.append(text)
        return nullcontext()

    monkeypatch.setattr(developer_graphs.st, "spinner", spinner)
    agent, file = tmp_path / "agent.py", tmp_path / "langgraph.json"
    agent.write_text(PUBLISHING)
    file.write_text('{"graphs": {"press": "./agent.py:graph", "print": "./agent.py:graph"}}')
    configure(graph=str(file))
    app = opened("your_graph", graph="own-print")
    assert waited[0].replace("\\", "") == "Loading own-press, own-print…", "named as the select does"
    agent.write_text(PUBLISHING + "\n")
    app.run()
    changed = "agent.py changed: loading own-press, own-print again…"
    assert changed in [text.replace("\\", "") for text in waited]
    file.write_text('{"graphs": {"press": "./agent.py:graph"')
    app.run()
    assert not app.exception
    assert "Until then the other graphs stay as they are." in texts(app)
    assert app.selectbox(key="graph").value == "own-print"
    file.write_text('{"graphs": {"press": "./agent.py:graph", "paper": "./agent.py:graph"}}')
    app.button(key="run").click().run()
    assert not app.exception
    assert app.selectbox(key="graph").options == ["own-press", "own-paper"]
    assert get_services().engine.registry.runs() == [], "what was shown is gone, and Run starts no other graph"


def test_what_was_written_in_the_field_of_the_prompt_goes_along_to_the_other_pages(
    configure: Configure, tmp_path: Path
) -> None:
    (tmp_path / "publishing.py").write_text(PUBLISHING)
    configure(graph=f"{tmp_path / 'publishing.py'}:graph")
    app = turned_to(opened("lanes", graph="own-publishing-graph"), "your_graph")
    typed(app, ".topic", "Something with cheese?")
    app.run()
    turned_to(app, "lanes")
    assert [area.value for area in app.text_area if area.label == "Prompt"] == ["Something with cheese?"]
    area = next(area for area in app.text_area if area.label == "Prompt")
    area.set_value("And without?").run()
    turned_to(app, "your_graph")
    turned_to(app, "lanes")
    assert [area.value for area in app.text_area if area.label == "Prompt"] == ["And without?"], "written last"


def test_the_question_of_a_thread_that_ended_with_its_process_is_not_answered_but_asked_again(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "CHECK_S", 0.0)
    waited: list[str] = []
    monkeypatch.setattr(developer_graphs.st, "spinner", lambda text: waited.append(text) or nullcontext())
    file = tmp_path / "publishing.py"
    file.write_text(PUBLISHING)
    configure(graph=f"{file}:graph")
    app = opened("your_graph")
    typed(app, ".topic", "bees")
    app.button(key="run").click().run()
    [run] = runs_in(app)
    assert app.selectbox(key=f"checkpoint.{run.id}").options
    file.write_text(PUBLISHING + "\n")
    next(area for area in app.text_area if area.label == "Your answer").set_value("yes")
    app.button(key="resume").click().run()
    assert get_services().engine.registry.runs() == [run], "the graph did not run from an empty state"
    shown = texts(app)
    said = "ended with the process that kept it: publishing.py changed. Run it again to be asked again."
    assert said in shown.replace("\\", "")
    assert [text.partition("again… ")[2] for text in waited if "changed" in text] == [
        "A question that waits ends with the process that asked it."
    ]
    assert "`ask` asked: Publish it?" in shown
    assert "There is no checkpoint to go back to." in shown
    assert app.button(key="travel").disabled
    app.toggle(key="own.own-publishing-graph.goes_on").set_value(True).run()
    app.button(key="run_again").click().run()
    [again] = runs_in(app)
    assert (again.request.input, again.status) == ({"topic": "bees"}, "Interrupted")
    assert (again.thread_id == run.thread_id, again.request.previous_run_id) == (False, None)
    file.write_text(PUBLISHING)
    app.button(key="run").click().run()
    [third] = runs_in(app)
    assert third.thread_id != again.thread_id, "there is no last thread to go on with"
    app.button(key="run").click().run()
    assert runs_in(app)[0].thread_id == third.thread_id


def test_the_title_of_a_run_is_the_last_text_of_its_input() -> None:
    messages = [{"type": "human", "content": "first"}, {"type": "human", "content": "last"}]
    assert title_of({"count": 3, "messages": messages}) == "last"
    assert title_of({"count": 3}) == ""
    assert title_of({"reviews": ["The soup was cold", "Best ratatouille ever"]}) == (
        "The soup was cold · Best ratatouille ever"
    )


def test_a_question_with_options_is_answered_and_the_run_continues(configure: Configure) -> None:
    configure(graph=f"{SHAPES}:asking")
    app = opened("your_graph")
    app.button(key="run").click().run()
    assert ":orange-badge[Interrupted]" in texts(app)
    assert "Which one?" in texts(app)
    [asked] = runs_in(app)
    asked_at = app.selectbox(key=f"checkpoint.{asked.id}").options
    next(radio for radio in app.radio if radio.label == "Choose").set_value("b").run()
    app.button(key="resume").click().run()
    assert ":green-badge[Completed]" in texts(app)
    [answered] = runs_in(app)
    assert set(app.session_state[RUNS]) == {"your_graph"}, "no other page of this session has a run"
    assert (answered.request.previous_run_id, answered.request.resume is not None) == (asked.id, True)
    assert list(answered.request.resume.answers.values()) == ["b"]
    assert app.selectbox(key=f"checkpoint.{answered.id}").options == asked_at, "as before the answer"
    linked = opened("your_graph", run=asked.id)
    assert "answered already" in texts(linked)
    linked.button(key="newest").click().run()
    assert runs_in(linked) == [answered]
    assert ":green-badge[Completed]" in texts(linked)
    assert not reveals(linked)
    linked.button(key="travel").click().run()
    assert {"target": "questions", "once": run_in(linked)}.items() <= reveals(linked)[0].items()
    assert runs_in(linked)[0].request.fork is not None
    assert "Which one?" in texts(linked), "it went back to before the answer"


TICKETS = """
from typing import Annotated
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel, Field

class Person(BaseModel):
    name: str

class State(BaseModel):
    ticket: str = Field(min_length=1)
    count: int = 1
    tags: list[str] = []
    person: Person | None = None

def ask(state):
    return {"count": interrupt("How many?")}

graph = StateGraph(State).add_node("ask", ask).add_edge(START, "ask").compile()
"""


def test_a_link_to_a_run_shows_its_status_and_begins_the_form_with_its_input(
    configure: Configure, tmp_path: Path
) -> None:
    (tmp_path / "tickets.py").write_text(TICKETS)
    services = configure(graph=f"{tmp_path / 'tickets.py'}:graph")
    [graph] = services.own_graphs.graphs()
    given = {"ticket": "A 7", "count": 3, "tags": ["red", "late"], "person": {"name": "Ada"}}
    request = RunRequest(graph=graph, model=OWN_MODEL, modes=("values",), input=given, configurable={"tone": "dry"})
    run, plain = (
        finish(services.engine.start(one)) for one in (request, replace(request, input={"ticket": {"no": "text"}}))
    )
    app = opened("your_graph")
    typed(app, ".ticket", "")
    app.button(key="run").click().run()
    complaint = "ticket: '' should be non-empty"
    assert complaint in app.toast[0].value.replace("\\", "")
    assert texts(app).replace("\\", "").count(complaint) == 2, "below its field and beside Run"
    drawn = [getattr(one, "key", None) or one.value for one in app.main if one.type in ("text_area", "caption")]
    field = next(place for place, one in enumerate(drawn) if one.endswith(".ticket"))
    assert complaint in drawn[field + 1].replace("\\", "")
    app.query_params["run"] = run.id
    turned_to(app, "pitfalls")
    app.query_params["run"] = run.id
    turned_to(app, "your_graph")
    shown = texts(app)
    assert ":orange-badge[Interrupted]" in shown
    assert complaint not in shown.replace("\\", "")
    assert "Cannot run" not in shown
    app.button(key="run").click().run()
    [again] = runs_in(app)
    assert (again.request.input, again.request.configurable) == (given, {"tone": "dry"})
    typed(app, ".ticket", "")
    app.run()
    shown = texts(app).replace("\\", "")
    assert complaint in shown
    assert ":orange-badge[Interrupted]" in shown, "the run that is shown has no part in what is typed"
    raw = opened("your_graph", run=plain.id)
    assert ":red-badge[Failed]" in texts(raw)
    app.button(key="run").click().run()
    assert services.engine.registry.runs()[-1] is again, "an input that fails starts no run"


PUBLISHING = """
from typing import TypedDict
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

State = TypedDict("State", {"topic": str, "count": int, "approved": bool}, total=False)

def ask(state):
    return {"approved": interrupt({"question": "Publish it?", "lines": ["one", "two"]}) == "yes"}

graph = StateGraph(State).add_node("ask", ask).add_edge(START, "ask").compile()
"""


def test_the_first_run_has_an_input_and_a_question_without_a_form_waits_for_words(
    configure: Configure, tmp_path: Path
) -> None:
    (tmp_path / "publishing.py").write_text(PUBLISHING)
    configure(graph=f"{tmp_path / 'publishing.py'}:graph")
    app = opened("your_graph")
    typed(app, ".topic", "")
    app.run()
    assert "Nothing is written in *Input*: topic" in texts(app)
    typed(app, ".topic", FIRST_PROMPT)
    app.run()
    assert "Nothing is written" not in texts(app)
    app.button(key="run").click().run()
    [run] = runs_in(app)
    assert run.request.input == {"topic": FIRST_PROMPT}, "a switch that was not touched is left out"
    assert json.loads(app.json[-1].value)["lines"] == ["one", "two"]
    assert app.json[-1].proto.expanded
    app.button(key="resume").click().run()
    assert [warning.value for warning in app.warning] == ["Write an answer."]
    [answer] = [area for area in app.text_area if area.label == "Your answer"]
    answer.set_value("yes").run()
    app.button(key="resume").click().run()
    assert ":green-badge[Completed]" in texts(app)
    [following] = runs_in(app)
    assert following.request.resume is not None
    assert list(following.request.resume.answers.values()) == ["yes"]


def test_a_run_is_continued_from_a_checkpoint_with_another_value(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "steps.py").write_text(
        "from typing import TypedDict\nfrom langgraph.graph import START, StateGraph\n"
        "State = TypedDict('State', {'topic': str, 'text': str})\n"
        "def find(state):\n    return {'topic': state['topic'] + ' found'}\n"
        "def write(state):\n    return {'text': 'On ' + state['topic']}\n"
        "graph = StateGraph(State).add_sequence([find, write]).add_edge(START, 'find').compile()\n"
    )
    configure(graph=f"{tmp_path / 'steps.py'}:graph")
    app = opened("your_graph")
    typed(app, ".topic", "bees")
    assert "travel" not in [button.key for button in app.button], "there is nothing to go back to"
    app.button(key="run").click().run()
    first = runs_in(app)[0]
    checkpoint = next(box for box in app.selectbox if box.label == "Checkpoint")
    checkpoint.set_value(checkpoint.options[-1]).run()
    next(area for area in app.text_area if area.label == "New value").set_value("wasps").run()
    app.button(key="travel").click().run()
    [run] = runs_in(app)
    assert (run.thread_id, run.request.fork is not None) == (first.thread_id, True)
    said = f"This run continues from the checkpoint of step {run.request.fork.step}, with another *topic*."
    assert said in texts(app), "its input is not the one beside Run"
    assert mounts(app)["diagram"]["settings"]["earlier"] == ["find", "write"]
    last = [entry.event for entry in run.events if isinstance(entry.event, Values)][-1]
    assert last.fields["text"] == "On wasps"


SIGNING = """
from langgraph.graph import START, StateGraph
from pydantic import BaseModel, SecretStr

class State(BaseModel):
    topic: str = "bees"
    secret: SecretStr = SecretStr("of the graph")
    length: int = 0

def measure(state):
    return {"length": len(state.secret.get_secret_value())}

graph = StateGraph(State).add_node("measure", measure).add_edge(START, "measure").compile()
"""


def test_a_graph_runs_with_its_own_secret_until_another_one_is_typed(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "signing.py").write_text(SIGNING)
    configure(graph=f"{tmp_path / 'signing.py'}:graph")
    app = opened("your_graph")
    for secret, given in (("of the graph", {}), ("mine", {"secret": "[key]"})):
        if given:
            next(field for field in app.text_input if field.key.endswith("input.secret")).set_value(secret)
        app.button(key="run").click().run()
        assert_completed(app)
        [run] = runs_in(app)
        assert {name: value for name, value in run.request.input.items() if name == "secret"} == given
        states = [entry.event.state for entry in run.events if isinstance(entry.event, Values)]
        assert states[-1]["length"] == len(secret)


def test_a_switch_that_was_touched_is_sent_also_when_it_is_off(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "publishing.py").write_text(PUBLISHING)
    configure(graph=f"{tmp_path / 'publishing.py'}:graph")
    app = opened("your_graph")
    assert '"approved"' not in texts(app)
    for wanted, shown in ((True, "true"), (False, "false")):
        next(one for one in app.toggle if one.key.endswith(".approved")).set_value(wanted).run()
        assert f'"approved": {shown}' in texts(app).replace("\\", "")


def test_a_question_with_a_schema_has_a_form_and_a_tool_call_every_decision_that_is_allowed(
    configure: Configure,
) -> None:
    configure(graph=f"{PUBLIC_SHAPES}:typed")
    app = opened("your_graph")
    app.button(key="run").click().run()
    assert "Publish it?" in texts(app)
    next(toggle for toggle in app.toggle if toggle.key.endswith(".approved")).set_value(True).run()
    app.button(key="resume").click().run()
    assert ":green-badge[Completed]" in texts(app)
    [run] = runs_in(app)
    assert run.request.resume is not None
    assert [answer["approved"] for answer in run.request.resume.answers.values()] == [True]


def test_the_graphs_of_a_langgraph_server_have_the_same_form_and_run_there(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake_server() as fake:
        monkeypatch.setenv("LANGGRAPH_URL", f"{fake.url}, http://127.0.0.1:1")
        configure()
        app = opened("your_graph")
        assert not app.exception
        assert "127.0.0.1:1 does not answer" in texts(app).replace("\\", "")
        typed(app, "subject", "rivers")
        app.button(key="run").click().run()
        assert_completed(app)
        assert fake.bodies[0]["input"]["subject"] == "rivers"
    [run] = runs_in(app)
    assert run.request.model.provider == "own"


REPORTING = """
from typing import TypedDict
from langgraph.graph import START, StateGraph

class Report(TypedDict, total=False):
    teams: list[str]
    summary: str

def write(state):
    return {"summary": ", ".join(state["teams"])}

graph = StateGraph(Report).add_node("write", write).add_edge(START, "write").compile()
"""


def test_a_text_that_the_graph_writes_is_not_asked_for(configure: Configure, tmp_path: Path) -> None:
    """It began with a prompt, was called required, and what was missing was not named."""
    (tmp_path / "reporting.py").write_text(REPORTING)
    configure(graph=f"{tmp_path / 'reporting.py'}:graph")
    app = opened("your_graph")
    assert FIRST_PROMPT not in texts(app)
    assert "Nothing is written in *Input*." in texts(app)
    app.button(key="run").click().run()
    assert "Fill in 'teams' in the input" in texts(app)
    typed(app, ".teams.lines", "Sales")
    app.run()
    assert "Nothing is written" not in texts(app)
    assert "Required" not in texts(app)


def test_a_required_text_of_the_context_that_is_empty_is_missed_before_the_run(configure: Configure) -> None:
    configure(graph=f"{SHAPES.with_name('greeter.py')}:graph")
    for page in ("your_graph", "updates"):
        app = opened(page, graph="own-greeter-graph", prompt="Bees")
        assert "Required, but empty in *Input*: tone" in texts(app).replace("\\", "")
        app.button(key="run").click().run()
        assert "Context: user: a value is required." in texts(app).replace("\\", "")
        assert get_services().engine.registry.runs() == []
    typed(app, "context.user", "Marta")
    app.run()
    assert "a value is required" not in texts(app)
    app.button(key="run").click().run()
    assert_completed(app)
    [run] = get_services().engine.registry.runs()
    assert (run.request.context["user"], run.request.configurable["user"]) == ("Marta", "Marta")


def test_fields_of_the_context_that_are_configurable_values_too_are_asked_for_shown_and_linked_once(
    configure: Configure,
) -> None:
    configure(graph=f"{SHAPES.with_name('greeter.py')}:graph")
    app = opened("your_graph")
    typed(app, "context.user", "Marta")
    app.run()
    assert not [field for field in app.text_input if ".configurable." in (field.key or "")]
    said = texts(app).replace("\\", "")
    assert ' · Context: `{"user": "Marta", "lang": "en"}`' in said
    assert "Configurable: " not in said
    assert json.loads(in_url(app, "context"))["user"] == "Marta"
    assert "configurable" not in app.query_params


TONED = """
from dataclasses import dataclass
from typing import TypedDict
from langgraph.graph import START, StateGraph

State = TypedDict("State", {"topic": str})

@dataclass
class Reader:
    user: str = "anon"
    age: int = 30

def make_graph(config):
    tone = (config.get("configurable") or {}).get("tone", "plain")

    def write(state, runtime):
        return {"topic": f"[{tone}] for {runtime.context.user}"}

    return StateGraph(State, context_schema=Reader).add_node("write", write).add_edge(START, "write").compile()
"""
TONED_NAME = "own-toned-make-graph"


@pytest.fixture
def toned(configure: Configure, tmp_path: Path) -> str:
    (tmp_path / "toned.py").write_text(TONED)
    configure(graph=f"{tmp_path / 'toned.py'}:make_graph")
    return TONED_NAME


def further(app: AppTest) -> object:
    """What the field for further configurable values holds."""
    [area] = [one for one in app.text_area if (one.key or "").endswith("configurable.raw")]
    return json.loads(str(area.value))


def assert_loud_for_rob(app: AppTest) -> None:
    app.button(key="run").click().run()
    assert_completed(app)
    [run] = runs_in(app)
    assert run.request.context["user"] == "rob"
    assert (run.request.configurable["user"], run.request.configurable["tone"]) == ("rob", "loud")
    assert run.ended is not None
    assert "[loud] for rob" in str([entry.event for entry in run.events])


def test_further_configurable_values_of_a_graph_with_a_context_are_told_linked_and_sent(toned: str) -> None:
    app = opened("your_graph", graph=toned)
    assert further(app) == {}
    assert "configurable" not in app.query_params
    typed(app, "context.user", "rob")
    typed(app, "configurable.raw", '{"tone": "loud"}')
    app.run()
    assert ' · Configurable: `{"tone": "loud"}`' in texts(app)
    assert json.loads(in_url(app, "configurable")) == {"tone": "loud"}
    assert_loud_for_rob(app)
    [run] = runs_in(app)
    reloaded = opened("your_graph", graph=toned, run=run.id)
    assert further(reloaded) == {"tone": "loud"}, "without the fields of the context, which the run got there too"
    assert_loud_for_rob(reloaded)


def test_a_link_keeps_further_configurable_values_beside_a_context(toned: str) -> None:
    link = {"configurable": '{"tone":"loud","user":"rob"}', "context": '{"user":"rob","age":7}'}
    app = opened("your_graph", graph=toned, input='{"topic":"bees"}', **link)
    assert further(app) == {"tone": "loud"}
    assert json.loads(in_url(app, "configurable")) == {"tone": "loud"}
    assert_loud_for_rob(app)


def test_a_configurable_value_in_a_link_that_differs_from_the_context_is_kept(toned: str) -> None:
    app = opened("your_graph", graph=toned, configurable='{"user":"ada"}', context='{"user":"rob"}')
    assert further(app) == {"user": "ada"}
    app.button(key="run").click().run()
    [run] = runs_in(app)
    assert (run.request.context["user"], run.request.configurable["user"]) == ("rob", "ada")


@pytest.mark.parametrize("page", ["updates", "lanes"])
@pytest.mark.parametrize("by_link", [False, True])
def test_further_configurable_values_go_along_to_another_page(toned: str, page: str, *, by_link: bool) -> None:
    values = {"configurable": '{"tone":"loud"}', "context": '{"user":"rob"}'}
    if by_link:
        app = opened(page, graph=toned, prompt="Bees", **values)
        assert json.loads(in_url(app, "configurable")) == {"tone": "loud"}
    else:
        app = opened("your_graph", graph=toned)
        typed(app, "context.user", "rob")
        typed(app, "configurable.raw", values["configurable"])
        app.run()
        app = turned_to(app, page)
    assert further(app) == {"tone": "loud"}
    assert_loud_for_rob(app)


@pytest.mark.parametrize("page", ["your_graph", "updates"])
@pytest.mark.parametrize(
    ("text", "says"),
    [("7", "Configurable: "), ('{"age": "old"}', "Configurable: age: 'old' is not of type 'integer'.")],
)
def test_further_configurable_values_that_do_not_fit_are_told_before_the_run(
    toned: str, page: str, text: str, says: str
) -> None:
    app = opened(page, graph=toned, prompt="Bees")
    typed(app, "configurable.raw", text)
    app.run()
    assert not app.exception
    app.button(key="run").click().run()
    assert says in texts(app).replace("\\", "")
    assert get_services().engine.registry.runs() == []


def test_a_run_gets_what_was_typed_in_either_view_of_its_input_and_its_context(configure: Configure) -> None:
    configure(graph=f"{SHAPES.with_name('greeter.py')}:graph")
    app, key = opened("your_graph"), "own.own-greeter-graph"
    typed(app, "input.topic", "Bees")
    typed(app, "input.tone", "dry")
    typed(app, "context.user", "Marta")
    for part in ("input", "context"):
        app.segmented_control(key=f"{key}.{part}.by").set_value("JSON")
    app.button(key="run").click().run()
    assert_completed(app)
    [run] = runs_in(app)
    assert run.request.input == {"topic": "Bees", "tone": "dry"}
    assert run.request.context == {"user": "Marta", "lang": "en"}
    typed(app, "context.raw", '{"user": "Ada", "lang": "de"}')
    app.segmented_control(key=f"{key}.context.by").set_value("Form")
    app.button(key="run").click().run()
    assert next(one for one in app.selectbox if one.label == "Lang").value == "de"
    assert runs_in(app)[0].request.context == {"user": "Ada", "lang": "de"}


def test_where_a_graph_comes_from_and_what_the_prompt_is_in_its_input_are_said(configure: Configure) -> None:
    file = SHAPES.with_name("greeter.py")
    configure(graph=f"{file}:graph")
    about = f"Your own: graph in greeter.py, in {file.parent} · The prompt is its “topic”."
    app = opened("updates", graph="own-greeter-graph", prompt="Bees")
    assert [one.value for one in app.caption if "The prompt is its" in one.value] == ["The prompt is its “topic”."]
    app.text_area(key="own.own-greeter-graph.context.user").set_value("Marta").run()
    assert about in texts(app).replace("\\", "")


def test_what_is_wrong_is_said_of_the_input_and_not_of_a_form_that_is_not_there(
    configure: Configure, tmp_path: Path
) -> None:
    (tmp_path / "order.py").write_text(
        "from langgraph.graph import START, StateGraph\nfrom pydantic import BaseModel\n"
        "class Order(BaseModel):\n    count: int\n    price: int\n    note: str = ''\n"
        "graph = StateGraph(Order).add_node('take', lambda state: {}).add_edge(START, 'take').compile()\n"
    )
    configure(graph=f"{tmp_path / 'order.py'}:graph")
    app = opened("your_graph")
    next(one for one in app.segmented_control if one.label == "Input by").set_value("JSON").run()
    typed(app, ".input.raw", '{"note": "new"}')
    app.button(key="run").click().run()
    assert "count: a value is required. (And 1 more.)" in texts(app).replace("\\", "")
    assert get_services().engine.registry.runs() == []


def test_an_input_is_shown_as_code_in_which_an_address_is_no_link(configure: Configure) -> None:
    configure(graph=f"{SHAPES.with_name('greeter.py')}:graph")
    app = opened("your_graph")
    typed(app, ".topic", "ada@example.org")
    app.run()
    assert '`{"topic": "ada@example.org", "tone": ""}`' in texts(app)


def test_an_input_that_is_too_long_is_refused_before_the_run_with_the_setting_of_the_limit(
    configure: Configure,
) -> None:
    configure(graph=f"{SHAPES.with_name('greeter.py')}:graph", prompt_chars="300")
    app = opened("your_graph")
    typed(app, ".context.user", "Marta")
    typed(app, ".topic", "x" * 301)
    app.run()
    said = "The input has 301 characters and the limit is 300. Shorten it, or start the server with a higher"
    assert f"{said} STREAMING_LAB_PROMPT_CHARS." in texts(app).replace("\\", "")
    app.button(key="run").click().run()
    assert get_services().engine.registry.runs() == []
    typed(app, ".topic", "x" * 299)
    app.run()
    assert said not in texts(app).replace("\\", "")
    app.button(key="run").click().run()
    assert_completed(app)


def test_a_question_in_words_is_answered_in_words_and_never_with_nothing(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "asks.py").write_text(
        "from typing import TypedDict\nfrom langgraph.graph import START, StateGraph\n"
        "from langgraph.types import interrupt\n"
        "State = TypedDict('State', {'topic': str, 'said': str})\n"
        "def ask(state):\n    return {'said': interrupt({'question': 'Publish?', 'lines': ['one', 'two']})}\n"
        "graph = StateGraph(State).add_node('ask', ask).add_edge(START, 'ask').compile()\n"
    )
    configure(graph=f"{tmp_path / 'asks.py'}:graph")
    app = opened("your_graph")
    app.button(key="run").click().run()
    assert "Publish?" in texts(app)
    assert any("one" in block.value for block in app.json), "what is asked about is in sight"
    app.button(key="resume").click().run()
    assert get_services().engine.registry.newest_after(runs_in(app)[0]) is runs_in(app)[0]
    next(area for area in app.text_area if area.label == "Your answer").set_value("yes").run()
    app.button(key="resume").click().run()
    [run] = runs_in(app)
    assert run.request.resume is not None
    assert list(run.request.resume.answers.values()) == ["yes"]


def test_a_graph_that_cannot_be_loaded_is_not_in_the_way_of_the_others(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text("import a_package_that_is_not_there\n")
    configure(graph=f"{SHAPES}:chat {tmp_path / 'agent.py'}:graph")
    app = opened("your_graph")
    [behind] = [
        one for one in app.expander if "1 graph cannot be loaded: own-agent-graph" in one.label.replace("\\", "")
    ]
    assert not behind.proto.expanded
    assert "a_package_that_is_not_there" in behind.error[0].value.replace("\\", "")
    roles = next(box for box in app.selectbox if box.label == "From")
    assert list(roles.options) == ["human", "ai", "system"], "the words of LangChain"


def test_a_graph_in_a_link_that_is_not_here_is_named() -> None:
    app = opened("updates", graph="own-*else*-graph")
    assert not app.exception
    assert "no graph named own-*else*-graph" in app.toast[0].value.replace("\\", "")
    assert not opened("updates", graph="rag").toast


ADDING = """
from typing import TypedDict
from langgraph.graph import START, StateGraph

State = TypedDict("State", {"n": int, "note": str, "api_key": str})

def make_graph(config):
    step = config["configurable"].get("step", 3)
    return StateGraph(State).add_node("add", lambda state: {"n": state["n"] + step}).add_edge(START, "add")
"""
KEPT_IN_URL = ("input", "context", "configurable", "stream_modes", "subgraphs", "pause_before", "recursion_limit")


def test_a_link_begins_the_form_with_the_same_values_and_starts_nothing(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "adding.py").write_text(ADDING)
    services = configure(graph=f"{tmp_path / 'adding.py'}:make_graph")
    app, key = opened("your_graph"), "own.own-adding-make-graph"
    assert not set(KEPT_IN_URL) & set(app.query_params), "what nobody has changed"
    app.number_input(key=f"{key}.input.n").set_value(7)
    typed(app, "input.note", "bees & “wasps”")
    typed(app, "configurable.raw", '{"step": 10}')
    app.multiselect(key=f"{key}.modes").set_value(["values", "updates"])
    app.multiselect(key=f"{key}.pauses").set_value(["add"])
    app.number_input(key=f"{key}.steps").set_value(50)
    app.toggle(key=f"{key}.subgraphs").set_value(False)
    app.run()
    link = {name: in_url(app, name) for name in KEPT_IN_URL if name in app.query_params}
    linked = opened("your_graph", **link, autorun="1")
    assert not linked.exception
    assert services.engine.registry.runs() == [], "a link never starts a graph that may cost money"
    assert {name: in_url(linked, name) for name in link} == link
    linked.button(key="run").click().run()
    [run] = runs_in(linked)
    request = run.request
    assert request.input["note"] == "bees & “wasps”"
    assert (request.input["n"], request.configurable) == (7, {"step": 10})
    assert (request.modes, request.interrupt_before) == (("values", "updates"), ("add",))
    assert (request.limits.supersteps, request.subgraphs) == (50, False)
    of_run = opened("your_graph", run=run.id)
    of_run.button(key="run").click().run()
    [again] = runs_in(of_run)
    assert again.id != run.id
    for name in ("input", "configurable", "modes", "interrupt_before", "subgraphs"):
        assert getattr(again.request, name) == getattr(request, name), name
    assert again.request.limits.supersteps == 50


def test_a_key_and_what_is_too_long_are_not_in_the_url_and_share_says_so(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "adding.py").write_text(ADDING)
    configure(graph=f"{tmp_path / 'adding.py'}:make_graph")
    app = opened("your_graph")
    typed(app, "input.api_key", "opensesame")
    typed(app, "input.note", "ask gsk_abcdefghijkl")
    typed(app, "configurable.raw", json.dumps({"step": "so long " * 300}))
    app.number_input(key="own.own-adding-make-graph.input.n").set_value(7)
    app.run()
    assert json.loads(in_url(app, "input")) == {"n": 7}
    assert "configurable" not in app.query_params
    said = texts(app)
    assert "Not in it: `input.note`, `input.api_key`, as it may be a key; `configurable`, as it is too long." in said
    typed(app, "input.api_key", "")
    typed(app, "input.note", "")
    typed(app, "configurable.raw", "{}")
    app.run()
    assert "Not in it" not in texts(app)


@pytest.mark.parametrize(
    "value",
    ['{"n": NaN}', '{"n": 1e999}', '{"note": "\\ud800"}', "[" * 900 + "]" * 900, '{"n": {"a": 1}}', "7", '{"x":', ""],
)
def test_a_form_opens_with_any_value_in_its_link(configure: Configure, tmp_path: Path, value: str) -> None:
    (tmp_path / "adding.py").write_text(ADDING)
    configure(graph=f"{tmp_path / 'adding.py'}:make_graph")
    app = opened("your_graph", **dict.fromkeys(KEPT_IN_URL, value))
    assert not app.exception
    assert "run" in [button.key for button in app.button]


def test_a_link_fills_in_the_form_of_its_graph_and_no_other(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "adding.py").write_text(ADDING)
    configure(graph=f"{tmp_path / 'adding.py'}:make_graph {SHAPES}:compiled")
    app = opened("your_graph", graph="own-adding-make-graph", input='{"n": 5}')
    assert app.number_input(key="own.own-adding-make-graph.input.n").value == 5
    app.selectbox(key="graph").set_value("own-compiled").run()
    assert "5" not in in_url(app, "input") if "input" in app.query_params else True
    app.selectbox(key="graph").set_value("own-adding-make-graph").run()
    assert json.loads(in_url(app, "input"))["n"] == 5


def test_a_field_that_was_left_out_and_missed_is_named_until_it_is_filled_in(
    configure: Configure, tmp_path: Path
) -> None:
    (tmp_path / "adding.py").write_text(ADDING)
    configure(graph=f"{tmp_path / 'adding.py'}:make_graph")
    app, missed = opened("your_graph"), "so the form left it out, and a node missed it: n"
    typed(app, "configurable.raw", '{"step": 10}')
    app.run()
    assert ' · Configurable: `{"step": 10}`' in texts(app), "all that a run gets is in sight"
    assert missed not in texts(app)
    app.button(key="run").click().run()
    said = texts(app)
    assert missed in said
    assert "Fill in 'n' in the input" in said
    app.number_input(key="own.own-adding-make-graph.input.n").set_value(7).run()
    assert missed not in texts(app)
    app.segmented_control(key="own.own-adding-make-graph.input.by").set_value("JSON").run()
    typed(app, "input.raw", '{"n": 3,}')
    app.run()
    said = texts(app)
    assert "`null`" not in said
    assert said.count("This is not JSON") == 3, (
        "below its field, beside Input, which is above the open form, and beside Run"
    )
