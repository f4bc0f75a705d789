"""A graph that the developer brought, on every page: chosen, run to its end, and shown like those that come with it."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from streaming.config.settings import load_settings
from streaming.core.events import Updates
from streaming.live.view import patches_of
from streaming.own_graphs.own_graphs import OwnGraphs
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.services import Services, get_services, installed
from tests.support.app_test import (
    assert_completed,
    events_in,
    in_url,
    mounts,
    opened,
    programs,
    run_in,
    runs_in,
    shared_links,
    texts,
    turned_to,
)
from tests.support.langgraph_server import fake_server
from tests.support.own_graphs.talker import TEXT
from tests.support.services import Configure

FILE = Path(__file__).parents[1] / "support" / "own_graphs" / "talker.py"
TALKER, ASKING, COUNTING = "own-talker-graph", "own-asking", "own-counting"

PAGES = (
    *("messages", "values", "updates", "custom", "tasks", "checkpoints", "debug", "combined", "lanes", "wires"),
    *("events", "interrupts", "tools", "subgraphs", "parallel", "conditional"),
)
WITHOUT_TOKENS = ("values", "updates", "custom", "tasks", "debug")
WITH_DIAGRAM = (
    *("values", "updates", "custom", "tasks", "checkpoints", "debug", "combined", "interrupts", "tools", "subgraphs"),
    "parallel",
)


class SharedGraphs(OwnGraphs):
    """One process for each graph of all tests of this module: a start takes a second or two."""

    def close(self) -> None:
        """Stay: the next test uses them too."""


@pytest.fixture(scope="module")
def theirs() -> Iterator[SharedGraphs]:
    graphs = SharedGraphs(f"{FILE}:graph {FILE}:asking {FILE}:counting")
    yield graphs
    OwnGraphs.close(graphs)


@pytest.fixture(autouse=True)
def brought(services: Services, theirs: SharedGraphs) -> Iterator[Services]:
    with installed(Services(load_settings(), own_graphs=theirs)) as built:
        built.graphs.load_by(lambda: (*import_module("graphs").ALL, *theirs.known()))
        yield built


@pytest.mark.parametrize("page", PAGES)
def test_it_is_chosen_and_runs_to_its_end(page: str) -> None:
    app = opened(page, graph=TALKER, prompt="Hello fox", autorun="1")
    assert not app.exception
    assert "run" not in app.query_params, "no link starts a graph that may cost money"
    assert "which may cost money: no link starts it" in texts(app)
    assert "Model" not in [box.label for box in app.selectbox]
    app.button(key="run").click().run()
    assert_completed(app)
    runs = runs_in(app)
    assert {run.request.graph.name for run in runs} == {TALKER}
    assert {run.request.model.provider for run in runs} == {"own"}
    run = runs[0]
    assert set(run.request.modes) - {"tools"} <= {entry.event.kind for entry in run.events}
    if page not in WITHOUT_TOKENS:
        assert TEXT in [message.text for message in apply_all(Messages(), run.events).answers()]
    drawn = [patch for _, patches in patches_of(run.events) for patch in patches]
    assert len(drawn) > len(runs)
    assert all(set(mount["runs"]) <= {run.id for run in runs} for mount in mounts(app).values())
    if page == "conditional":
        assert TEXT in texts(app), "the phone has the final answer"
        assert "No tags to choose" in texts(app)
    if page in WITH_DIAGRAM:
        assert mounts(app)["diagram"]["settings"]["nodes"] == ["__start__", "research", "answer", "__end__"]


def test_what_the_prompt_does_not_fill_is_asked_for_and_kept_when_the_prompt_is_edited() -> None:
    app = opened("messages", graph=TALKER, prompt="Hello fox", flush="blocks")
    app.text_area(key=f"own.{TALKER}.input.topic").set_value("rivers")
    app.button(key="run").click().run()
    assert_completed(app)
    [run] = runs_in(app)
    assert run.request.input == {"topic": "rivers", "messages": [{"type": "human", "content": "Hello fox"}]}
    assert TEXT in texts(app)
    next(area for area in app.text_area if area.label == "Your message").set_value("Hello bear")
    next(button for button in app.button if button.label == "Resend").click().run()
    assert_completed(app)
    [edited] = runs_in(app)
    assert edited.request.input == {"topic": "rivers", "messages": [{"type": "human", "content": "Hello bear"}]}
    app.chat_input(key="say").set_value("And then?").run()
    assert_completed(app)
    assert len(get_services().engine.registry.turns(runs_in(app)[0])) == 2


def test_the_link_to_share_has_what_the_form_beside_the_prompt_holds_except_keys() -> None:
    app = opened("values", graph=ASKING)
    assert "input" not in app.query_params, "nobody has filled it in"
    topic = next(area for area in app.text_area if area.key and area.key.startswith("own.own-asking."))
    topic.set_value("rivers").run()
    assert in_url(app, "input") == '{"topic":"rivers"}'
    assert any("rivers" in link for link in shared_links(app))
    topic.set_value("ask gsk_abcdefghijkl").run()
    assert "input" not in app.query_params
    assert "Not in it: `input.topic`, as it may be a key" in texts(app)
    app.selectbox(key="graph").set_value(TALKER).run()
    assert "Not in it" not in texts(app)


GIVEN = {"messages": [{"type": "human", "content": "Hello fox"}], "topic": "rivers"}


def followed(app: AppTest, page: str, **query: str) -> AppTest:
    """The same session after a link to another page, whose address has these parameters alone."""
    app.query_params.clear()
    for name, value in query.items():
        app.query_params[name] = value
    return turned_to(app, page)


@pytest.mark.parametrize("page", ["lanes", "messages"])
@pytest.mark.parametrize("reloaded", [False, True])
def test_what_its_page_shows_after_a_link_or_a_reload_goes_along_to_another_page(page: str, *, reloaded: bool) -> None:
    app = opened("your_graph", graph=TALKER, input=json.dumps(GIVEN))
    if reloaded:
        app.button(key="run").click().run()
        app = opened("your_graph", graph=TALKER, run=run_in(app))
    other = followed(app, page, graph=TALKER)
    assert not other.exception
    assert topics(other) == ["rivers"]
    assert other.text_area(key="prompt").value == "Hello fox"
    other.button(key="run").click().run()
    [run] = runs_in(other)
    assert run.request.input == GIVEN


@pytest.mark.parametrize("page", ["lanes", "messages"])
def test_the_input_in_a_link_to_any_page_is_used_starts_nothing_and_follows_the_form(page: str) -> None:
    app = opened(page, graph=TALKER, input=json.dumps(GIVEN), autorun="1")
    assert not app.exception
    assert "run" not in app.query_params
    assert topics(app) == ["rivers"]
    assert app.text_area(key="prompt").value == "Hello fox"
    assert json.loads(in_url(app, "input")) == {"topic": "rivers"}, "the prompt has a parameter of its own"
    next(area for area in app.text_area if (area.key or "").endswith(".input.topic")).set_value("lakes").run()
    assert json.loads(in_url(app, "input")) == {"topic": "lakes"}
    assert topics(followed(app, "your_graph", graph=TALKER)) == ["lakes"]


def test_a_newer_link_begins_the_form_anew_and_the_prompt_in_a_link_goes_first() -> None:
    app = opened("lanes", graph=TALKER, input=json.dumps(GIVEN))
    followed(app, "values", graph=TALKER, input='{"topic": "lakes"}', prompt="Hello bear")
    assert topics(app) == ["lakes"]
    newer = opened("values", graph=TALKER, input=json.dumps(GIVEN), prompt="Hello bear")
    assert newer.text_area(key="prompt").value == "Hello bear"


def test_a_graph_that_comes_with_the_lab_takes_no_input_of_a_link_and_its_address_has_none() -> None:
    app = opened("lanes", graph="report", input=json.dumps(GIVEN), context="7")
    assert not app.exception
    assert not {"input", "context"} & set(app.query_params)


def test_an_input_in_a_link_that_does_not_fit_its_graph_is_not_in_the_form_nor_in_the_address() -> None:
    app = opened("lanes", graph=COUNTING, input='{"number": [[1]]}')
    assert not app.exception
    assert [field.value for field in app.number_input if (field.key or "").endswith(".input.number")] == [None]
    assert "input" not in app.query_params


def test_the_address_of_a_page_that_a_link_opened_names_the_graph_once() -> None:
    app = opened("lanes", graph=[TALKER, TALKER])
    assert app.query_params["graph"] in (TALKER, [TALKER])


def test_a_graph_whose_input_has_no_text_has_a_form_instead_of_the_prompt() -> None:
    app = opened("updates", graph=COUNTING)
    assert "Prompt" not in [area.label for area in app.text_area]
    app.number_input(key=f"own.{COUNTING}.input.number").set_value(4).run()
    app.button(key="run").click().run()
    assert_completed(app)
    [update] = [event for event in events_in(app, Updates) if event.deltas]
    assert update.deltas == {"double": {"number": 8}}


def test_its_question_is_answered_on_the_page_of_interrupts() -> None:
    app = opened("interrupts", graph=ASKING, prompt="Hello")
    app.button(key="run").click().run()
    assert ":orange-badge[Interrupted]" in texts(app)
    assert "Which one?" in texts(app)
    next(radio for radio in app.radio if radio.label == "Choose").set_value("b").run()
    app.button(key="resume").click().run()
    assert_completed(app)
    [run] = runs_in(app)
    assert run.request.resume is not None
    assert list(run.request.resume.answers.values()) == ["b"]
    assert "published" not in texts(app).lower()


@pytest.mark.parametrize("page", ["messages", "combined", "checkpoints", "lanes", "subgraphs"])
def test_a_page_that_cannot_answer_its_question_says_it_and_leads_to_the_one_that_can(page: str) -> None:
    app = opened(page, graph=ASKING, prompt="Hello")
    app.button(key="run").click().run()
    assert not app.exception
    assert "It asks: Which one?" in texts(app)
    run_id = runs_in(app)[0].id
    [link] = [element.proto for element in app.get("page_link") if element.proto.label == "Answer"]
    assert (link.page, link.query_string) == ("your-graph", f"graph={ASKING}&run={run_id}")
    answering = opened("your_graph", graph=ASKING, run=run_id)
    assert "It asks" not in texts(answering)
    answering.button(key="resume").click().run()
    answered = get_services().engine.registry.newest_after(runs_in(app)[0])
    assert answering.session_state["session.runs"]["your_graph"] == answered.id
    assert answered.status == "Completed"
    assert "It asks" not in texts(app.run()), "it was answered"


def test_a_link_to_a_run_shows_it_even_if_the_page_had_another_one() -> None:
    asked = opened("messages", graph=ASKING, prompt="Hello")
    asked.button(key="run").click().run()
    app = opened("your_graph", graph=ASKING)
    app.button(key="run").click().run()
    earlier = run_in(app)
    app.session_state["session.page"] = "messages"
    app.query_params["run"] = run_in(asked)
    app.run()
    assert run_in(app) == run_in(asked) != earlier


def test_two_of_them_race_and_no_link_starts_the_race() -> None:
    lanes = {"graph_1": TALKER, "graph_2": TALKER, "how_1": "streaming", "how_2": "values only"}
    app = opened("race", autorun="1", **lanes)
    assert not app.exception
    assert "run" not in app.query_params
    assert "which may cost money: no link starts it" in texts(app)
    app.button(key="run").click().run()
    assert not app.exception
    assert ":green-badge[Finished]" in texts(app)
    assert [run.request.model.provider for run in runs_in(app)] == ["own", "own"]
    assert "Verdict" in [header.value for header in app.subheader]


def raced_after(app: AppTest) -> AppTest:
    """The race of the same session, as by the link below the graph's form."""
    for lane in (1, 2):
        app.query_params[f"graph_{lane}"] = TALKER
    return turned_to(app, "race")


