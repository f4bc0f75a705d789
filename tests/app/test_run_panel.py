"""The controls that the pages share, as scripts: graph, model, prompt, Run, and the run in the URL."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.run_panel.buttons import RUN_PRESSED
from graphs import GRAPHS
from streaming.config.settings import load_settings
from streaming.core.model_spec import PRESETS, Pace, Provider
from streaming.providers.catalogue import KEY_ENV, LABELS
from streaming.providers.embedded.server import EmbeddedServer
from streaming.services import Services, installed
from tests.support.app_test import (
    APP,
    ROOT,
    assert_completed,
    mounts,
    opened,
    players,
    programs,
    run_in,
    runs_in,
    texts,
)
from tests.support.provider_servers import answering, embedded
from tests.support.services import Configure


@pytest.mark.parametrize("model", ["local", "openai", "groq", "compatible"])
@pytest.mark.parametrize(("limit", "default"), [("5", 5), ("100", 100), ("8192", 200)])
def test_the_default_length_of_an_answer_is_within_the_limit(
    configure: Configure, model: str, limit: str, default: int
) -> None:
    configure(max_tokens=limit)
    app = opened("messages", model=model)
    assert not app.exception
    assert app.number_input(key="max_tokens").value == default
    assert app.number_input(key="max_tokens").max == int(limit)


def test_a_length_in_the_url_beyond_the_limit_is_not_used(configure: Configure) -> None:
    configure(max_tokens="100")
    app = opened("messages", tokens="5000", autorun="1")
    assert_completed(app)
    assert app.number_input(key="tokens").value is None


@pytest.mark.parametrize("page", ["combined", "race"])
@pytest.mark.parametrize(("fallback", "starts"), [("openai", False), ("scripted", True)])
def test_autorun_starts_no_run_whose_fallback_model_may_cost(
    configure: Configure, page: str, fallback: str, starts: bool
) -> None:
    configure(fallback_model=fallback)
    lanes = {"model_1": "Scripted: fast GPU", "model_2": "Scripted: fast GPU"} if page == "race" else {}
    app = opened(page, autorun="1", **lanes)
    assert not app.exception
    assert ("run" in app.query_params) is starts


def test_autorun_starts_the_faults_page_whose_provider_is_free(configure: Configure) -> None:
    configure(fallback_model="openai")
    assert "run" in opened("faults", autorun="1", fault="No fault").query_params


def test_a_click_on_run_is_kept_while_reports_end_script_runs_and_starts_one_run() -> None:
    app = opened("messages", model="scripted", tokens="20", tokens_per_s="1000")
    app.session_state[RUN_PRESSED] = "messages"
    app.run()
    started = runs_in(app)
    app.run()
    assert runs_in(app) == started


@pytest.mark.parametrize("page", ["messages", "combined", "values", "tools"])
def test_the_status_is_mounted_before_the_run_and_waits_for_the_one_that_comes(page: str) -> None:
    app = opened(page)
    before = mounts(app)["status"]
    assert before["runs"] == []
    assert before["next_run"]
    app.button(key="run").click().run()
    assert run_in(app) == before["next_run"]


def test_a_click_that_another_page_did_not_take_starts_nothing_here() -> None:
    app = opened("messages", model="scripted")
    app.session_state[RUN_PRESSED] = "values"
    app.run()
    assert "run" not in app.query_params
    assert RUN_PRESSED not in app.session_state


def test_a_new_graph_brings_its_example_and_keeps_what_the_user_wrote() -> None:
    app = opened("values")
    app.selectbox(key="graph").select("rag").run()
    assert app.text_area(key="prompt").value == GRAPHS["rag"].examples[0]
    app.text_area(key="prompt").set_value("mine").run()
    app.selectbox(key="graph").select("ideas").run()
    assert app.text_area(key="prompt").value == "mine"


def test_a_click_on_an_example_makes_it_the_prompt() -> None:
    app = opened("values")
    app.button(key="example_1").click().run()
    assert app.text_area(key="prompt").value == GRAPHS["joke"].examples[1]


def test_a_long_prompt_is_refused_with_a_reason_and_the_next_one_runs() -> None:
    app = opened("messages")
    app.text_area(key="prompt").set_value("x" * 200_000)
    app.button(key="run").click().run()
    assert not app.exception
    assert "200,000" in texts(app)
    app.text_area(key="prompt").set_value("Hello")
    app.button(key="run").click().run()
    assert_completed(app)


def test_a_hosted_model_without_a_key_asks_for_one() -> None:
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


def test_model_names_from_a_provider_are_escaped() -> None:
    names = json.dumps({"data": [{"id": "x` ![y](http://host/a.png) `"}]})
    with answering(200, names) as base_url:
        app = opened("messages", model="compatible")
        app.text_input(key="compatible.base_url").set_value(base_url).run()
        app.text_input(key="compatible.name").set_value("![y](http://host/b.png)").run()
        app.button(key="check_connection").click().run()
    said = texts(app)
    assert "Available models: x" in said
    assert "no model" in said
    assert "![" not in said


def test_an_exposed_server_refuses_a_base_url_that_is_not_allowed(
    monkeypatch: pytest.MonkeyPatch, configure: Configure
) -> None:
    monkeypatch.setattr("components.run_panel.model_picker.local_only", lambda: False)
    app = opened("messages", model="compatible")
    assert "does not call localhost" in app.error[0].value
    app.button(key="run").click().run()
    assert "base URL" in app.error[-1].value, "the run has no address to call"
    configure(hosts="other.example, localhost:11434")
    assert not opened("messages", model="compatible").error


def test_a_preset_sets_the_pace_and_leaves_the_defaults_alone() -> None:
    app = opened("values")
    app.selectbox(key="preset").select("slow reasoning").run()
    slow, usual = PRESETS["slow reasoning"], Pace()
    fields = [app.number_input(key=key) for key in ("ttft_ms", "tokens_per_s")]
    assert [field.value for field in fields] == [slow.ttft_ms, slow.tokens_per_s]
    # The address leaves out what is equal to its default.
    assert [field.proto.default for field in fields] == [usual.ttft_ms, usual.tokens_per_s]


def test_two_sessions_do_not_share_a_run() -> None:
    first, second = opened("values", autorun="1"), opened("values")
    assert "run" in first.query_params
    assert "run" not in second.query_params
    assert all(mount["runs"] == [] for mount in mounts(second).values())


@pytest.mark.parametrize("autorun", ["0", "1"])
def test_an_unknown_run_in_the_url_leaves_an_empty_page(autorun: str) -> None:
    app = opened("values", run="no-such-run", autorun=autorun)
    assert not app.exception
    assert "run" not in app.query_params
    assert "run" not in app.run().query_params


def test_without_the_embedded_model_the_scripted_one_is_the_default(configure: Configure, tmp_path: Path) -> None:
    configure(model=str(tmp_path / "nothing.gguf"))
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page(str(ROOT / "pages" / "values.py")).run()
    assert not app.exception
    assert app.selectbox(key="model").value == "scripted"
    assert "make model" in texts(app)


def test_the_code_is_that_of_the_shown_run() -> None:
    app = opened("values", autorun="1")
    app.selectbox(key="graph").select("rag").run()
    assert "graphs.joke" in programs(app)[1]
    app.button(key="run").click().run()
    assert "graphs.rag" in programs(app)[1]


def test_the_notice_that_the_model_is_loading_goes_with_the_run() -> None:
    with installed(Services(load_settings(), embedded_model=EmbeddedServer(embedded("answers")))):
        app = opened("messages", model="local", graph="chat", autorun="1")
        assert_completed(app)
        assert "embedded in this app" in texts(app)
        assert "It is loading" not in texts(app)


def test_a_short_prompt_is_kept_in_the_url_and_a_long_one_with_its_run() -> None:
    app = opened("messages")
    app.text_area(key="prompt").set_value("Tea").run()
    assert app.query_params["prompt"] == "Tea"
    app.text_area(key="prompt").set_value("Bees\n\n").run()
    assert app.query_params["prompt"] == "Bees"
    long = "茶" * 2_999
    app.text_area(key="prompt").set_value(long)
    app.button(key="run").click().run()
    assert_completed(app)
    assert "prompt" not in app.query_params
    assert "too long for a link" in texts(app)
    assert opened("messages", run=run_in(app)).text_area(key="prompt").value == long


def test_an_empty_prompt_in_the_url_is_ignored() -> None:
    app = opened("messages", prompt="", autorun="1")
    assert app.text_area(key="prompt").value == GRAPHS["chat"].examples[0]
    assert_completed(app)


def test_a_model_that_cannot_stream_is_named_with_what_that_costs() -> None:
    app = opened("messages", autorun="1", streams="false", ttft_ms="100")
    assert_completed(app)
    assert "did not stream" in app.info[0].value
    assert "% of the total time" in app.info[0].value


def test_a_line_beside_the_state_leads_to_why_it_streamed_like_this() -> None:
    app = opened("messages", autorun="1", streams="false")
    assert_completed(app)
    [heading] = [heading for heading in app.subheader if heading.value == "Why it streamed like this"]
    line = f"[Why it streamed like this: 1 cause ↓](#{heading.proto.anchor})"
    assert line in texts(app)
    assert "Why it streamed" not in texts(opened("messages", autorun="1")), "a healthy run needs no line"


def test_run_on_an_empty_prompt_says_so_and_starts_nothing() -> None:
    app = opened("values")
    app.text_area(key="prompt").set_value(" ")
    app.button(key="run").click().run()
    assert not app.toast, "one line says it, and nothing lies over the examples"
    assert "The prompt is empty." in texts(app)
    assert "run" not in app.query_params


@pytest.mark.parametrize("provider", ["openai", "groq"])
def test_a_missing_key_is_named_before_the_run(monkeypatch: pytest.MonkeyPatch, provider: Provider) -> None:
    monkeypatch.delenv(KEY_ENV[provider], raising=False)
    app = opened("values", model=provider)
    sentence = f"{LABELS[provider]} has no key yet"
    assert sentence in texts(app)
    assert app.text_input(key=f"{provider}.key").placeholder == f"sk-… (or set {KEY_ENV[provider]})"
    app.text_input(key=f"{provider}.key").set_value("planted").run()
    assert sentence not in texts(app)


def test_the_browser_knows_the_run_that_comes_next() -> None:
    """It draws a run as soon as it starts, and not only when the script has drawn the page."""
    app = opened("values", model="scripted", tokens="20", tokens_per_s="1000")
    announced = {mount["next_run"] for mount in players(app)} - {""}
    assert len(announced) == 1
    for _ in range(2):
        app.button(key="run").click().run()
        assert {run.id for run in runs_in(app)} == announced
        announced = {mount["next_run"] for mount in players(app)} - {""}


def test_the_next_turn_of_a_conversation_takes_the_place_of_none() -> None:
    app = opened("messages", model="scripted", tokens="20", tokens_per_s="1000")
    assert all(mount["next_run"] for mount in players(app))
    app.button(key="run").click().run()
    assert_completed(app)
    assert {mount["next_run"] for mount in players(app)} == {""}
