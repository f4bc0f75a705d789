"""The page about tools as a script."""

from streamlit.testing.v1 import AppTest

from streaming.projections.base import apply_all
from streaming.projections.tool_calls import ToolCalls
from streaming.providers.catalogue import LABELS
from tests.support.app_test import assert_completed, in_url, mounts, opened, runs_in, texts, turned_to


def model_on(app: AppTest, page: str) -> str:
    """The model that another page of the session has; between them is one without a graph, whose name AppTest keeps."""
    return str(turned_to(turned_to(app, "pitfalls"), page).selectbox(key="model").value)


def test_the_player_draws_calls_progress_and_the_answer() -> None:
    app = opened("tools", autorun="1")
    assert_completed(app)
    (run,) = runs_in(app)
    found = mounts(app)
    assert {"figures", "tokens", "calls", "progress", "diagram", "raw"} <= set(found)
    assert all(mount["runs"] == [run.id] for mount in found.values())


def test_the_end_lists_the_times_of_each_call() -> None:
    app = opened("tools", autorun="1")
    assert_completed(app)
    calls = apply_all(ToolCalls(), runs_in(app)[0].events).calls
    table = app.dataframe[0].value
    assert list(table["tool"]) == ["search_documents", "calculator"]
    assert list(table["argument chunks"]) == [call.pieces for call in calls]
    assert set(table["state"]) == {"finished"}


def test_a_finished_turn_shows_its_calls_in_the_conversation() -> None:
    app = opened("tools", autorun="1")
    app.chat_input(key="say").set_value("What does 7 / 0 give?").run()
    assert_completed(app)
    assert "12 \\* (3 + 4)" in texts(app).replace("\\(", "(").replace("\\)", ")").replace("\\+", "+")
    assert "→ 84" in texts(app)


def test_a_failed_tool_is_marked_and_the_agent_continues() -> None:
    app = opened("tools", autorun="1", prompt="What does 7 / 0 give?")
    assert_completed(app)
    assert "failed" in list(app.dataframe[0].value["state"])


def test_a_model_that_cannot_call_tools_is_replaced_on_this_page_only() -> None:
    app = opened("tools", model="local")
    app.button(key="run").click().run()
    assert_completed(app)
    assert runs_in(app)[0].request.model.provider == "scripted"
    assert f"{LABELS['local']} is too small to call tools" in texts(app)
    assert LABELS["local"] not in app.selectbox(key="model").options
    assert in_url(app, "model") == "local", "the link keeps the choice"
    assert model_on(app, "values") == "local"
    assert model_on(app, "tools") == "scripted"


def test_a_choice_made_on_this_page_holds_on_the_others() -> None:
    app = opened("tools", model="local")
    app.selectbox(key="model").set_value("groq").run()
    assert "too small" not in texts(app)
    assert model_on(app, "values") == "groq"
