"""/race as a script."""

import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.elements.lib import policies
from streamlit.testing.v1 import AppTest

from components.features.race.lane import UNNAMED_WAIT
from components.features.race.lane_names import METHODS
from streaming.runtime.sequence import RunSequence
from streaming.services import get_services
from tests.support.app_test import (
    html_texts,
    in_url,
    mounts,
    opened,
    players,
    reveals,
    run_in,
    runs_in,
    shared_links,
    texts,
    turned_to,
)
from tests.support.graphs import finish

FAST = {"model_1": "Scripted: fast GPU", "model_2": "Scripted: fast GPU"}


def raced(**query: str) -> AppTest:
    return opened("race", **FAST, **query)


def first_column(table: Any) -> str:
    """The name of the column that compares first texts: it names the lane that the others are measured by."""
    (name,) = [name for name in table if re.fullmatch(r"first × lane \d", name)]
    return str(name)


def blocks_in(block: Any) -> Iterator[Any]:
    """The containers of a page, at any depth."""
    for child in getattr(block, "children", {}).values():
        if hasattr(child, "children"):
            yield from (child, *blocks_in(child))


def test_the_page_opens() -> None:
    assert not opened("race").exception


@pytest.mark.parametrize("lanes", [2, 4])
def test_a_race_ends_with_a_verdict_a_line_a_lane(lanes: int) -> None:
    # At this pace an answer takes long enough for its first text to be early on a busy machine too.
    paces = {f"model_{lane}": "Scripted: typical hosted" for lane in range(1, lanes + 1)}
    app = opened("race", lane_count=str(lanes), autorun="1", **paces)
    assert not app.exception
    assert ":green-badge[Finished]" in texts(app)
    verdict = app.dataframe[0].value
    assert len(verdict) == lanes
    assert "blocking (invoke)" in verdict["configuration"][1]
    first = [float(value.removesuffix("×")) for value in verdict[first_column(verdict)]]
    assert first[1] > 1.5, "blocking shows its first text much later"
    assert "first text" in verdict["fastest"][first.index(min(first))]
    assert re.search(r"(showed its|had their) first text .* sooner than lane 2", texts(app))
    assert texts(app).count("first text after") <= 1, "the headline is not said again below"
    assert re.search(r"\.\*\* :small\[:gray\[One race", texts(app)), "a sentence ends before the next one begins"
    assert "Download a page that plays" in [button.proto.label for button in app.get("download_button")]


def test_a_new_lane_has_the_model_of_the_others_and_the_number_of_lanes_a_word() -> None:
    app = opened("race", lane_count="4")
    assert len({app.selectbox(key=f"model_{lane}").value for lane in range(1, 5)}) == 1
    assert "Lanes" in [caption.value for caption in app.caption]


def test_each_setting_of_a_lane_is_explained() -> None:
    app = raced()
    for name in ("how_1", "graph_1", "flush_1"):
        assert app.selectbox(key=name).help, name
    assert all(f"*{method}*" in app.selectbox(key="how_1").help for method in METHODS)


def test_a_link_that_names_one_graph_races_it_in_every_lane() -> None:
    app = opened("race", graph="ideas", graph_2="rag")
    assert not app.exception
    assert [app.selectbox(key=f"graph_{lane}").value for lane in (1, 2)] == ["ideas", "rag"]
    unknown = opened("race", graph="*unknown*")
    assert not unknown.exception
    assert unknown.selectbox(key="graph_1").value == "chat"


def test_lanes_with_a_native_flush_strategy_show_the_whole_answer() -> None:
    app = raced(autorun="1", how_2="streaming", flush_1="blocks", flush_2="blocks")
    assert texts(app).count("feel like snow") == 2
    rewound = {reveal["target"] for reveal in reveals(app) if reveal.get("rewinds")}
    assert rewound == {"native_lane_0", "native_lane_1"}, "the first words are in sight at the end"
    boxes = [
        block
        for block in blocks_in(app.main)
        if str(getattr(block.proto, "id", "")).endswith(("native_lane_0", "native_lane_1"))
    ]
    assert [len(box.get("bidi_component")) for box in boxes] == [1, 1], "what rewinds a lane makes it no higher"
    assert ":green-badge[Finished]" in texts(app)


