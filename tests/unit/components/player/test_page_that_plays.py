"""The page that plays is one file that runs only the renderer, whatever the recording contains."""

import html
import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from components.player.page_that_plays import FirstText, render_page_that_plays
from components.player.replay_mount import TOKENS
from streaming.core.errors import BadRecording
from streaming.core.events import Token
from streaming.recordings.format import Recording
from streaming.recordings.library import open_recording, recording_names
from streaming.recordings.playable import patches_as_json
from tests.support.app_test import ROOT

FOLDER = ROOT / "recordings"
MOST_BYTES = 300_000
HOSTILE = "</script><!--<script>alert(1)</script><img src=http://127.0.0.1:9/x.png>&\u2028"
KEY = "sk-planted-0123456789abcdefghij"
DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return open_recording(FOLDER, recording_names(FOLDER)[0])


def with_prompt(recording: Recording, prompt: str) -> Recording:
    return replace(recording, header=replace(recording.header, prompt=prompt))


def data_of(page: str) -> str:
    found = DATA.search(page)
    assert found
    return found[1]


def test_the_page_without_its_data_is_small(recording: Recording) -> None:
    page = render_page_that_plays([(recording, "")])
    assert len(page.encode()) - len(data_of(page).encode()) <= MOST_BYTES


def test_its_style_has_what_it_shows_and_nothing_of_a_graph_which_it_does_not_draw(recording: Recording) -> None:
    style = render_page_that_plays([(recording, "")]).split("<style>")[1].split("</style>")[0]
    for shown in (".sl-mode-dot{", ".sl-card{", ".sl-row{", ".sl-map-track{", "@media print{"):
        assert shown in style
    assert ".sl-diagram-box" not in style
    assert "/*" not in style


def test_it_has_the_lanes_and_opens_in_the_view_that_was_open(recording: Recording) -> None:
    for asked, opened in (("Lanes", "Lanes"), ("State", "State"), ("unknown", TOKENS)):
        data = json.loads(data_of(render_page_that_plays([(recording, "")], view=asked)))
        assert data["chosen"] == opened
        assert "Lanes" in [choice["name"] for choice in data["choices"]]


def test_a_prompt_that_all_runs_share_comes_once(recording: Recording) -> None:
    alike = render_page_that_plays([(recording, "one"), (recording, "other")])
    assert alike.count(f"<p>{html.escape(recording.header.prompt)}</p>") == 1
    assert alike.count('<p class="about">') == 1, "so do graph, model, date and outcome"
    others = render_page_that_plays([(recording, "one"), (with_prompt(recording, "Another"), "other")])
    assert [others.count(f"<p>{prompt}</p>") for prompt in (html.escape(recording.header.prompt), "Another")] == [1, 1]


def test_where_a_text_appears_as_it_was_drawn_its_arrival_is_not_called_what_one_saw(recording: Recording) -> None:
    header = replace(recording.header, modes=("messages",), settings={"flush": "every N tokens", "every_tokens": 10})
    drawn = render_page_that_plays([(replace(recording, header=header), "")])
    plain = render_page_that_plays([(recording, "")])
    figures = [json.loads(data_of(page))["figures"] for page in (drawn, plain)]
    assert "arrived_s" in figures[0]["names"]
    assert "ttft_s" not in figures[0]["names"]
    assert figures[1] == "figures"
    assert "<em>Arrived</em> is when" in drawn


