"""A recorded run moved in time: at any time, and from any other, it is the fold of the patches up to there."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from components.player.mount import PANELS
from streaming.analysis.final_answer import text_pieces
from streaming.live.patches import VIEWS
from streaming.live.view import patches_of
from streaming.recordings.library import open_recording, recording_names
from streaming.recordings.playable import patches_as_json
from tests.browser.player import patches
from tests.browser.player.drive import open_player
from tests.support.app_test import ROOT

pytestmark = pytest.mark.browser

ALL_AT_ONCE: list[Any] = [
    *patches.BEFORE_TEXT,
    *patches.TEXT,
    *patches.DETAILS,
    ["out", "k1", "piece"],
    ["whole", "m1", "Another text.", 1.2],
    ["msg", "m2", {"node": "write", "t": 1.3}],
    ["text", "m2", "to be withdrawn", 1.3],
    ["turn", [["m2", 0]]],
    ["call", "k2", {"msg": "m2", "tool": "weather", "state": "being written", "asked_at": 1.3}],
    ["drop", "m2"],
    *patches.ENDED,
]
SEVERAL_A_MOMENT = [[round(0.05 * (number // 2), 3), [patch]] for number, patch in enumerate(ALL_AT_ONCE)]

DEFINE = """
() => {
  const IGNORED = ["versions", "edition", "time", "timeReceivedAt", "held"];
  const plain = (value) =>
    value instanceof Map ? [...value].map(([key, item]) => [key, plain(item)])
    : Array.isArray(value) ? value.map(plain)
    : value && typeof value === "object" ? plain(new Map(Object.entries(value)))
    : value;
  window.contentOf = (view) => {
    const fields = Object.entries(view).filter(([name]) => !IGNORED.includes(name));
    return JSON.stringify(fields.map(([name, value]) => [name, plain(value)]));
  };
  window.foldedAt = (entries, t) => {
    const view = new View();
    for (const [at, patches] of entries) if (at <= t) view.apply(patches);
    return contentOf(view);
  };
}
"""


@pytest.mark.parametrize("between", [1, 3, 256])
def test_at_every_time_it_is_what_was_folded_up_to_there(harness: Page, between: int) -> None:
    harness.evaluate(DEFINE)
    differing = harness.evaluate(
        """([entries, between]) => {
          const playback = new Playback(entries, { between });
          const differing = [];
          const look = (t) => {
            playback.seek(t);
            if (contentOf(playback.view) !== foldedAt(entries, t)) differing.push(t);
          };
          const times = [...new Set(entries.map(([t]) => t))];
          times.forEach(look);
          times.toReversed().forEach(look);
          for (const [index, t] of times.entries()) [t, times.at(-1 - index), (t + 1) / 2].forEach(look);
          return differing;
        }""",
        [SEVERAL_A_MOMENT, between],
    )
    assert differing == []


@pytest.mark.parametrize("name", recording_names(ROOT / "recordings"))
def test_a_recording_is_the_same_after_any_journey(harness: Page, name: str) -> None:
    recording = open_recording(ROOT / "recordings", name)
    entries = [[t, part] for t, part in patches_of(recording.events, views=VIEWS)]
    harness.evaluate(DEFINE)
    differing = harness.evaluate(
        """(entries) => {
          const playback = new Playback(entries, { between: 64 });
          let chance = 7;
          return Array.from({ length: 60 }, () => {
            chance = (chance * 48271) % 2147483647;
            const t = (chance / 2147483647) * playback.duration;
            playback.seek(t);
            return contentOf(playback.view) === foldedAt(entries, t) ? null : t;
          }).filter((t) => t !== null);
        }""",
        json.loads(json.dumps(entries)),
    )
    assert differing == []


def test_the_moments_before_and_after_a_time_are_those_with_an_entry(harness: Page) -> None:
    moments = harness.evaluate(
        """() => {
          const playback = new Playback([[0, []], [0.2, [["text", "m1", "a", 0.2]]], [0.2, []], [0.7, [["over"]]]]);
          return [0, 0.1, 0.2, 0.7].map((t) => [playback.moment(t, -1), playback.moment(t, 1)]);
        }"""
    )
    assert moments == [[None, 0.2], [0, 0.2], [0, 0.7], [0.2, None]]


def test_a_time_outside_the_run_is_its_start_or_end(harness: Page) -> None:
    assert harness.evaluate(
        """() => {
          const playback = new Playback([[0, []], [0.5, [["over"]]]]);
          return [-1, 9, NaN].map((t) => (playback.seek(t), playback.at));
        }"""
    ) == [0, 0.5, 0]


def test_an_empty_recording_has_no_length(harness: Page) -> None:
    assert harness.evaluate("() => { const empty = new Playback([]); empty.seek(1); return empty.duration; }") == 0


# A canvas and an input keep their attributes in the order in which they were set.
PICTURE = """() => {
  const html = element.innerHTML.replace(/[a-z-]*(height|width|max|disabled)="[^"]*"/g, "");
  return html.replace(/ +/g, " ").replaceAll(" >", ">");
}"""


def test_the_picture_is_the_same_on_the_way_back_as_on_the_way_there(harness: Page) -> None:
    """Every panel, at each moment: none keeps what came later."""
    times = sorted({t for t, _ in SEVERAL_A_MOMENT})
    harness.evaluate("entries => { window.playback = new Playback(entries); }", SEVERAL_A_MOMENT)
    open_player(harness, *PANELS)
    harness.evaluate("panels => player.show({ ...player.options, runs: [], playbacks: [playback] })")

    def picture_at(t: float) -> str:
        harness.evaluate("async t => { playback.seek(t); await frame(); await settled(); }", t)
        return str(harness.evaluate(PICTURE))

    there = {t: picture_at(t) for t in times}
    back = {t: picture_at(t) for t in reversed(times)}
    differing = [t for t in times if there[t] != back[t]]
    assert differing == []


TEXT_OF_PANELS = "[...element.querySelectorAll('.sl-panel')].map((panel) => panel.innerText)"


def test_the_picture_at_the_end_is_the_live_one(harness: Page) -> None:
    open_player(harness, *PANELS)
    harness.evaluate("patches => feed(patches)", ALL_AT_ONCE)
    live = harness.evaluate(TEXT_OF_PANELS)
    harness.evaluate("() => { player.destroy(); element.replaceChildren(); }")
    open_player(harness, *PANELS)
    harness.evaluate(
        """entries => {
          window.playback = new Playback(entries);
          player.show({ ...player.options, runs: [], playbacks: [playback] });
          playback.seek(playback.duration / 2);
          playback.seek(playback.duration);
        }""",
        SEVERAL_A_MOMENT,
    )
    expect(harness.locator(".sl-status .sl-chip")).to_have_text("Completed")
    harness.evaluate("settled()")
    assert harness.evaluate(TEXT_OF_PANELS) == live


def test_its_gaps_are_those_between_the_pieces_of_text(harness: Page) -> None:
    recording = open_recording(ROOT / "recordings", "report-on-the-embedded-model.jsonl")
    last: dict[str, float] = {}
    expected: list[tuple[float, float]] = []
    for piece in text_pieces(recording.events):
        if piece.message_id in last:
            expected.append((piece.t, piece.t - last[piece.message_id]))
        last[piece.message_id] = piece.t
    entries = [[t, part] for t, part in patches_of(recording.events, views=VIEWS)]
    found = harness.evaluate("entries => new Playback(entries).gaps", entries)
    assert len(found) == len(expected) > 50
    for gap, (t, seconds) in zip(found, expected, strict=True):
        assert gap["t"] == pytest.approx(t, abs=0.001)
        assert gap["gap"] == pytest.approx(seconds, abs=0.002)
    assert found[-1]["longest"] == max(gap["gap"] for gap in found)


def test_a_recording_that_comes_in_pieces_is_the_same_and_one_that_breaks_off_is_none(harness: Page) -> None:
    recording = open_recording(ROOT / "recordings", "an-agent-with-its-tools-scripted.jsonl")
    harness.evaluate(DEFINE)
    text = patches_as_json(recording).decode()
    same, refused, told = harness.evaluate(
        """async (text) => {
          const { playbackOf } = await import("/assets/recording_text.js");
          async function* pieces(text, length) {
            for (let from = 0; from < text.length; from += length) yield text.slice(from, from + length);
          }
          const whole = new Playback(JSON.parse(text).entries);
          const same = [];
          for (const length of [37, 1_000, text.length]) {
            const found = await playbackOf(pieces(text, length), () => {});
            found.seek(found.duration / 2);
            whole.seek(found.duration / 2);
            const [one, other] = [found, whole].map(({ view, whole, gaps, times }) => {
              return [contentOf(view), contentOf(whole), JSON.stringify(gaps), times.join()];
            });
            same.push(one.every((content, index) => content === other[index]));
          }
          const refused = ["<html>", "", "{}\\n[]\\n", text.slice(0, text.length / 2), text.slice(0, -1), text + " "];
          const tooLarge = text.slice(0, text.lastIndexOf(",\\n")) + '\\n{"error":"Too large."}';
          const told = await playbackOf(pieces(tooLarge, 900), () => {}).catch((error) => [error.told, error.message]);
          return [same, await Promise.all(refused.map((text) => playbackOf(pieces(text, 900), () => {}))), told];
        }""",
        text,
    )
    assert same == [True] * 3
    assert refused == [None] * 6
    assert told == [True, "Too large."]
