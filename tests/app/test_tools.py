"""The page about tools as a script."""

from streaming.projections.base import apply_all
from streaming.projections.tool_calls import ToolCalls
from tests.support.app_test import assert_completed, mounts, opened, runs_in, texts


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


def test_offers_the_scripted_agent_where_the_model_cannot_call_tools() -> None:
    app = opened("tools", model="local", autorun="1")
    assert "run" not in app.query_params
    assert app.button(key="run").disabled
    assert "too small to call tools" in app.warning[0].value
    app.button(key="use_scripted").click().run()
    app.button(key="run").click().run()
    assert_completed(app)
    assert not app.chat_input(key="say").disabled
    app.selectbox(key="model").set_value("local").run()
    assert app.chat_input(key="say").disabled
    assert [button.disabled for button in app.button if button.label in ("Regenerate", "Resend")] == [True] * 2