def test_write_stream_draws_a_lane_beside_another_one_and_tells_its_cost() -> None:
    app = raced(autorun="1", how_2="streaming", flush_1="st.write_stream", flush_2="every token")
    assert not app.exception
    assert texts(app).count("feel like snow") == 2
    costs = [caption.value for caption in app.caption if "Drawn by" in caption.value]
    found = [re.fullmatch(r"Drawn by \*\*(.+)\*\*: .+ KB of text sent in .+ sends \d+ B\.", cost) for cost in costs]
    assert [cost and cost[1].replace("\\", "") for cost in found] == ["st.write_stream", "every token"]
    assert all(int(number) > 1 for number in app.dataframe[0].value["repaints"])
    assert not [thread for thread in threading.enumerate() if thread.name == "st.write_stream"]


def test_a_lane_that_has_not_started_has_no_cost() -> None:
    assert "0 repaints" not in texts(raced(how_2="streaming", flush_2="every token"))


def test_the_player_draws_each_lane_that_has_no_other_choice() -> None:
    app = raced(autorun="1")
    assert [app.selectbox(key=f"flush_{lane}").value for lane in (1, 2)] == ["direct", "direct"]
    tokens, whole = mounts(app)["tokens"], mounts(app)["answer"]
    assert [*tokens["runs"], *whole["runs"]] == [run.id for run in runs_in(app)], "a run without tokens shows its state"


def test_a_direct_lane_beside_a_native_one_is_drawn_by_the_player() -> None:
    app = raced(autorun="1", how_2="streaming", flush_2="every token")
    first = runs_in(app)[0]
    assert mounts(app)["tokens"]["runs"] == [first.id]
    assert texts(app).count("feel like snow") == 1, "Streamlit draws the second"
    verdict = app.dataframe[0].value
    assert list(verdict["outcome"]) == ["Completed", "Completed"]
    assert verdict["first text"][0] == verdict["arrived"][0]
    assert all(int(number) > 1 for number in verdict["repaints"])
    assert "–" not in [*verdict["text sent"], *verdict["longest freeze"]]
    assert re.search(
        "To draw the text, lane 1 “direct” sent .* repaints.*; lane 2 “every token” sent", texts(app).replace("\\", "")
    )


def test_a_lane_without_tokens_has_a_first_text_and_a_blind_test_does_not_tell_by_its_words() -> None:
    app = raced(autorun="1")
    figures = [mount["panels"][1]["names"] for mount in players(app) if mount["panels"][0] != "tokens"][-2:]
    assert ["first_text_s" in names for names in figures] == [True, True]
    assert "arrived" not in app.dataframe[0].value, "all lanes are drawn as their text arrives"
    assert app.dataframe[0].value["repaints"].iloc[1] == "1", "what came whole was drawn once"
    assert app.dataframe[0].value["text sent"].iloc[1] != "–"
    app.button(key="blind").click().run()
    waits = {panel["waits"] for mount in players(app) for panel in mount["panels"] if "waits" in panel}
    assert waits == {UNNAMED_WAIT}


def test_all_modes_against_one_is_a_preset_whose_verdict_says_what_they_cost() -> None:
    app = raced()
    app.button(key="preset All seven modes against one").click().run()
    app.button(key="run").click().run()
    assert not app.exception
    shown = texts(app).replace("\\", "")
    verdict = r"(No (noticeable )?performance degradation with all modes|All modes) at once[^:]*: first text after"
    assert re.search(verdict, shown), shown
    assert "× the bytes" in shown


def test_a_blind_test_can_be_left_without_a_vote() -> None:
    app = raced(tab="Blind test")
    app.button(key="blind").click().run()
    assert "st-key-lanes" in html_texts(app), "the settings are hidden while one votes"
    app.button(key="leave_blind").click().run()
    assert not app.exception
    assert "st-key-lanes" not in html_texts(app)
    assert not get_services().run_store.votes()


def repeated(model: str = FAST["model_1"], repeats: int = 2, **query: str) -> tuple[AppTest, RunSequence[Any]]:
    app = opened("race", model_1=model, model_2=model, repeats=str(repeats), **query)
    app.button(key="repeat").click().run()
    assert not app.exception
    sequence = get_services().engine.sequences.get(in_url(app, "repeating"))
    assert sequence is not None
    return app, sequence


