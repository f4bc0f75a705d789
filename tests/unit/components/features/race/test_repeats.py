"""Repeats of a race: figures of each lane, and what their progress says."""

from dataclasses import replace

from components.features.race.repeats import RepeatFigures, figures_of, medians_of, nearest_to_medians, progress_text
from graphs import GRAPHS
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.runtime.engine import Engine
from tests.support.graphs import QUICK, finish


def request(model: ModelSpec) -> RunRequest:
    return RunRequest(graph=GRAPHS["chat"], model=model, modes=("messages",), prompt="Hello")


def test_the_progress_tells_the_run_at_work_and_the_time_that_is_left() -> None:
    assert progress_text(0, 14, None) == "Run 1 of 14"
    assert progress_text(2, 14, 23.6) == "Run 3 of 14 · about 24 s left"
    assert progress_text(14, 14, 0.0) == "Run 14 of 14 · about 1 s left"


def test_the_figures_of_a_repeat_are_those_of_its_run(engine: Engine) -> None:
    figures = figures_of(finish(engine.start(request(QUICK))))
    assert figures.completed
    assert figures.first_text_s is not None
    assert figures.e2e_s is not None
    assert figures.first_text_s <= figures.e2e_s


def test_the_repeat_that_is_played_is_the_one_nearest_to_the_medians() -> None:
    def repeat(first_s: float, *, completed: bool = True) -> list[RepeatFigures]:
        return [RepeatFigures(completed=completed, first_text_s=first_s, e2e_s=2 * first_s)] * 2

    repeats = [repeat(0.09), repeat(0.1), repeat(0.5), repeat(0.1, completed=False), repeat(0.17)]
    assert nearest_to_medians(repeats) in (repeats[1], repeats[4])
    assert nearest_to_medians(repeats[:3]) is repeats[1]
    assert nearest_to_medians([repeat(0.1, completed=False)]) is None


def test_one_comparison_has_one_number_in_the_sentence_and_in_the_table() -> None:
    drawn = {"flush": "every N tokens", "every_tokens": "10"}
    asked = [replace(request(QUICK), labels={"flush": "direct"}), replace(request(QUICK), labels=drawn)]
    requests = [*asked, replace(asked[0], api="invoke")]
    repeat = [RepeatFigures(completed=True, first_text_s=first, e2e_s=2.2) for first in (0.322, 0.315, 2.14)]
    rows, sentence = medians_of(["1. direct", "2. every 10 tokens", "3. whole"], requests, repeat * 7)
    assert sentence.startswith("Lane 1 “direct” had its first text after 322 ms: 6.6× sooner than lane 3 “whole”")
    assert [row["first × lane 1"] for row in rows] == ["1.0×", "1.0×", "6.6×"]
    assert [row["end × lane 1"] for row in rows] == ["1.0×"] * 3
