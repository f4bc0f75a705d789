"""Every page as a script: opened, run, and given bad input."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.features.home import NEEDS
from graphs import GRAPHS, WITH_PROGRESS
from streaming.config.settings import load_settings
from streaming.core.events import LogEntry
from streaming.core.model_spec import PRESETS, ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.providers.catalogue import KEY_ENV
from streaming.providers.embedded.server import EmbeddedServer
from streaming.services import Services, get_services, installed
from tests.conftest import Configure
from tests.support.app_test import APP, ROOT, assert_completed, opened, run_in, texts
from tests.support.provider_servers import answering, embedded

MODE_PAGES = ("values", "updates", "messages", "custom", "tasks", "checkpoints", "debug")
RUN_PAGES = (*MODE_PAGES, "combined")


def test_home_helps_to_decide_and_shows_the_models() -> None:
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert not app.exception
    assert len(app.page_link) == len(NEEDS) == 12
    assert "Scripted, no AI" in texts(app)
    assert app.button(key="start_run")


def test_home_finds_a_key_in_the_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEY_ENV.values():
        monkeypatch.delenv(name, raising=False)
    app = AppTest.from_file(APP, default_timeout=60)
    assert "key found" not in texts(app.run())
    app.secrets[KEY_ENV["groq"]] = "planted-secret"
    assert texts(app.run()).count("key found") == 1
    assert "planted" not in texts(app)


@pytest.mark.parametrize("page", RUN_PAGES)
def test_a_page_has_an_empty_state_and_its_code_before_the_first_run(page: str) -> None:
    app = opened(page)
    assert not app.exception
    assert "Press Run" in texts(app) or page in ("custom", "tasks")
    assert "astream(" in app.code[0].value
    assert [metric.value for metric in app.metric][:3] == ["–", "–", "–"]


@pytest.mark.parametrize("page", RUN_PAGES)
def test_run_completes_and_fills_the_figures(page: str) -> None:
    app = opened(page)
    app.button(key="run").click().run()
    assert_completed(app)
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures["E2E"] != "–"
    assert figures["Events"] != "0"
    assert app.query_params["run"]
    assert "Stop" not in [button.label for button in app.button], "Stop goes when the run is over"


@pytest.mark.parametrize("page", RUN_PAGES)
@pytest.mark.parametrize("graph", list(GRAPHS))
def test_every_page_works_on_every_graph(page: str, graph: str) -> None:
    if page == "custom" and graph not in WITH_PROGRESS:
        pytest.skip("this graph writes no custom events, so the page does not offer it")
    app = opened(page, graph=graph, autorun="1")
    assert_completed(app)
    assert app.selectbox(key="graph").value == graph


def test_a_new_graph_brings_its_example_and_keeps_what_the_user_wrote() -> None:
    app = opened("values")
    app.selectbox(key="graph").select("rag").run()
    assert app.text_area(key="prompt").value == GRAPHS["rag"].examples[0]
    app.text_area(key="prompt").set_value("mine").run()
    app.selectbox(key="graph").select("ideas").run()
    assert app.text_area(key="prompt").value == "mine"


def test_an_example_is_taken_with_one_click() -> None:
    app = opened("values")
    app.button(key="example_1").click().run()
    assert app.text_area(key="prompt").value == GRAPHS["joke"].examples[1]


@pytest.mark.parametrize(("prompt", "says"), [("   ", "empty"), ("x" * 200_000, "200,000")])
def test_a_bad_prompt_gets_a_sentence_and_the_app_goes_on(prompt: str, says: str) -> None:
    app = opened("messages")
    app.text_area(key="prompt").set_value(prompt)
    app.button(key="run").click().run()
    assert not app.exception
    assert says in app.error[0].value
    app.text_area(key="prompt").set_value("Hello")
    app.button(key="run").click().run()
    assert_completed(app)


def test_a_hosted_model_without_a_key_says_where_to_put_it() -> None:
    app = opened("messages", model="groq")
    app.button(key="run").click().run()
    assert not app.exception
    assert "API key" in app.error[0].value


def test_autorun_never_starts_a_model_that_costs_money() -> None:
    app = opened("combined", model="openai", autorun="1")
    assert not app.exception
    assert not app.error
    assert "run" not in app.query_params


def test_a_typed_key_stays_out_of_the_url_and_the_page() -> None:
    app = opened("messages", model="openai")
    app.text_input(key="openai.key").set_value("sk-planted-secret").run()
    assert "planted" not in str(dict(app.query_params)) + texts(app) + str([code.value for code in app.code])


def test_the_names_of_a_provider_s_models_are_no_markup() -> None:
    names = json.dumps({"data": [{"id": "x` ![y](http://host/a.png) `"}]})
    with answering(200, names) as base_url:
        app = opened("messages", model="compatible")
        app.text_input(key="compatible.base_url").set_value(base_url).run()
        app.text_input(key="compatible.name").set_value("![y](http://host/b.png)").run()
        app.button(key="check_connection").click().run()
    said = texts(app)
    assert "Models there: x" in said
    assert "no model" in said
    assert "![" not in said


def test_an_exposed_server_refuses_an_address_that_nobody_allowed(
    monkeypatch: pytest.MonkeyPatch, configure: Configure
) -> None:
    monkeypatch.setattr("components.run_panel.model_picker.local_only", lambda: False)
    app = opened("messages", model="compatible")
    assert "does not call localhost for you" in app.error[0].value
    app.button(key="run").click().run()
    assert "base URL" in app.error[-1].value, "the run has no address to call"
    configure(hosts="other.example, localhost")
    assert not opened("messages", model="compatible").error


def test_scrubbing_goes_back_to_an_earlier_superstep() -> None:
    app = opened("values", autorun="1")
    slider = next(widget for widget in app.select_slider if widget.label == "Superstep")
    slider.set_value(0).run()
    assert not app.exception
    assert "Superstep 0" in texts(app)
    assert ":green-badge[changed]" in texts(app)


def test_the_next_run_is_shown_from_its_own_end() -> None:
    app = opened("values", autorun="1")
    next(widget for widget in app.select_slider if widget.label == "Superstep").set_value(0).run()
    app.button(key="run").click().run()
    slider = next(widget for widget in app.select_slider if widget.label == "Superstep")
    assert slider.value == int(slider.options[-1])


def test_a_preset_sets_the_pace_and_leaves_the_defaults_alone() -> None:
    app = opened("values")
    app.selectbox(key="preset").select("slow reasoning").run()
    slow, usual = PRESETS["slow reasoning"], Pace()
    fields = [app.number_input(key=key) for key in ("ttft_ms", "tokens_per_s")]
    assert [field.value for field in fields] == [slow.ttft_ms, slow.tokens_per_s]
    # The address leaves out what is equal to its default.
    assert [field.proto.default for field in fields] == [usual.ttft_ms, usual.tokens_per_s]


def test_time_travel_resumes_from_a_checkpoint_with_another_value() -> None:
    app = opened("checkpoints", autorun="1")
    first = app.query_params["run"]
    field = next(area for area in app.text_area if area.label == "Its value")
    field.set_value("Penguins").run()
    app.button(key="resume").click().run()
    assert_completed(app)
    assert app.query_params["run"] != first
    assert "Penguins" in texts(app)
    assert "aupdate_state(saved.config, {'topic': 'Penguins'})" in app.code[0].value


def test_time_travel_asks_another_question_of_a_chat() -> None:
    app = opened("checkpoints", graph="chat", prompt="Ice cream", autorun="1")
    field = next(area for area in app.text_area if area.label == "Its value")
    assert field.value == "Ice cream"
    field.set_value("Penguins").run()
    app.button(key="resume").click().run()
    assert_completed(app)
    run = get_services().engine.get(run_in(app))
    assert run is not None
    thread = get_services().engine.thread(GRAPHS["chat"], run.thread_id)
    assert thread is not None
    assert [message["type"] for message in thread.values["messages"]] == ["human", "ai"]
    assert thread.values["messages"][0]["content"] == "Penguins"


def test_chat_keeps_its_turns() -> None:
    app = opened("messages", autorun="1")
    app.chat_input(key="say").set_value("And then?").run()
    assert_completed(app)
    assert texts(app).count("Here is the short version") == 2
    assert [message.name for message in app.chat_message] == ["user", "assistant"] * 2
    assert f"ainvoke(GRAPH.to_input({GRAPHS['chat'].examples[0]!r})" in app.code[0].value, "the code has the first too"


def test_a_turn_that_the_next_one_cuts_off_is_marked_though_its_end_is_still_to_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    talk = RunRequest(graph=GRAPHS["chat"], model=ModelSpec(provider="scripted"), modes=("messages",), prompt="One")
    cut = get_services().engine.start(replace(talk, model=replace(talk.model, pace=Pace(ttft_ms=60_000))))
    follow = cut.follow

    def cancelled_late(*place: int, tick_s: float) -> Iterator[list[LogEntry]]:
        cut.cancel()
        return follow(*place, tick_s=tick_s)

    monkeypatch.setattr(cut, "follow", cancelled_late)
    app = opened("messages", run=get_services().engine.start(replace(talk, prompt="Two", previous_run_id=cut.id)).id)
    assert_completed(app)
    assert "Cancelled." in texts(app)


def test_the_chat_goes_on_in_the_graph_that_is_shown() -> None:
    app = opened("messages", graph="joke", autorun="1")
    app.selectbox(key="graph").select("chat").run()
    assert not app.chat_input, "a joke is no conversation"
    assert "Showing the joke run; press Run for chat." in texts(app)
    app.button(key="run").click().run()
    assert app.chat_input(key="say")
    assert "Showing the" not in texts(app)


def test_nothing_more_is_said_where_nothing_was_asked() -> None:
    app = opened("messages")
    app.text_area(key="prompt").set_value(" ")
    app.button(key="run").click().run()
    assert "empty" in app.error[0].value
    assert not app.chat_input, "whether the run had ended when the page was drawn or not"
    assert not app.run().chat_input


@pytest.mark.parametrize("flush", ["blocks", "every token", "every N tokens", "every N ms", "st.write_stream"])
def test_every_flush_strategy_shows_the_whole_text_and_its_cost(flush: str) -> None:
    app = opened("messages", autorun="1", flush=flush)
    assert_completed(app)
    assert "let them stop it" in texts(app)
    assert "repaints" in texts(app)


def test_tokens_can_be_filtered_by_node() -> None:
    app = opened("messages", graph="joke", autorun="1")
    assert "refine\\_topic" in texts(app)
    app.button_group(key="nodes").set_value(["generate_joke"]).run()
    assert "refine\\_topic" not in texts(app)
    assert "generate\\_joke" in texts(app)
    linked = opened("messages", graph="joke", autorun="1", nodes="generate_joke")
    assert_completed(linked)
    assert "refine\\_topic" not in texts(linked)
    other = opened("messages", graph="chat", autorun="1", nodes="generate_joke", tags="guess")
    assert "let them stop it" in texts(other), "a node of another graph filters nothing"


def test_the_trace_can_be_filtered() -> None:
    app = opened("debug", autorun="1")
    everything = len(app.expander)
    app.button_group(key="trace_filter.kind").set_value(["task"]).run()
    assert 0 < len(app.expander) < everything


def test_the_latency_charts_take_in_every_run_of_the_session() -> None:
    app = opened("combined", autorun="1")
    app.button(key="run").click().run()
    assert_completed(app)
    assert [run.number for run in app.session_state["session.history"].values()] == [1, 2]
    assert len(app.get("vega_lite_chart")) == 2


def test_two_sessions_do_not_share_a_run() -> None:
    first, second = opened("values", autorun="1"), opened("values")
    assert "run" in first.query_params
    assert "run" not in second.query_params
    assert "Press Run" in texts(second)


@pytest.mark.parametrize("autorun", ["0", "1"])
def test_a_run_that_is_gone_leaves_an_ordinary_page(autorun: str) -> None:
    app = opened("values", run="no-such-run", autorun=autorun)
    assert not app.exception
    assert "run" not in app.query_params
    assert "run" not in app.run().query_params


def test_home_starts_a_run_each_time_it_is_asked() -> None:
    app = AppTest.from_file(APP, default_timeout=60).run()
    app.session_state["model"] = "scripted"
    app.session_state["tokens_per_s"] = 2000
    runs = set()
    for _ in range(2):
        app.switch_page(str(ROOT / "pages" / "home.py")).run()
        app.button(key="start_run").click().run()
        assert_completed(app)
        runs.add(run_in(app))
    assert len(runs) == 2


def test_without_the_embedded_model_the_scripted_one_is_chosen_and_the_command_is_named(
    configure: Configure, tmp_path: Path
) -> None:
    configure(model=str(tmp_path / "nothing.gguf"))
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page(str(ROOT / "pages" / "values.py")).run()
    assert not app.exception
    assert app.selectbox(key="model").value == "scripted"
    assert "make model" in texts(app)


def test_the_code_and_the_picture_stay_with_the_run_that_is_shown() -> None:
    app = opened("values", autorun="1")
    app.selectbox(key="graph").select("rag").run()
    assert "graphs.joke" in app.code[0].value
    app.button(key="run").click().run()
    assert "graphs.rag" in app.code[0].value


def test_a_server_that_wants_a_login_shows_nothing_before_it(configure: Configure) -> None:
    configure(login="true")
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert [button.label for button in app.button] == ["Log in"]
    assert not app.page_link
    page = opened("messages", autorun="1")
    assert [button.label for button in page.button] == ["Log in"], "nor does a page that is opened past the door"
    assert "run" not in page.query_params


def test_a_model_that_was_loading_is_not_said_to_load_when_the_run_is_over() -> None:
    with installed(Services(load_settings(), embedded_model=EmbeddedServer(embedded("answers")))):
        app = opened("messages", model="local", graph="chat", autorun="1")
        assert_completed(app)
        assert "embedded in this app" in texts(app)
        assert "It is loading" not in texts(app)


def test_a_short_prompt_stands_in_the_address_and_a_long_one_with_its_run() -> None:
    app = opened("messages")
    app.text_area(key="prompt").set_value("Tea").run()
    assert app.query_params["prompt"] == "Tea"
    long = "茶" * 2_999
    app.text_area(key="prompt").set_value(long)
    app.button(key="run").click().run()
    assert_completed(app)
    assert "prompt" not in app.query_params
    assert "too long for a link" in texts(app)
    assert opened("messages", run=run_in(app)).text_area(key="prompt").value == long


def test_an_empty_prompt_in_the_address_is_none() -> None:
    app = opened("messages", prompt="", autorun="1")
    assert app.text_area(key="prompt").value == GRAPHS["chat"].examples[0]
    assert_completed(app)