def test_repeats_give_medians_with_intervals_and_leave_the_warm_up_out() -> None:
    app, sequence = repeated()
    assert sequence.wait(30)
    app.run()
    table = app.dataframe[0].value
    assert list(table["runs"]) == [2, 2]
    assert "Medians of 2 runs each" in texts(app)
    reports = [button.proto.label for button in app.get("download_button")]
    of_the_code = ["Script", "Notebook"]
    assert [label for label in reports if label not in of_the_code] == ["Download the report"]
    assert all(" to " in value for value in table["first text arrived"])
    assert list(table["confidence"]) == ["50.0%", "50.0%"], "two values enclose their median every other time"
    assert {row["flush"] for row in get_services().run_store.newest(6)} == {"direct"}


ALIKE = "these lanes differ only in how text is drawn, so this cannot tell them apart."


def test_repeats_of_lanes_that_differ_only_in_drawing_say_first_that_they_cannot_compare_them() -> None:
    drawn = {"how_2": "streaming", "flush_2": "every N tokens"}
    assert ALIKE in texts(raced(**drawn)), "before they start"
    assert ALIKE not in texts(raced()), "another method"
    assert ALIKE not in texts(raced(how_2="streaming")), "the same twice can be compared"
    app, sequence = repeated(**drawn)
    assert sequence.wait(30)
    app.run()
    headlines = [text.value for text in app.markdown if ALIKE in text.value]
    assert len(headlines) == 1, "once it is in the headline, it need not be above the button"
    assert headlines[0].startswith("**Repeats measure when text arrives, and nothing is drawn in them")
    assert "o difference" not in headlines[0]
    assert "Compare ways of drawing on Messages" in texts(app)
    links = {element.proto.page: element.proto.query_string for element in app.get("page_link")}
    assert links["runs"] == "group=flush"
    query = parse_qs(links["messages"])
    asked = {"graph": ["chat"], "model": ["scripted"], "preset": ["fast GPU"], "flush": ["every N tokens"]}
    asked |= {"ttft_ms": ["80"], "tokens_per_s": ["400"], "every_tokens": ["10"]}
    assert {name: query[name] for name in query if name != "prompt"} == asked, "the same is shown there"
    assert query["prompt"]
    long = raced(**drawn).text_input(key="race_prompt").set_value("tea " * 1_000).run()
    links = {element.proto.page: element.proto.query_string for element in long.get("page_link")}
    assert "prompt" not in parse_qs(links["messages"]), "the server refuses a longer URL"
    again = opened("race", repeating=sequence.id)
    assert ALIKE in texts(again), "also where the lanes of the page are others"


def test_repeats_of_other_lanes_or_of_another_prompt_are_called_so_and_lead_back() -> None:
    told = "These repeats have other lanes, or another prompt: “"
    app, sequence = repeated()
    assert sequence.wait(30)
    assert told not in texts(app.run())
    prompt = app.text_input(key="race_prompt").value
    app.text_input(key="race_prompt").set_value("A joke about cats").run()
    assert f"{told}{prompt}”" in texts(app)
    app.button(key="repeated").click().run()
    assert told not in texts(app)
    assert app.text_input(key="race_prompt").value == prompt
    app.number_input(key="lane_count").set_value(3).run()
    assert told in texts(app)


def test_repeats_compare_one_way_of_drawing_with_what_does_not_stream() -> None:
    third = {"lane_count": "3", "model_3": FAST["model_1"], "how_3": "blocking (invoke)"}
    app, sequence = repeated(how_2="streaming", flush_2="every N tokens", **third)
    assert sequence.wait(30)
    app.run()
    [note] = [text.value.replace("\\", "") for text in app.caption if "this cannot tell lanes apart" in text.value]
    assert "how text is drawn: lane 1 “streaming, direct” and lane 2 “streaming, every 10 tokens”. " in note
    [verdict] = [text.value for text in app.markdown if "Medians of at least 2 runs each" in text.value]
    assert verdict.startswith("**"), "the result comes first, and below it what it is not about"
    assert "lane 3" in verdict.lower()
    assert "lanes 1 and 2 (the same run, drawn differently" in verdict.lower().replace("\\", "")


def test_a_race_of_ways_of_drawing_does_not_lead_to_repeats() -> None:
    drawn = raced(autorun="1", how_2="streaming", flush_2="every N tokens")
    assert ":gray[One race: race again before you rely on it, for repeats draw nothing.]" in texts(drawn)
    assert "repeat it before" not in texts(drawn)


