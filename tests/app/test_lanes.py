"""The page of lanes: all modes of one run, and what is lost without some of them."""

import pytest

from graphs import GRAPHS
from streaming.core.events import MODES
from tests.support.app_test import assert_completed, mounted, mounts, opened, run_in, runs_in


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_run_of_every_graph_asks_for_all_modes(graph: str) -> None:
    app = opened("lanes", graph=graph, autorun="1")
    assert_completed(app)
    (run,) = runs_in(app)
    assert run.request.modes == MODES
    lanes = mounts(app)["mode_lanes"]["panels"][0]
    assert (lanes["modes"], lanes["off"]) == (list(MODES), [])
    assert lanes["nodes"], "the graph is drawn beside the lanes"


def test_each_mode_gets_a_sentence_after_the_end() -> None:
    app = opened("lanes", graph="report", autorun="1")
    shown = " ".join(text.value for text in app.markdown)
    for use in (
        "full states",
        "changes from",
        "pieces of text",
        "reports from inside",
        "Start and end of",
        "to return to",
    ):
        assert use in shown
    assert "the screen loses" not in shown


def test_lane_that_is_off_is_named_with_its_loss_and_keeps_the_run() -> None:
    app = opened("lanes", graph="report", autorun="1")
    (run,) = runs_in(app)
    app.pills(key="modes").set_value([mode for mode in MODES if mode != "messages"]).run()
    assert runs_in(app) == [run]
    assert mounts(app)["mode_lanes"]["panels"][0]["off"] == ["messages"]
    lost = next(text.value for text in app.markdown if "the screen loses" in text.value)
    assert "messages" in lost
    assert "events" in lost


def test_a_run_is_replayed_in_its_lanes() -> None:
    app = opened("lanes", autorun="1")
    links = [link.proto.query_string for link in app.get("page_link") if "recording=" in link.proto.query_string]
    assert sum("view=Lanes" in link for link in links) == 2, "Replay, and slow motion"
    replay = opened("replay", recording=run_in(app), view="Lanes")
    assert not replay.exception
    [player] = [mount for mount in mounted(replay, "replay_component.js") if mount.get("choices")]
    assert player["chosen"] == "Lanes"