def test_the_policy_allows_exactly_the_script_and_the_style(recording: Recording) -> None:
    page = render_page_that_plays([(recording, "")])
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    for kind, tag in (("script", r'<script type="module">'), ("style", "<style>")):
        content = re.search(rf"{tag}(.*?)</{kind}>", page, re.DOTALL)
        assert content
        digest = b64encode(sha256(content[1].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy[1]


def test_a_hostile_recording_stays_data(recording: Recording) -> None:
    bad = replace(recording, header=replace(recording.header, prompt=HOSTILE, graph=HOSTILE, model=HOSTILE))
    page = render_page_that_plays([(bad, HOSTILE)])
    assert page.count("<script") == 2
    assert "<img" not in page
    assert not re.search("[<>&\u2028\u2029]", data_of(page))
    data = json.loads(data_of(page))
    assert data["recordings"][0]["entries"][0][1][0][1]["prompt"] == HOSTILE
    assert data["recordings"][0]["label"] == HOSTILE
    assert html.escape(HOSTILE) in page


def test_no_key_and_no_full_id_is_in_the_page(recording: Recording) -> None:
    run_id = "0123456789abcdef0123456789abcdef"
    named = with_prompt(recording, f"About {run_id} with {KEY} and key_figures_of_the_year")
    page = render_page_that_plays([(replace(named, header=replace(named.header, run_id=run_id)), "")])
    assert "About 012345" in page
    assert "key_figures_of_the_year" in page
    assert run_id not in page
    assert KEY not in page


def test_a_key_in_the_answer_is_not_in_the_page(recording: Recording) -> None:
    entries = [
        replace(entry, event=replace(entry.event, text=f"The key is {KEY}."))
        if isinstance(entry.event, Token)
        else entry
        for entry in recording.events
    ]
    assert entries
    page = render_page_that_plays([(replace(recording, events=[*entries, recording.events[-1]]), "")])
    assert "The key is [key]" in page
    assert KEY not in page


def test_all_runs_of_a_page_together_have_a_limit(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    one = len(patches_as_json(recording))
    monkeypatch.setattr("components.player.page_that_plays.MAX_JSON_BYTES", 2 * one)
    render_page_that_plays([(recording, "A")])
    with pytest.raises(BadRecording, match="too large for one file"):
        render_page_that_plays([(recording, name) for name in "ABC"])


def test_two_recordings_have_their_labels(recording: Recording) -> None:
    data = json.loads(data_of(render_page_that_plays([(recording, "Lane 1"), (recording, "Lane 2")])))
    assert [one["label"] for one in data["recordings"]] == ["Lane 1", "Lane 2"]


def test_each_lane_is_played_as_its_flush_strategy_drew_it(recording: Recording) -> None:
    def drawn_by(flush: str, **settings: str) -> Recording:
        return replace(recording, header=replace(recording.header, settings={"flush": flush, **settings}))

    page = render_page_that_plays([(drawn_by("direct"), "1"), (drawn_by("every N tokens", every_tokens="7"), "2")])
    assert "appears as the app drew it (2: every 7 tokens)" in page
    direct, drawn = (texts_of(one["entries"]) for one in json.loads(data_of(page))["recordings"])
    assert [patch for _, patches in direct for patch in patches] == [patch for _, patches in drawn for patch in patches]
    assert len(drawn[0][1]) == 7
    assert drawn[0][0] == direct[6][0], "the first text is drawn with the seventh token"
    assert "as the app drew it" not in render_page_that_plays([(drawn_by("direct"), "")])


def test_runs_that_are_compared_have_the_first_text_that_was_measured(recording: Recording) -> None:
    header = replace(recording.header, settings={"flush": "every N ms"})
    runs = [(replace(recording, header=header), "1"), (recording, "2")]
    late = recording.length_s + 5
    firsts = [FirstText(shown_s=0.501, arrived_s=0.3421), FirstText(shown_s=late, arrived_s=late)]
    data = json.loads(data_of(render_page_that_plays(runs, firsts=firsts)))
    assert data["figures"]["names"][:3] == ["shown_s", "came_s", "e2e_s"]
    known: list[dict[str, float]] = []
    for one in data["recordings"]:
        times = [t for t, _ in one["entries"]]
        assert times == sorted(times)
        assert times[-1] == round(recording.length_s, 4), "a run that was drawn after its end is no longer than it was"
        figures = [fields for _, patches in one["entries"] for kind, *fields in patches if kind == "fig"]
        known.append({name: s for (fields,) in figures for name, s in fields.items() if name in ("shown_s", "came_s")})
    assert known == [{"shown_s": 0.501, "came_s": 0.3421}, {"shown_s": round(late, 4), "came_s": round(late, 4)}]
    assert {panel["waits"] for choice in data["choices"] for panel in choice["panels"]} == {
        "Waiting for the first text"
    }
    undrawn = json.loads(data_of(render_page_that_plays([(recording, "1")], firsts=[FirstText(0.5, 0.5)])))
    assert undrawn["figures"]["names"][:2] == ["shown_s", "e2e_s"], "a text that is drawn as it arrives has one time"
    assert json.loads(data_of(render_page_that_plays([(recording, "1")])))["figures"] == "figures"


def test_what_nothing_drew_is_played_as_it_arrived(recording: Recording) -> None:
    settings = {"flush": "every N tokens", "part_of": "repeat"}
    repeat = replace(recording, header=replace(recording.header, settings=settings))
    assert "as the app drew it" not in render_page_that_plays([(repeat, "")])


def texts_of(entries: list[Any]) -> list[tuple[float, list[Any]]]:
    """The pieces of text of each entry that has some."""
    found = [(t, [patch for patch in patches if patch[0] == "text"]) for t, patches in entries]
    return [(t, patches) for t, patches in found if patches]