def test_the_link_of_the_controls_shows_no_repeats_and_no_blind_test_and_the_link_of_what_ran_shows_all() -> None:
    app, sequence = repeated()
    assert sequence.wait(30)
    app.button(key="blind").click().run()
    app.button(key="vote_A").click().run()
    controls, ran = shared_links(app)
    named = [f"repeating={sequence.id}", f"blind={in_url(app, 'blind')}"]
    assert [name in ran for name in named] == [True, True]
    assert [name in controls for name in named] == [False, False]
    assert len(shared_links(raced())) == 1


def test_repeats_go_on_behind_the_page_and_are_found_after_a_reload() -> None:
    app, sequence = repeated("Scripted: edge CPU", repeats=3)
    assert not sequence.ended, "the script does not wait for them"
    assert app.button(key="stop_repeats").label == "Stop repeating"
    again = opened("race", repeating=sequence.id)
    assert len(again.dataframe) == 1, "what there is so far"
    again.button(key="stop_repeats").click().run()
    assert sequence.wait(30)
    again.run()
    assert "Stopped in run 1 of 8." in texts(again)


def test_each_tab_says_what_runs_in_another_one() -> None:
    app, sequence = repeated("Scripted: edge CPU", repeats=3)
    told = "Repeats are running in the tab *Repeats*."
    assert told in texts(raced(repeating=sequence.id))
    beside = raced(repeating=sequence.id, tab="Repeats")
    assert beside.session_state["tab"] == "Repeats", "the tab is in the URL"
    assert told not in texts(beside)
    app.button(key="blind").click().run()
    shown = texts(app.run())
    assert "A blind test waits for your vote in the tab *Blind test*." in shown
    assert told not in shown
    assert "st-key-lanes" not in html_texts(app), "it takes the screen only in its own tab"
    assert "waits for your vote" not in texts(raced(blind=in_url(app, "blind"), tab="Blind test"))


def test_a_new_race_stops_the_repeats_and_says_so() -> None:
    app, sequence = repeated("Scripted: edge CPU")
    app.button(key="run").click().run()
    assert sequence.wait(30)
    app.run()
    assert "A race was started, and both would slow each other down." in texts(app)


def test_repeats_that_the_server_no_longer_has_are_named() -> None:
    assert "no longer on this server" in texts(opened("race", repeating="gone"))


def test_a_race_is_not_shown_under_other_settings_than_its_own() -> None:
    app = raced(autorun="1")
    assert app.dataframe
    app.selectbox(key="model_1").set_value("Scripted: typical hosted").run()
    assert not app.dataframe
    assert "not the lanes of the last race" in texts(app)


def left_and_back(app: AppTest) -> AppTest:
    """The race after a visit of another page, to which the links of the sidebar bring no parameters."""
    app.query_params.clear()
    app = turned_to(app, "pitfalls")
    app.query_params.clear()
    return turned_to(app, "race")


ALL_OF_FOUR_LANES = {
    "lane_count": "4",
    **{f"model_{n}": FAST["model_1"] for n in (3, 4)},
    **{"how_1": "updates only", "how_2": "streaming", "how_3": "streaming", "how_4": "blocking (invoke)"},
    **{"flush_2": "every N tokens", "every_tokens_2": "25", "flush_3": "every N ms", "every_ms_3": "120"},
    **{"flush_4": "blocks", "graph_3": "joke"},
}


@pytest.mark.parametrize("races", [True, False])
def test_who_comes_back_finds_all_that_was_chosen_for_each_lane_and_the_race(*, races: bool) -> None:
    app = raced(**ALL_OF_FOUR_LANES, race_prompt="Bees", **({"autorun": "1"} if races else {}))
    shown = [table.value for table in app.dataframe]
    run = run_in(app) if races else ""
    back = left_and_back(app)
    assert not back.exception
    assert {name: str(back.session_state[name]) for name in ALL_OF_FOUR_LANES} == ALL_OF_FOUR_LANES
    assert back.text_input(key="race_prompt").value == "Bees"
    assert "not the lanes of the last race" not in texts(back)
    assert [table.value.to_dict() for table in back.dataframe] == [table.to_dict() for table in shown]
    assert len(shown) == (1 if races else 0)
    assert not races or run_in(back) == run


def test_who_comes_back_finds_the_lanes_of_a_preset() -> None:
    app = raced()
    app.button(key="preset Whole, by token, in pieces").click().run()
    back = left_and_back(app)
    assert [back.session_state[f"flush_{lane}"] for lane in (1, 2, 3)] == ["direct", "every N tokens", "direct"]
    assert back.number_input(key="every_tokens_2").value == 10
    assert "every 10 tokens" in texts(back)