def topics(app: AppTest) -> list[str]:
    return [area.value for area in app.text_area if (area.key or "").endswith(".input.topic")]


@pytest.mark.parametrize("page", ["your_graph", "lanes"])
def test_each_lane_of_a_race_begins_with_the_input_that_was_given_on_another_page(page: str) -> None:
    app = opened(page, graph=TALKER, prompt="Hello fox")
    app.text_area(key=f"own.{TALKER}.input.topic").set_value("rivers").run()
    race = raced_after(app)
    assert not race.exception
    assert topics(race) == ["rivers", "rivers"]
    told = texts(race).replace("\\", "")
    assert told.count('Input: {"topic": "rivers"}') == 2, "each lane says what it gets"
    race.button(key="run").click().run()
    assert {run.request.input["topic"] for run in runs_in(race) if run.request.input} == {"rivers"}
    assert topics(race) == ["rivers", "rivers"]


def test_what_was_given_in_a_lane_stays_until_another_page_gives_the_graph_something_else() -> None:
    app = raced_after(opened("lanes", graph=TALKER))
    assert topics(app) == ["", ""], "nobody has filled in the form of the other page"
    next(area for area in app.text_area if area.key == f"lane_2.{TALKER}.input.topic").set_value("lakes").run()
    assert topics(app) == ["", "lakes"]
    app = turned_to(app, "lanes")
    assert topics(raced_after(app)) == ["", "lakes"]
    app = turned_to(app, "lanes")
    app.text_area(key=f"own.{TALKER}.input.topic").set_value("rivers").run()
    assert topics(raced_after(app)) == ["rivers", "rivers"]


