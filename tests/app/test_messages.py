"""The page of `messages` as a script: tokens, flush strategies and conversations."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from graphs import GRAPHS
from streaming.core.events import LogEntry
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.services import get_services
from tests.support.app_test import (
    assert_completed,
    assert_spoken,
    clicked,
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


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_the_whole_text_of_every_graph_is_shown(graph: str) -> None:
    app = opened("messages", graph=graph, flush="blocks", autorun="1")
    assert_completed(app)
    assert_spoken(app)


@pytest.mark.parametrize("page", ["messages", "combined"])
@pytest.mark.parametrize("flush", ["direct", "blocks", "every token", "every N ms"])
def test_a_run_started_by_a_link_is_stored_with_the_flush_strategy_of_the_link(page: str, flush: str) -> None:
    app = opened(page, flush=flush, autorun="1")
    assert_completed(app)
    assert app.selectbox(key="flush").value == flush
    assert [run.request.labels["flush"] for run in runs_in(app)] == [flush]


def test_a_page_without_a_flush_strategy_stores_none_even_after_one_was_chosen() -> None:
    app = opened("messages", flush="every token", autorun="1")
    turned_to(app, "values").button(key="run").click().run()
    assert_completed(app)
    assert [run.request.labels["flush"] for run in runs_in(app)] == [""]


def test_each_turn_is_stored_with_the_flush_strategy_that_drew_it() -> None:
    app = opened("messages", autorun="1")
    app.selectbox(key="flush").select("every token").run()
    app.chat_input(key="say").set_value("And then?\n").run()
    assert_completed(app)
    (second,) = runs_in(app)
    assert second.request.prompt == "And then?"
    first = get_services().engine.registry.turns(second)[0]
    assert (first.request.labels["flush"], second.request.labels["flush"]) == ("direct", "every token")
    clicked(app, "Regenerate")
    assert runs_in(app)[0].request.labels["flush"] == "every token"


def test_the_player_draws_the_answer_with_the_filters_of_the_page() -> None:
    app = opened("messages", graph="joke", autorun="1", nodes="generate_joke")
    assert_completed(app)
    answer = mounts(app)["tokens"]
    assert answer["runs"] == [run.id for run in runs_in(app)]
    assert answer["settings"]["nodes"] == ["generate_joke"]
    assert answer["settings"]["named"] is True


def test_chat_keeps_its_turns() -> None:
    app = opened("messages", flush="blocks", autorun="1")
    app.chat_input(key="say").set_value("And then?").run()
    assert_completed(app)
    assert "orchid" in texts(app)
    assert "*And then*: for this I have no text" in texts(app)
    assert [message.name for message in app.chat_message] == ["user", "assistant"] * 2
    assert f"ainvoke(GRAPH.to_input({GRAPHS['chat'].examples[0]!r})" in programs(app)[1], "the code has the first too"


def test_a_turn_that_the_next_one_cancels_is_marked_before_its_end_event(
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


def test_only_a_conversation_can_go_on() -> None:
    app = opened("messages", graph="joke", autorun="1")
    app.selectbox(key="graph").select("chat").run()
    assert not app.chat_input, "a joke is no conversation"
    assert "Showing the joke run; press Run for chat." in texts(app)
    app.button(key="run").click().run()
    assert app.chat_input(key="say")
    assert "Showing the" not in texts(app)


def test_the_links_to_a_run_are_beside_its_state_and_not_only_at_the_end_of_the_page() -> None:
    app = opened("messages", autorun="1")
    assert_completed(app)
    (shared,) = [popover for popover in app.get("popover") if popover.proto.popover.label == "Share"]
    assert f"run={run_in(app)}" in shared.get("code")[-1].value


def test_a_refused_prompt_offers_no_next_turn() -> None:
    app = opened("messages")
    app.text_area(key="prompt").set_value(" ")
    app.button(key="run").click().run()
    assert "The prompt is empty." in texts(app)
    assert not app.chat_input
    assert not app.run().chat_input


def test_a_prompt_that_is_too_long_starts_nothing_at_first_and_in_a_later_turn() -> None:
    said = "The prompt has 20,001 characters and the limit is 20,000. Shorten it, or start the server with a higher"
    sentence = f"{said} STREAMING_LAB_PROMPT_CHARS."
    app = opened("messages")
    app.text_area(key="prompt").set_value("x" * 20_001).run()
    assert sentence in texts(app).replace("\\", "")
    app.button(key="run").click().run()
    assert "run" not in app.query_params
    app.text_area(key="prompt").set_value("Bees").run()
    assert sentence not in texts(app).replace("\\", "")
    app.button(key="run").click().run()
    first = run_in(app)
    app.chat_input[0].set_value("x" * 20_001).run()
    assert [toast.value.replace("\\", "") for toast in app.toast] == [sentence]
    assert run_in(app) == first
    app.chat_input[0].set_value("Wasps").run()
    assert run_in(app) != first


@pytest.mark.parametrize("flush", ["blocks", "every token", "every N tokens", "every N ms", "st.write_stream"])
def test_every_flush_strategy_shows_the_whole_text_and_its_cost(flush: str) -> None:
    app = opened("messages", autorun="1", flush=flush)
    assert_completed(app)
    assert "feel like snow" in texts(app)
    assert "repaints" in texts(app)


def test_the_cost_of_drawing_is_told_above_the_answer() -> None:
    app = opened("messages", flush="blocks")
    assert "Drawn by **last block only**: after Run" in texts(app)
    app.button(key="run").click().run()
    assert_completed(app)
    in_order = "\n".join(str(element.value) for element in app.main if element.type in {"caption", "markdown"})
    assert in_order.index("Drawn by **last block only**") < in_order.index("feel like snow")
    assert "drawn in one go" not in in_order, "it was drawn while it streamed"
    assert "all was drawn in one go" in texts(app.run())


def test_the_cost_of_the_direct_way_is_counted_by_the_browser_that_draws() -> None:
    app = opened("messages")
    assert mounts(app)["cost"]["settings"]["idle"].endswith("after Run, this line says what it costs.")
    app.button(key="run").click().run()
    assert_completed(app)
    assert mounts(app)["cost"]["runs"] == [run_in(app)]
    assert mounts(app)["cost"]["settings"]["way"] == "over a connection of its own"


def test_tokens_can_be_filtered_by_node() -> None:
    app = opened("messages", graph="joke", flush="blocks", autorun="1")
    assert "refine\\_topic" in texts(app)
    app.button_group(key="nodes").set_value(["generate_joke"]).run()
    assert "refine\\_topic" not in texts(app)
    assert "generate\\_joke" in texts(app)
    linked = opened("messages", graph="joke", flush="blocks", autorun="1", nodes="generate_joke")
    assert_completed(linked)
    assert "refine\\_topic" not in texts(linked)
    other = opened("messages", graph="chat", flush="blocks", autorun="1", nodes="generate_joke", tags="guess")
    assert "feel like snow" in texts(other), "a node of another graph filters nothing"


def test_a_first_turn_is_regenerated_in_a_thread_of_its_own() -> None:
    app = opened("messages", autorun="1")
    clicked(app, "Regenerate")
    assert_completed(app)
    assert "Version 2 of 2" in texts(app)
    assert [message.name for message in app.chat_message] == ["user", "assistant"]


def test_a_branch_continues_from_the_version_that_is_shown() -> None:
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


@pytest.mark.parametrize("flush", ["blocks", "st.write_stream"])
def test_a_thinking_model_set_in_the_url_shows_its_reasoning_on_demand(flush: str) -> None:
    app = opened("messages", graph="joke", flush=flush, model="scripted", thinking="40", tokens="5", autorun="1")
    assert_completed(app)
    assert app.number_input(key="thinking").value == 40
    assert [run.request.model.pace.thinking_tokens for run in runs_in(app)] == [40]
    assert any(expander.label.startswith("Thought for") for expander in app.expander)
    assert not any("The question is about" in text for text in texts(app))


def test_a_turn_that_another_tab_was_faster_with_leads_to_that_one() -> None:
    first = opened("messages", autorun="1", prompt="Apples")
    late = opened("messages", run=run_in(first))
    first.chat_input(key="say").set_value("And pears").run()
    assert_completed(first)
    late.chat_input(key="say").set_value("And plums").run()
    assert ":red-badge[Failed]" in texts(late)
    assert "This thread was continued with “And pears” at " in texts(late)
    clicked(late, "Show how it continued")
    assert_completed(late)
    assert run_in(late) == run_in(first)
    late.chat_input(key="say").set_value("And plums").run()
    assert_completed(late)


def strategies(app: AppTest) -> dict[str, dict[str, Any]]:
    """The rows of the table of tried flush strategies, by name."""
    tables = [table.value for table in app.dataframe if "strategy" in table.value]
    return {row["strategy"]: row for table in tables for row in table.to_dict("records")}


def test_the_flush_strategies_tried_so_far_are_in_one_table_that_a_reload_keeps() -> None:
    app = opened("messages", flush="every token", autorun="1", ttft_ms="200", tokens_per_s="300")
    assert set(strategies(app)) == {"every token"}
    app.selectbox(key="flush").select("direct").run()
    app.button(key="run").click().run()
    assert_completed(app)
    rows = strategies(app)
    assert list(rows) == ["direct", "every token"]
    assert strategies(app.run()) == rows, "a page that is drawn again counts no run twice"
    for row in rows.values():
        assert all(row[name] not in ("", "–") for name in ("first text", "p95 gap", "longest freeze", "text sent"))
    assert rows["direct"]["text sent"].endswith(" B"), "each word once"
    assert rows["every token"]["text sent"].endswith(" KB"), "the whole text again and again"
    assert "How to choose" in texts(app)
    assert "shorter than the *p95 gap*" in texts(app), "what a phone shows in no tooltip"
    app.button(key="run").click().run()
    assert_completed(app)
    rows = strategies(app)
    assert {name: row["runs"] for name, row in rows.items()} == {"direct": 2, "every token": 1}
    kept = {name: in_url(app, name) for name in ("tried", "run")}
    assert ["tried=" in link for link in shared_links(app)] == [False, True]
    again = opened("messages", **kept, ttft_ms="200", tokens_per_s="300")
    assert strategies(again) == rows
    assert set(strategies(opened("messages", **{**kept, "tried": "x_1.2_<b>"}, ttft_ms="200"))) <= {"direct"}


@pytest.mark.parametrize("graph", ["chat", "joke"])
def test_a_link_beside_the_answer_leads_to_the_strategies_tried_a_screen_below(graph: str) -> None:
    app = opened("messages", graph=graph)
    pointer = "[Flush: all tried ↓](#flush-strategies)"
    assert pointer not in texts(app)
    app.button(key="run").click().run()
    assert pointer in texts(app)
    assert "flush-strategies" in [heading.anchor for heading in app.subheader]


def test_another_prompt_has_a_table_of_its_own_and_no_row_is_lost() -> None:
    app = opened("messages", autorun="1")
    first = app.text_area(key="prompt").value
    assert set(strategies(app)) == {"direct"}
    app.text_area(key="prompt").set_value("Another one")
    app.selectbox(key="flush").select("blocks")
    app.button(key="run").click().run()
    assert set(strategies(app)) == {"last block only"}
    assert "1 run with another prompt, graph or model is set aside" in texts(app)
    app.text_area(key="prompt").set_value(first)
    app.button(key="run").click().run()
    assert set(strategies(app)) == {"direct", "last block only"}


def test_the_advice_at_the_end_moves_nothing_that_is_below_it() -> None:
    app = opened("messages")

    def number_of_the_code() -> int:
        numbers = [
            number for number, part in app.main.children.items() if str(getattr(part.proto, "id", "")).endswith("-code")
        ]
        return numbers[0]

    before = number_of_the_code()
    app.button(key="run").click().run()
    assert_completed(app)
    assert number_of_the_code() == before, "a browser draws anew what has another number"


@pytest.mark.parametrize("page", ["messages", "tools"])
def test_the_place_of_the_first_answer_is_mounted_before_the_run_and_stays(page: str) -> None:
    """A first mount takes a quarter of a second: the first text waits for none."""
    app = opened(page, model="scripted", tokens="20", tokens_per_s="1000")
    before = mounts(app)["tokens"]
    assert before["next_run"]
    assert before["settings"]["idle"].startswith("Press Run")
    app.button(key="run").click().run()
    assert_completed(app)
    after = mounts(app)["tokens"]
    assert after["runs"] == [before["next_run"]]
    assert after["panels"] == before["panels"], "or the browser would build it anew"