def test_a_link_sets_all_lanes_also_those_that_it_does_not_name() -> None:
    app = raced(**ALL_OF_FOUR_LANES)
    app.query_params.clear()
    app = turned_to(app, "pitfalls")
    app.query_params.clear()
    for name, value in {"flush_1": "every token", "how_2": "streaming"}.items():
        app.query_params[name] = value
    app = turned_to(app, "race")
    assert app.number_input(key="lane_count").value == 2
    assert [app.selectbox(key=f"how_{lane}").value for lane in (1, 2)] == ["streaming", "streaming"]
    assert [app.selectbox(key=f"flush_{lane}").value for lane in (1, 2)] == ["every token", "direct"]


def test_the_last_race_is_offered_where_the_lanes_are_other_ones() -> None:
    lanes = {"lane_count": "3", "model_3": "Scripted: fast GPU", "how_2": "streaming", "flush_2": "every N tokens"}
    app = raced(autorun="1", **lanes)
    run, verdict = run_in(app), app.dataframe[0].value
    app.button(key="preset Streaming against blocking").click().run()
    app.text_input(key="race_prompt").set_value("Bees").run()
    app.button(key="last_race").click().run()
    assert not app.exception
    assert run_in(app) == run
    assert app.dataframe[0].value.equals(verdict)
    assert "not the lanes of the last race" not in texts(app)


def test_the_runs_of_other_lanes_leave_the_url_until_the_lanes_are_theirs_again() -> None:
    lanes = {"lane_count": "3", "model_3": "Scripted: fast GPU", "how_2": "streaming", "flush_2": "every N tokens"}
    app = raced(autorun="1", **lanes)
    run, verdict = run_in(app), app.dataframe[0].value
    app.button(key="preset Streaming against blocking").click().run()
    assert "not the lanes of the last race" in texts(app.run())
    assert "run" not in app.query_params, "a link would bring back the old race"
    assert not app.dataframe
    app = turned_to(turned_to(app, "pitfalls"), "race")
    assert not app.exception
    assert app.number_input(key="lane_count").value == 2
    chosen = {"lane_count": 3, "model_1": FAST["model_1"], "model_2": FAST["model_2"], "how_2": "streaming"}
    chosen |= {"flush_2": "every N tokens", "how_3": "streaming", "model_3": "Scripted: fast GPU"}
    for name, value in chosen.items():
        app.session_state[name] = value
    app.run()
    assert run_in(app) == run
    assert app.dataframe[0].value.equals(verdict)


def test_the_drawing_of_the_first_text_counts_in_a_race() -> None:
    app = raced(autorun="1", how_2="streaming", flush_2="every N ms", flush_1="every token")
    verdict = app.dataframe[0].value
    assert all(float(value.split()[0]) > 0 for value in verdict["first text"])
    assert list(verdict["outcome"]) == ["Completed", "Completed"]
    get_services().run_writer.flush()
    rows = {row["id"]: row for row in get_services().run_store.newest(2)}
    for run in runs_in(app):
        assert rows[run.id]["part_of"] == "race"
        assert rows[run.id]["first_text_s"] >= rows[run.id]["ttft_s"]
    assert {row["flush"] for row in rows.values()} == {"every token", "every 50 ms"}


def verdict_in(app: AppTest) -> str:
    return next(markdown.value for markdown in app.markdown if "To draw the text," in markdown.value)


def test_a_reload_shows_the_drawing_that_was_measured_and_measures_none() -> None:
    lanes = {"how_2": "streaming", "flush_2": "every N tokens"}
    app = raced(autorun="1", **lanes)
    late = runs_in(app)[1]
    again = raced(run=run_in(app), **lanes)
    assert ":green-badge[Finished]" in texts(again)
    assert again.dataframe[0].value.equals(app.dataframe[0].value)
    assert verdict_in(again) == verdict_in(app)
    for page in (app, again):
        assert f"(#term-first-text)]  \n**{app.dataframe[0].value['first text'][1]}**" in texts(page)
        names = [panel["names"] for mount in players(page) for panel in mount["panels"] if "names" in panel]
        assert [of_lane[0] for of_lane in names] == ["first_text_s", "arrived_s"], "what is drawn later is named so"
    cost = [line for line in texts(app).splitlines() if "of text sent in" in line]
    assert [line for line in texts(again).splitlines() if "of text sent in" in line] == cost != [], (
        "what it cost to draw the text again is another figure"
    )
    writer, store = get_services().run_writer, get_services().run_store
    writer.flush()
    measured = store.first_text_s(late.id)
    assert measured is not None
    assert measured < late.events[-1].t
    assert raced(run=run_in(app), **lanes).dataframe[0].value.equals(app.dataframe[0].value)


