"""Repeats of a race: figures of each lane, and a loop that notices clicks."""

from typing import Any

import pytest

from components.features.race.lane import Lane
from components.features.race.repeats import RepeatFigures, figures_of, show_progress
from graphs import GRAPHS
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.rendering.flush import FlushStrategy
from streaming.runtime.engine import Engine
from tests.support.graphs import QUICK, finish

SILENT = ModelSpec(provider="scripted", pace=Pace(ttft_ms=60_000))


class Click(BaseException):
    """What Streamlit raises in a drawing call after a click."""


class Bar:
    """A progress bar whose third drawing finds a click."""

    def __init__(self) -> None:
        self.drawn: list[tuple[float, str]] = []

    def progress(self, value: float, text: str) -> None:
        self.drawn.append((value, text))
        if len(self.drawn) == 3:
            raise Click


def request(model: ModelSpec) -> RunRequest:
    return RunRequest(graph=GRAPHS["chat"], model=model, modes=("messages",), prompt="Hello")


def test_a_click_is_noticed_while_a_run_has_sent_nothing_yet(engine: Engine) -> None:
    bar = Bar()
    figures = RepeatFigures(completed=False, first_text_s=None, e2e_s=None)
    sequence = engine.start_sequence([request(SILENT)] * 4, measure=lambda position, run: figures)
    looking: Any = bar
    with pytest.raises(Click):
        show_progress(sequence, looking, tick_s=0.01)
    assert bar.drawn == [(0.0, "Run 1 of 4")] * 3
    assert not sequence.ended, "the run was still at work"
    sequence.cancel()


def test_the_figures_of_a_repeat_are_those_of_its_run(engine: Engine) -> None:
    lane = Lane(name="1", configuration="", request=request(QUICK), flush=FlushStrategy())
    run = finish(engine.start(lane.request))
    figures = figures_of(lane, run)
    assert figures.completed
    assert figures.first_text_s is not None
    assert figures.e2e_s is not None
    assert figures.first_text_s <= figures.e2e_s
