"""Only the first drawing of a run that streams is a measurement."""

from datetime import UTC, datetime

from components.live.first_drawing import is_first_drawing
from graphs import GRAPHS
from streaming.core.events import Ended
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Run

REQUEST = RunRequest(graph=GRAPHS["chat"], model=ModelSpec(provider="scripted"), modes=("messages",), prompt="Tea")


def test_the_first_pane_of_a_run_measures_even_if_it_opens_late() -> None:
    assert is_first_drawing(Run(REQUEST, thread_id="t"), has_text=True)


def test_a_second_pane_measures_only_if_nothing_has_arrived_that_the_first_may_have_drawn() -> None:
    run = Run(REQUEST, thread_id="t")
    is_first_drawing(run, has_text=False)
    assert is_first_drawing(run, has_text=False)
    assert not is_first_drawing(run, has_text=True)


def test_a_run_that_has_ended_or_comes_from_the_history_is_drawn_again() -> None:
    run = Run(REQUEST, thread_id="t")
    run.append(Ended(outcome="completed"))
    assert not is_first_drawing(run, has_text=True)
    stored = Run.from_history("a", REQUEST, created_at=datetime.now(UTC))
    assert not is_first_drawing(stored, has_text=True)