def test_a_race_comes_back_with_its_lanes_and_its_result_by_its_runs_alone() -> None:
    lanes = {f"how_{n}": how for n, how in enumerate(("streaming", "all seven modes", "blocking (invoke)"), 1)}
    chosen = {"lane_count": "3", "model_3": "Scripted: typical hosted", "flush_1": "every N tokens", "graph_2": "joke"}
    app = raced(autorun="1", **lanes, **chosen)
    names = ["first text", "end", "configuration"]
    verdict = app.dataframe[0].value[names]
    back = opened("race", run=run_in(app))
    assert not back.exception
    assert "not the lanes of" not in texts(back)
    assert ":green-badge[Finished]" in texts(back)
    assert back.dataframe[0].value[names].equals(verdict)
    assert {name: str(back.session_state[name]) for name in {**lanes, **chosen}} == {**lanes, **chosen}
    assert not back.warning


def test_the_n_of_a_lane_is_chosen_in_it_and_comes_back_with_its_runs() -> None:
    drawn = {"how_2": "streaming", "flush_1": "every N tokens", "flush_2": "every N tokens", "every_tokens_1": "5"}
    app = raced(autorun="1", **drawn)
    assert [app.number_input(key=f"every_tokens_{lane}").value for lane in (1, 2)] == [5, 10]
    app.number_input(key="every_tokens_2").set_value(25).run()
    app.button(key="run").click().run()
    assert list(app.dataframe[0].value["configuration"]) == ["1. every 5 tokens", "2. every 25 tokens"]
    assert [run.request.labels["every_tokens"] for run in runs_in(app)] == ["5", "25"]
    back = opened("race", run=run_in(app))
    assert not back.exception
    assert [back.number_input(key=f"every_tokens_{lane}").value for lane in (1, 2)] == [5, 25]
    assert list(back.dataframe[0].value["configuration"]) == ["1. every 5 tokens", "2. every 25 tokens"]
    back.selectbox(key="flush_1").set_value("every N ms").run()
    assert back.number_input(key="every_ms_1").value == 50
    assert "every 50 ms" in texts(back)
    back.button(key="preset Whole, by token, in pieces").click().run()
    assert back.number_input(key="every_tokens_2").value == 10, "what was chosen before is no part of a preset"


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [(" ", "The prompt is empty."), ("x" * 20_001, "The prompt has 20,001 characters and the limit is 20,000.")],
)
def test_a_prompt_that_would_be_refused_starts_no_race_no_repeats_and_no_blind_test(prompt: str, sentence: str) -> None:
    stored = get_services().run_store.count()
    app = raced()
    app.text_input(key="race_prompt").set_value(prompt).run()
    for tab, button in (("Race", "run"), ("Repeats", "repeat"), ("Blind test", "blind")):
        app.button(key=button).click().run()
        assert texts(app).count(sentence) == 1, tab
    assert not app.exception
    assert not {"run", "repeating", "blind"} & set(app.query_params)
    get_services().run_writer.flush()
    assert get_services().run_store.count() == stored
    app.text_input(key="race_prompt").set_value("Bees").run()
    app.button(key="run").click().run()
    assert ":green-badge[Finished]" in texts(app)
    assert sentence not in texts(app)


def test_a_preset_leaves_no_warning_in_the_servers_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "_shown_default_value_warning", False)
    app = raced()
    for preset in ("Whole, by token, in pieces", "Streaming against blocking"):
        app.button(key=f"preset {preset}").click().run()
    assert app.number_input(key="lane_count").value == 2
    assert not policies._shown_default_value_warning


def test_a_run_that_nobody_saw_has_no_drawn_first_text() -> None:
    lanes = {"how_2": "streaming", "flush_2": "every token"}
    unseen = [finish(get_services().engine.start(run.request)) for run in runs_in(raced(autorun="1", **lanes))]
    app = raced(run=".".join(run.id for run in unseen), **lanes)
    assert "not measured" in texts(app)
    assert app.dataframe[0].value["first text"][1] == "–"