def test_a_lane_whose_graph_takes_the_prompt_alone_says_so_beside_one_that_takes_more() -> None:
    mixed = opened("race", graph_1=TALKER, graph_2="chat")
    assert "Input: the prompt alone" in texts(mixed)
    assert f"{TALKER}. Brings its own model" in texts(mixed).replace("\\", "")
    unasked = texts(opened("race", graph_1=COUNTING, graph_2=COUNTING)).replace("\\", "")
    assert f"{COUNTING} takes no prompt. Brings" in unasked, "and the graph of the lanes is named"
    assert "Input: " not in texts(opened("race"))


@pytest.mark.parametrize("page", ["async", "faults"])
def test_a_page_whose_lesson_needs_its_graph_says_so(page: str) -> None:
    app = opened(page)
    assert "Your graphs run on the other pages." in texts(app)
    assert TALKER not in app.selectbox(key="graph").options


def test_its_run_is_in_the_history_and_can_be_replayed_and_shown_after_a_restart(theirs: SharedGraphs) -> None:
    app = opened("updates", graph=TALKER, prompt="Hello fox")
    app.button(key="run").click().run()
    run_id = run_in(app)
    get_services().run_writer.close()
    assert not opened("runs").exception
    replay = opened("replay", recording=run_id)
    assert not replay.exception
    assert TALKER in texts(replay).replace("\\", "")
    with installed(Services(load_settings(), own_graphs=theirs)) as later:
        later.graphs.load_by(theirs.known)
        again = opened("updates", graph=TALKER, run=run_id)
        assert_completed(again)
        assert mounts(again)["diagram"]["runs"] == [run_id]
        assert f"{FILE}" in "\n".join(code.value for code in again.code)


