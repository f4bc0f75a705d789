"""The pages beyond the seven modes, as scripts: opened, run, and answered."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from graphs import GRAPHS
from streaming.core.errors import CheckpointerUnavailable
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.rendering.markdown_safety import safe_markdown
from streaming.runtime.engine import Engine
from streaming.services import get_services
from tests.support.app_test import assert_completed, opened, texts

PAGES = ("async", "parallel", "tools", "subgraphs", "conditional", "events")
ALL = (*PAGES, "interrupts")
Metrics = dict[str, str]


def metrics(app: AppTest) -> Metrics:
    return {metric.label: metric.value for metric in app.metric}


def in_url(app: AppTest, name: str) -> str:
    value = app.query_params[name]
    return value[0] if isinstance(value, list) else value


def clicked(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


@pytest.mark.parametrize("page", ALL)
def test_a_page_has_an_empty_state_and_its_code_before_the_first_run(page: str) -> None:
    app = opened(page)
    assert not app.exception
    assert "run" not in app.query_params
    assert any("GRAPH.to_input" in code.value for code in app.code)


@pytest.mark.parametrize("page", PAGES)
def test_run_completes(page: str) -> None:
    app = opened(page)
    app.button(key="run").click().run()
    assert_completed(app)
    assert "Stop" not in [button.label for button in app.button]


@pytest.mark.parametrize("page", ALL)
def test_a_run_that_is_over_is_drawn_again_after_a_reload(page: str) -> None:
    first = opened(page, autorun="1")
    again = opened(page, run=in_url(first, "run"))
    assert not again.exception
    assert texts(again).count("-badge[Completed]") == texts(first).count("-badge[Completed]")
    assert metrics(again) == metrics(first)


def test_async_runs_both_orders_and_says_what_was_saved() -> None:
    app = opened("async", autorun="1", wait_streaming="100", wait_langgraph="150", wait_ux="200")
    assert_completed(app)
    shown = metrics(app)
    saved, ratio = shown["Saved"], float(shown["Ratio"].removesuffix("×"))
    assert saved.endswith("ms")
    assert 1.5 < ratio < 3
    assert len(app.get("vega_lite_chart")) == 1


def test_async_draws_both_timelines_to_one_scale() -> None:
    app = opened("async", autorun="1", wait_streaming="100", wait_langgraph="150", wait_ux="200")
    shown = [element.proto.body for element in app.get("html")]
    timelines = [body for body in shown if "Timeline of 3 node runs" in body]
    assert len(timelines) == 2
    axes = [body.rpartition(">time<")[2] for body in timelines]
    assert axes[0] == axes[1]


def test_async_compares_no_times_that_are_too_short() -> None:
    app = opened("async", autorun="1", wait_streaming="0", wait_langgraph="0", wait_ux="0")
    assert_completed(app)
    assert metrics(app)["Ratio"] == "–"


@pytest.mark.parametrize("fault", ["fail", "hang"])
def test_async_shows_the_broken_collection_and_answers_without_it(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphs.retrieval.GIVE_UP_S", 0.4)
    app = opened("async", autorun="1", broken="ux", fault=fault, wait_streaming="0", wait_langgraph="0", wait_ux="50")
    assert_completed(app)
    assert [("ux" in warning.value) for warning in app.warning] == [True, True]
    assert texts(app).count("Without the collection ux") == 2
    assert ("after which “ux” was given up" in texts(app)) == (fault == "hang")


def test_async_measures_what_blocks_what() -> None:
    app = opened("async")
    app.button(key="measure_blocking").click().run()
    assert not app.exception
    table = app.dataframe[-1].value
    assert list(table["way"]) == ["stream, on the event loop", "stream, in a thread", "astream"]


@pytest.mark.parametrize("order", ["grouped by node", "by arrival"])
def test_parallel_gives_each_branch_its_name_and_its_clock(order: str) -> None:
    app = opened("parallel", autorun="1", order=order)
    assert_completed(app)
    assert all(f"think · {angle}" in texts(app) for angle in ("cheap", "fun", "quick"))
    assert list(app.dataframe[0].value["branch"])[-1] == "merge"


def test_interrupts_shows_two_questions_and_goes_on_with_the_answers() -> None:
    app = opened("interrupts", autorun="1")
    assert ":orange-badge[Interrupted]" in texts(app)
    assert "Is this draft good?" in texts(app)
    assert "Where should it appear?" in texts(app)
    clicked(app, "Resume")
    assert_completed(app)
    assert "before the pause" in texts(app)
    assert "News for everybody" in texts(app)


def test_an_edited_draft_is_published_as_it_was_edited() -> None:
    app = opened("interrupts", autorun="1")
    action = next(group for group in app.button_group if group.label == "Your answer")
    action.set_value("edit").run()
    # In one message to the server, as from somebody who types and clicks at once.
    next(area for area in app.text_area if area.label == "The text as it should be").set_value("Mine")
    clicked(app, "Resume")
    assert_completed(app)
    again = opened("interrupts", thread=in_url(app, "thread"))
    for page in (app, again):
        assert [heading.value for heading in page.subheader].count("Published") == 1
        assert "The draft was **edited**, the channel is **mail**." in texts(page)
        assert any(text.value.endswith("Mine") and "(mail)" in text.value for text in page.text)


def test_an_empty_edit_is_not_sent() -> None:
    app = opened("interrupts", autorun="1")
    next(group for group in app.button_group if group.label == "Your answer").set_value("edit").run()
    next(area for area in app.text_area if area.label == "The text as it should be").set_value(" ")
    clicked(app, "Resume")
    assert ":orange-badge[Interrupted]" in texts(app)
    assert "An empty text cannot be published." in texts(app)
    assert next(button for button in app.button if button.label == "Resume").disabled


def test_a_draft_that_was_rejected_to_the_end_is_said_to_be_unpublished() -> None:
    app = opened("interrupts", autorun="1")
    for _ in range(3):
        next(group for group in app.button_group if group.label == "Your answer").set_value("reject").run()
        clicked(app, "Resume")
    assert_completed(app)
    assert "Not published" in [heading.value for heading in app.subheader]
    assert "The last draft was **rejected** as well: draft 3." in texts(app)


@pytest.mark.parametrize("known", [True, False], ids=["a run of this server", "a thread alone"])
def test_a_question_that_another_tab_has_answered_is_not_asked_again(known: bool) -> None:
    first = opened("interrupts", autorun="1")
    run, thread = in_url(first, "run"), in_url(first, "thread")
    second = opened("interrupts", run=run) if known else opened("interrupts", thread=thread)
    late = opened("interrupts", run=run)
    clicked(second, "Resume")
    assert_completed(second)
    clicked(first, "Resume")
    for app in (first, late.run()):
        assert not app.exception
        assert "This was answered already" in app.info[0].value
        assert "Resume" not in [button.label for button in app.button]
    clicked(first, "Show how it went on")
    assert "Published" in [heading.value for heading in first.subheader]
    assert "answered already" not in texts(first)


def test_a_rejected_draft_is_written_again_and_asked_about_again() -> None:
    app = opened("interrupts", autorun="1")
    next(group for group in app.button_group if group.label == "Your answer").set_value("reject").run()
    clicked(app, "Resume")
    assert ":orange-badge[Interrupted]" in texts(app)
    assert "Where should it appear?" not in texts(app), "that one is answered"


def test_one_question_can_be_left_for_later() -> None:
    app = opened("interrupts", autorun="1")
    app.radio[0].set_value("later").run()
    clicked(app, "Resume")
    assert ":orange-badge[Interrupted]" in texts(app)
    assert "Where should it appear?" in texts(app)
    assert "Is this draft good?" not in texts(app)


def test_each_mode_says_what_it_says_at_an_interrupt() -> None:
    app = opened("interrupts", autorun="1")
    said = texts(app)
    assert "three of the seven modes say nothing" in said
    assert "with `interrupts` beside it: 2 of" in said
    assert "again, in the trace: 2 of" in said
    assert said.count("nothing (it had sent") == 3


def test_each_static_breakpoint_pauses_without_a_question() -> None:
    app = opened("interrupts", pauses=["draft", "publish"], autorun="1")
    assert "Paused before `draft`" in texts(app)
    clicked(app, "Resume")
    assert "Is this draft good?" in texts(app)
    assert "Paused before" not in texts(app), "the questions come first"
    again = opened("interrupts", thread=in_url(app, "thread"), pauses="publish")
    clicked(again, "Resume")
    assert "Paused before `publish`" in texts(again)
    clicked(again, "Resume")
    assert_completed(again)


def test_a_thread_of_a_server_that_is_gone_can_be_answered() -> None:
    before = opened("interrupts", autorun="1")
    thread_id = before.query_params["thread"]
    # The link that started it is still there, and so is the id of the run, which is gone with the server.
    query = {"thread": thread_id[0] if isinstance(thread_id, list) else thread_id, "autorun": "1", "run": "gone"}
    after = opened("interrupts", **query)
    after = opened("interrupts", thread=in_url(before, "thread"))
    assert "This thread was interrupted before" in after.info[0].value
    clicked(after, "Resume")
    assert_completed(after)


def test_an_unknown_thread_leaves_an_ordinary_page() -> None:
    app = opened("interrupts", thread="guess")
    assert not app.exception
    assert "thread" not in app.query_params


def test_tools_shows_arguments_progress_and_results() -> None:
    app = opened("tools", autorun="1")
    assert_completed(app)
    assert '{"expression": "12 * (3 + 4)"}' in [code.value for code in app.code]
    assert "84" in [text.value for text in app.text]


def test_a_tool_that_fails_is_marked_and_the_agent_goes_on() -> None:
    app = opened("tools", autorun="1", prompt="What does 7 / 0 give?")
    assert_completed(app)
    assert ":red-badge[failed]" in texts(app)


def test_tools_offers_the_scripted_agent_where_the_model_cannot_call_tools() -> None:
    app = opened("tools", model="local", autorun="1")
    assert "run" not in app.query_params
    assert app.button(key="run").disabled
    assert "cannot call tools" in app.warning[0].value
    app.button(key="use_scripted").click().run()
    app.button(key="run").click().run()
    assert_completed(app)
    assert not app.chat_input(key="say").disabled
    app.selectbox(key="model").set_value("local").run()
    assert app.chat_input(key="say").disabled
    assert [button.disabled for button in app.button if button.label in ("Regenerate", "Ask this instead")] == [
        True
    ] * 2


def test_subgraphs_says_what_is_lost() -> None:
    app = opened("subgraphs", autorun="1")
    assert_completed(app)
    table = next(frame.value for frame in app.dataframe if "subgraphs=True" in frame.value)
    assert next(iter(table["subgraphs=True"])) == "3"
    assert next(iter(table["subgraphs=False"])) == "1"
    assert "`summarise`" in texts(app)


@pytest.mark.parametrize("graph", ["briefing", "research"])
def test_conditional_sends_the_phone_a_fraction(graph: str) -> None:
    app = opened("conditional", autorun="1", graph=graph)
    assert_completed(app)
    sent = [caption.value for caption in app.caption if caption.value.startswith("Sent:")]
    shares = [int(line.split("(")[1].split("%")[0]) for line in sent]
    assert shares[0] < 10
    assert shares[2] == 100
    if graph == "briefing":
        assert list(app.table[0].value["name"]) == ["The simple one", "The usual one", "The thorough one"]


def test_the_readers_filter_takes_out_what_it_says() -> None:
    app = opened("conditional", autorun="1")
    app.button_group(key="tags").set_value(["answer"]).run()
    assert_completed(app)
    assert not app.table, "the table's JSON has another tag"


def test_the_readers_filter_without_tags_lets_no_token_through() -> None:
    app = opened("conditional", autorun="1", graph="research")
    app.button_group(key="tags").set_value([]).run()
    assert_completed(app)
    assert "The text grows here, token by token." in texts(app)


@pytest.mark.parametrize(
    ("chosen", "heard"),
    [
        ({"nodes": ["read"]}, ("summarise", "review")),
        ({"namespaces": ["(graph)"]}, ("plan", "write")),
        ({"namespaces": ["read › digest"]}, ("summarise", "review")),
        ({"nodes": ["read"], "namespaces": ["(graph)"]}, ()),
    ],
)
def test_the_readers_filter_knows_the_graphs_in_the_graph(chosen: dict[str, list[str]], heard: tuple[str, ...]) -> None:
    app = opened("conditional", autorun="1", graph="research", **chosen)
    assert_completed(app)
    run = get_services().engine.get(in_url(app, "run"))
    assert run is not None
    said = {message.node: message.text for message in apply_all(Messages(), run.events).spoken()}
    for node, text in said.items():
        shown = [element.value for element in app.markdown].count(safe_markdown(text))
        # The phone gets the answer whatever the reader hears.
        assert shown == (node in heard) + (node == "write"), node
    assert ("The text grows here, token by token." in texts(app)) == (not heard)


def test_events_compares_four_apis_and_what_they_store() -> None:
    app = opened("events", autorun="1")
    assert_completed(app)
    table = app.dataframe[0].value
    assert list(table["api"]) == ["stream modes", "events v2", "events v3", "events v3, typed"]
    assert list(table["stores its message as"]) == ["string", "string", *["list of text blocks"] * 2]


@pytest.mark.parametrize("graph", ["joke", "chat", "rag", "report", "ideas", "research"])
def test_events_works_on_every_graph(graph: str) -> None:
    assert_completed(opened("events", autorun="1", graph=graph))


def test_events_compares_v3_with_the_modes_that_it_sends_and_names_the_others() -> None:
    app = opened("events", autorun="1", graph="report")
    told = next(text.value for text in app.markdown if "v3 by default sends fewer" in text.value)
    left_out = told.partition("Of ")[2].partition(" it sent nothing")[0]
    assert set(left_out.split(", ")) == {"`updates`", "`custom`", "`tasks`", "`checkpoints`", "`debug`"}
    times = float(told.partition("weighed **")[2].partition("×")[0])
    assert 1.0 < times < 2.0


def test_events_shows_what_v3_tells_of_subgraphs() -> None:
    app = opened("events", autorun="1", graph="research")
    kinds = "".join(element.proto.body for element in app.get("html"))
    assert all(f"<strong>{name}</strong>" in kinds for name in ("lifecycle", ".lifecycle", ".subgraphs"))


def test_events_says_when_the_database_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*args: object) -> None:
        raise CheckpointerUnavailable("The database is away.", advice="Fetch it.")

    monkeypatch.setattr(Engine, "thread", unavailable)
    app = opened("events", autorun="1")
    assert_completed(app)
    assert "The database is away. Fetch it." in app.error[0].value
    assert set(app.dataframe[0].value["stores its message as"]) == {"unknown"}


def test_a_model_that_cannot_stream_is_said_to_with_its_price() -> None:
    app = opened("messages", autorun="1", streams="false", ttft_ms="100")
    assert_completed(app)
    assert "did not stream" in app.info[0].value
    assert "% of the whole time" in app.info[0].value


CHATS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("messages", lambda prompt: f"You asked about *{prompt}*"),
    ("tools", lambda prompt: "Here is what the tools found"),
)


@pytest.mark.parametrize(("page", "answer"), CHATS)
def test_an_earlier_message_can_be_edited_and_both_versions_stay(page: str, answer: Callable[[str], str]) -> None:
    app = opened(page, autorun="1", prompt="Apples")
    app.chat_input(key="say").set_value("And pears").run()
    assert_completed(app)
    edits = [area for area in app.text_area if area.label == "Your message"]
    assert [area.value for area in edits] == ["Apples", "And pears"]
    # The click comes with the text: the page has not been drawn in between.
    edits[1].set_value("And plums")
    next(button for button in reversed(app.button) if button.label == "Ask this instead").click().run()
    assert_completed(app)
    assert "And pears" not in [text.value for text in app.text]
    assert answer("And plums") in texts(app)
    assert "Version 2 of 2" in texts(app)
    clicked(app, "Previous version")
    assert "And pears" in [text.value for text in app.text]


def test_a_first_turn_is_regenerated_in_a_thread_of_its_own() -> None:
    app = opened("messages", autorun="1")
    clicked(app, "Regenerate")
    assert_completed(app)
    assert "Version 2 of 2" in texts(app)
    assert [message.name for message in app.chat_message] == ["user", "assistant"]


def test_a_branch_goes_on_from_what_is_shown() -> None:
    app = opened("messages", autorun="1", prompt="One")
    app.chat_input(key="say").set_value("Two").run()
    next(button for button in reversed(app.button) if button.label == "Regenerate").click().run()
    clicked(app, "Previous version")
    app.chat_input(key="say").set_value("Three").run()
    assert_completed(app)
    run = get_services().engine.get(str(app.session_state["session.runs"]["messages"]))
    assert run is not None
    thread = get_services().engine.thread(GRAPHS["chat"], run.thread_id)
    assert thread is not None
    asked = [message["content"] for message in thread.values["messages"] if message["type"] == "human"]
    assert asked == ["One", "Two", "Three"], "the version that was not shown is not in the memory"


def taken_back() -> None:
    """A script that draws half an answer, and then that it will be given again."""
    import streamlit as st

    from components.live.branches import ORDERS, BranchPanes
    from components.live.filtered_views import SpokenText, TableView
    from streaming.core.events import Attempt, LogEntry, Token

    views = [
        *(BranchPanes(st.container(), order=order) for order in ORDERS),
        TableView(st.container(), tag="data"),
        SpokenText(st.container(), data_tag="data"),
    ]
    half = [
        Token(ns=(), message_id="x", node="write", role="ai", text="half an answer"),
        Token(ns=(), message_id="y", node="table", role="ai", text='[{"name": "half a row', tags=("data",)),
    ]
    for view in views:
        for seq, event in enumerate(half):
            view.apply([LogEntry(seq=seq, t=0.0, event=event)])
        view.paint()
        again = Attempt(number=2, of=3, reason="the answer broke off", pause_s=0.0, dropped=("x", "y"))
        view.apply([LogEntry(seq=2, t=1.0, event=again)])
        if st.session_state.get("again"):
            view.finish()


def test_what_will_be_said_again_leaves_the_screen_at_once() -> None:
    app = AppTest.from_function(taken_back).run()
    assert not app.exception
    assert texts(app).count("half an answer") == 3
    assert len(app.table) == 1
    app.session_state["again"] = True
    app.run()
    assert "half an" not in texts(app)
    assert not app.table