def test_no_difference_is_a_vote_too() -> None:
    app = raced()
    app.button(key="blind").click().run()
    app.button(key="vote_none").click().run()
    assert "You chose **no difference**" in texts(app)
    assert get_services().run_store.votes()[0]["figures"]["tie"] is True


def test_a_vote_names_whole_configurations_because_others_are_compared_with_it_later() -> None:
    app = raced()
    app.button(key="blind").click().run()
    app.button(key="vote_A").click().run()
    vote = get_services().run_store.votes()[0]
    assert {vote["faster"], vote["slower"]} == {
        "streaming, Scripted: fast GPU, chat, direct",
        "blocking (invoke), Scripted: fast GPU, chat, direct",
    }


def test_the_blind_test_names_nothing_before_the_vote_and_keeps_it() -> None:
    before = len(get_services().run_store.votes())
    app = raced(tab="Blind test")
    app.button(key="blind").click().run()
    assert not app.exception
    assert "Pane A" in texts(app)
    assert "#term-first-text" not in texts(app), "the figure of a lane"
    assert "st-key-lanes" in html_texts(app), "the settings are hidden while one votes"
    app.button(key="vote_B").click().run()
    assert "You chose **Pane B**" in texts(app)
    assert len(get_services().run_store.votes()) == before + 1
    assert re.search(r"1 of 1 felt .* faster than", texts(app))
    shown = texts(app).replace("\\", "")
    assert "The last test: " in shown
    assert "One race: repeat it" not in shown, "votes rest on all tests"
    assert not app.get("vega_lite_chart"), "one bar and one sentence"


def test_other_lanes_than_those_of_the_last_blind_test_are_told_from_them() -> None:
    app = raced(tab="Blind test")
    app.button(key="blind").click().run()
    app.button(key="vote_B").click().run()
    told = "These are not the lanes of the last blind test."
    assert told not in texts(app)
    app.selectbox(key="model_1").set_value("Scripted: typical hosted").run()
    assert told in texts(app)
    assert "You chose **Pane B**" in texts(app)


def figures_of_panes(app: AppTest) -> Any:
    return next(table.value for table in app.dataframe if "pane" in table.value)


def test_a_blind_test_is_found_after_a_reload_before_and_after_its_vote() -> None:
    app = raced()
    app.button(key="blind").click().run()
    pair = in_url(app, "blind")
    app = raced(blind=pair)
    app.button(key="vote_B").click().run()
    assert "You chose **Pane B**" in texts(app)
    verdict = figures_of_panes(app)
    base = first_column(verdict).rpartition(" ")[2]
    assert list(verdict[first_column(verdict)][verdict["lane"] == base]) == ["1.0×"], "whatever pane it was in"
    again = raced(blind=pair)
    assert not again.exception
    assert "You chose **Pane B**" in texts(again)
    assert figures_of_panes(again).equals(verdict)
    assert "Download the report" in [button.proto.label for button in again.get("download_button")]


def test_the_last_blind_test_and_its_report_are_found_in_a_new_visit() -> None:
    """The votes were shown, and no report of them was offered without another vote."""
    app = raced(tab="Blind test")
    app.button(key="blind").click().run()
    app.button(key="vote_B").click().run()
    again = raced(tab="Blind test")
    assert "You chose" not in texts(again)
    again.button(key="last_blind").click().run()
    assert not again.exception
    assert "You chose **Pane B**" in texts(again)
    assert "Download the report" in [button.proto.label for button in again.get("download_button")]


def test_a_blind_test_that_is_nowhere_is_named() -> None:
    assert "no longer on this server" in texts(raced(blind="gone.too"))


def test_a_race_of_a_long_prompt_is_there_after_a_reload() -> None:
    app = raced()
    app.text_input(key="race_prompt").set_value("tea " * 1_000)
    app.button(key="run").click().run()
    assert "race_prompt" not in app.query_params
    again = raced(run=str(app.session_state["session.runs"]["race"]))
    assert ":green-badge[Finished]" in texts(again)


def test_a_lane_that_the_script_draws_waits_with_the_words_of_the_others() -> None:
    app = opened("race", how_2="streaming", flush_2="every N tokens")
    assert "The text streams here." in [caption.value for caption in app.caption], "without a mark of its own"
