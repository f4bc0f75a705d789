"""Repeats of a race: figures of each lane, and what their progress says."""

from dataclasses import replace

from components.features.race.medians import RepeatFigures, medians_of
from components.features.race.repeats import figures_of, nearest_to_medians, progress_text
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


DRAWN = {"flush": "every N tokens", "every_tokens": "10"}


def test_one_comparison_has_one_number_in_the_sentence_and_in_the_table() -> None:
    asked = [replace(request(QUICK), labels={"flush": "direct"}), replace(request(QUICK), labels=DRAWN)]
    requests = [*asked, replace(asked[0], api="invoke")]
    repeat = [RepeatFigures(completed=True, first_text_s=first, e2e_s=2.2) for first in (0.322, 0.314, 2.14)]
    rows, sentence = medians_of(["1. direct", "2. every 10 tokens", "3. whole"], requests, repeat * 7)
    assert sentence.startswith(
        "Lanes 1 and 2 (the same run, drawn differently) had their first text after 318 ms (314 ms to 322 ms): 6.7× "
        "sooner than lane 3 “whole” with 2.14 s."
    )
    assert "Medians of at least 6 runs each; the intervals have a confidence of at least 9" in sentence
    assert [row["first × lanes 1 and 2"] for row in rows] == ["1.0×", "1.0×", "6.7×"]
    assert [row["end × lanes 1 and 2"] for row in rows] == ["1.0×"] * 3


def test_the_verdict_of_four_lanes_speaks_of_all_of_them() -> None:
    direct, drawn = replace(request(QUICK), labels={"flush": "direct"}), replace(request(QUICK), labels=DRAWN)
    names = ["1. direct", "2. every 10 tokens", "3. whole", "4. direct"]
    requests = [direct, drawn, replace(direct, api="invoke"), direct]
    repeat = [RepeatFigures(completed=True, first_text_s=first, e2e_s=2.2) for first in (0.32, 0.33, 2.14, 0.34)]
    _, sentence = medians_of(names, requests, repeat * 7)
    assert sentence.startswith("Lanes 1, 2 and 4 (the same run, drawn differently) had their first text after 330 ms")
    assert "sooner than lane 3 “whole”" in sentence
    swift = [direct, drawn, replace(direct, prompt="Hi"), replace(direct, api="invoke")]
    repeat = [RepeatFigures(completed=True, first_text_s=first, e2e_s=2.2) for first in (0.32, 0.33, 0.33, 2.14)]
    names = ["1. direct", "2. every 10 tokens", "3. short", "4. whole"]
    assert medians_of(names, swift, repeat * 7)[1].startswith(
        "Between lanes 1 and 2 (the same run, drawn differently; 325 ms, 320 ms to 330 ms) and lane 3 “short” (330 ms) "
        "no difference is shown; they had their first text at least 6.5× sooner than lane 4 “whole” with 2.14 s."
    )


def test_lanes_that_are_alike_in_everything_are_compared_as_such() -> None:
    alike = [replace(request(QUICK), labels={"flush": "direct"})] * 2
    repeat = [RepeatFigures(completed=True, first_text_s=first, e2e_s=2.2) for first in (0.32, 0.33)]
    assert medians_of(["1. direct", "2. direct"], alike, repeat * 7)[1].startswith("No noticeable difference")