def test_its_code_is_named_and_not_read() -> None:
    code = [block.value for block in opened("updates", graph=TALKER).code]
    assert "from talker import graph" in code[0]
    assert "'content': 'Hello! What can you do?'" in code[0]
    assert any(f"answer  {FILE}:" in block for block in code)
    assert not any("GRAPH.to_input" in block for block in code)


def test_one_that_cannot_be_loaded_says_why_and_can_be_loaded_again(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text("import a_package_that_is_not_there\n")
    configure(graph=f"{tmp_path / 'agent.py'}:graph")
    app = opened("updates", graph="own-agent-graph")
    assert not app.exception
    assert "a_package_that_is_not_there" in texts(app).replace("\\", "")
    app.button(key="run").click().run()
    assert "a_package_that_is_not_there" in app.toast[0].value.replace("\\", ""), "a click on Run says why, too"
    assert "run" not in app.query_params
    assert "Reload" in [button.label for button in app.button]


def test_a_graph_of_a_langgraph_server_is_offered_too(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_server() as fake:
        monkeypatch.setenv("LANGGRAPH_URL", fake.url)
        configure()
        name = get_services().remote_graphs.found().graphs[0].name
        app = opened("updates", graph=name, prompt="Hello fox")
        assert not app.exception
        app.button(key="run").click().run()
        assert_completed(app)
        assert "RemoteGraph(" in programs(app)[0]
        assert len(fake.bodies) == 1
        assert "streams by modes and not by event APIs" in texts(opened("events", graph=name))


def test_its_page_links_to_the_others_with_the_graph_chosen() -> None:
    links = [element.proto for element in opened("your_graph").get("page_link")]
    chosen = {link.page: link.query_string for link in links if TALKER in link.query_string}
    assert chosen["messages"] == f"graph={TALKER}"
    assert {"subgraphs", "parallel", "conditional", "events"} <= set(chosen)
    assert chosen["race"] == f"graph_1={TALKER}&graph_2={TALKER}"
