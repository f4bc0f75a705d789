"""A reader that pulls: whatever it misses, it sees what a follower sees."""

import json
from random import Random
from typing import Any

import pytest

from graphs import GRAPHS
from streaming.core.events import Custom, Ended, Started, Token
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.live.folding import View, empty_view, fold
from streaming.live.history import MIN_RECENT
from streaming.live.patches import VIEWS
from streaming.live.pulled import KEPT, MAX_RAW_ROWS, PulledRun
from streaming.live.view import patches_of


def new_run() -> Run:
    model = ModelSpec(provider="scripted")
    return Run(RunRequest(graph=GRAPHS["chat"], model=model, modes=("messages",), prompt="Hello"), thread_id="t")


def append(run: Run, number: int) -> None:
    run.append(Token(ns=(), message_id="m", node="n", role="ai", text=f"{number} "), size=100)


def expected(run: Run) -> View:
    return fold(empty_view(), [patch for _, found in patches_of(run.events, views=VIEWS) for patch in found])


def plain(view: View) -> Any:
    return json.loads(json.dumps(view))


class Browser:
    """What the player does with an answer."""

    def __init__(self) -> None:
        self.view = empty_view()
        self.seq, self.edition = 0, ""

    def take(self, answer: dict[str, Any]) -> bool:
        """Whether it has all of the answer now."""
        edition, frames = answer["edition"], answer["frames"]
        for frame in frames:
            new = self.edition != edition
            if new if frame.get("snapshot") else (not new and frame["from"] == self.seq):
                self.view = empty_view() if frame.get("snapshot") else self.view
                fold(self.view, json.loads(json.dumps(frame["p"])))
                self.seq, self.edition = frame["seq"], edition
        return self.edition == edition and self.seq == frames[-1]["seq"]


@pytest.mark.parametrize("seed", range(8))
def test_any_split_and_lost_answers_fold_to_the_same_view(seed: int) -> None:
    random, run, browser = Random(seed), new_run(), Browser()
    pulled = PulledRun(run, about={}, raw=True)
    run.append(Started(thread_id="t"))
    for number in range(200):
        append(run, number)
        if random.random() < 0.3:
            answer = pulled.pull()
            if random.random() < 0.5 and not browser.take(answer):
                pulled.restart()
    run.append(Ended(outcome="completed"))
    if not browser.take(pulled.pull()):
        pulled.restart()
        assert browser.take(pulled.pull())
    assert plain(browser.view) == plain(expected(run))


def test_an_answer_repeats_the_newest_frames_and_no_more() -> None:
    run = new_run()
    pulled, browser = PulledRun(run, about={}), Browser()
    assert browser.take(pulled.pull())
    for number in range(10):
        append(run, number)
        answer = pulled.pull()
        assert len(answer["frames"]) <= KEPT + 1
    assert not browser.take(answer), "ten answers were lost"
    pulled.restart()
    assert browser.take(pulled.pull())
    edition = browser.edition
    for number in range(KEPT - 1):
        append(run, number)
        answer = pulled.pull()
    assert browser.take(answer)
    assert browser.edition == edition


def test_more_entries_at_once_than_stay_separate_give_a_snapshot() -> None:
    run = new_run()
    pulled, browser = PulledRun(run, about={}), Browser()
    browser.take(pulled.pull())
    for number in range(4 * MIN_RECENT):
        append(run, number)
    assert browser.take(pulled.pull())
    assert browser.view["messages"]["m1"]["text"].startswith("0 1 2 ")


def test_raw_rows_are_sent_only_where_they_are_shown_and_are_bounded() -> None:
    run = new_run()
    for number in range(MAX_RAW_ROWS + 10):
        run.append(Custom(ns=(), data={"number": number}))
    without, with_raw = PulledRun(run, about={}).pull(), PulledRun(run, about={}, raw=True).pull()
    assert not [patch for frame in without["frames"] for patch in frame["p"] if patch[0] == "raw"]
    rows = next(patch[1] for frame in with_raw["frames"] for patch in frame["p"] if patch[0] == "raw")
    assert len(rows) == MAX_RAW_ROWS
    assert rows[-1][0] == MAX_RAW_ROWS + 9


def test_each_answer_begins_the_grace_time_of_the_run_again() -> None:
    now = [0.0]
    run = new_run()
    run._clock = lambda: now[0]
    pulled = PulledRun(run, about={})
    now[0] = run._unfollowed_since + 100.0
    assert run.unfollowed_s == 100.0
    pulled.pull()
    assert run.unfollowed_s == 0.0
    assert not run.followed
