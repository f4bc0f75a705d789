"""The page about tools as a script."""

from tests.support.app_test import assert_completed, opened, texts


def test_shows_arguments_progress_and_results() -> None:
    app = opened("tools", autorun="1")
    assert_completed(app)
    assert '{"expression": "12 * (3 + 4)"}' in [code.value for code in app.code]
    assert "84" in [text.value for text in app.text]


def test_a_failed_tool_is_marked_and_the_agent_continues() -> None:
    app = opened("tools", autorun="1", prompt="What does 7 / 0 give?")
    assert_completed(app)
    assert ":red-badge[failed]" in texts(app)


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
