"""The states of several runs: none hides another."""

from collections.abc import Iterable
from unittest.mock import MagicMock

import pytest
from streamlit.testing.v1 import AppTest

from components.run_panel.status import PACE_S, RunStatus
from streaming.core.events import Custom, LogEntry, Notice, Started, Token
from streaming.projections.metrics import MetricsCollector


def outcomes() -> None:
    import streamlit as st

    from components.run_panel.status import show_outcomes
    from graphs import GRAPHS
    from streaming.core.events import Ended, Fallback, Token
    from streaming.core.model_spec import ModelSpec
    from streaming.core.request import RunRequest
    from streaming.core.run import Run

    ended = {
        "completed": Ended(outcome="completed"),
        "failed": Ended(outcome="failed", reason="The key is wrong.", advice="Enter another."),
    }
    runs = []
    for outcome in st.session_state["outcomes"]:
        request = RunRequest(
            graph=GRAPHS["chat"], model=ModelSpec(provider="scripted"), modes=("messages",), prompt="?"
        )
        run = Run(request, thread_id="t")
        if outcome == "fell back":
            run.append(Fallback(reason=f"refused {len(runs)}", to="scripted"))
            run.append(Token(ns=(), message_id="m", node="n", role="ai", text="x"))
        run.append(ended.get(outcome, Ended(outcome="completed")))
        runs.append(run)
    show_outcomes(runs, chip=st.empty(), message=st.empty())


def shown(*wanted: str) -> AppTest:
    app = AppTest.from_function(outcomes, default_timeout=30)
    app.session_state["outcomes"] = wanted
    app.run()
    assert not app.exception
    return app


def test_a_failure_is_named_before_a_success_that_came_later() -> None:
    app = shown("failed", "completed", "completed")
    badges = ":red-badge[Failed] :gray-badge[1 of 3] :green-badge[Completed] :gray-badge[2 of 3]"
    assert app.markdown[0].value == badges
    assert app.error[0].value == "Run 1 of 3: The key is wrong. Enter another."


def test_runs_that_ended_for_one_reason_give_it_once() -> None:
    app = shown("failed", "completed", "failed")
    assert [error.value for error in app.error] == ["Run 1, 3 of 3: The key is wrong. Enter another."]


def test_a_model_that_did_not_answer_is_named_for_its_own_run_only() -> None:
    app = shown("completed", "fell back", "fell back")
    assert [info.value.partition(", and")[0] for info in app.info] == [
        "Run 2 of 3: The model failed (refused 1)",
        "Run 3 of 3: The model failed (refused 2)",
    ]


def test_a_single_run_has_no_number() -> None:
    app = shown("completed")
    assert app.markdown[0].value == ":green-badge[Completed]"
    assert not app.error


def test_status_sorts_no_figures_at_each_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MetricsCollector, "metrics", lambda self: pytest.fail("asked for all figures"))
    status = RunStatus(MagicMock(ended=None), chip=MagicMock(), message=MagicMock())
    for seq, event in enumerate((Started(thread_id="t"), Token(ns=(), message_id="m", node="n", role="ai", text="x"))):
        status.take(LogEntry(seq=seq, t=0.0, event=event))


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def drawn(batches: Iterable[list[LogEntry]], *, step_s: float) -> list[int]:
    """How often the status had been drawn when the caller got each batch, and at the end."""
    clock, chip = Clock(), MagicMock()
    run = MagicMock(ended=None, age_s=0.0, draining=False)
    status, counts = RunStatus(run, chip=chip, message=MagicMock(), clock=clock), []
    for _ in status.follow(batches):
        counts.append(chip.markdown.call_count)
        clock.now += step_s
    return [*counts, chip.markdown.call_count]


ENTRY = LogEntry(seq=0, t=0.0, event=Custom(ns=(), data={}))


def test_the_caller_draws_a_batch_before_the_status() -> None:
    assert drawn([[ENTRY]], step_s=0.0)[0] == 0


def test_status_is_drawn_at_its_pace_and_at_the_end() -> None:
    assert drawn([[ENTRY]] * 6, step_s=0.6 * PACE_S) == [0, 1, 1, 2, 2, 3, 4]


def test_status_is_drawn_while_nothing_arrives_so_that_a_click_is_noticed() -> None:
    assert drawn([[], [], []], step_s=PACE_S) == [0, 1, 2, 3]


def test_batches_pass_through_unchanged() -> None:
    status = RunStatus(MagicMock(ended=None, age_s=0.0, draining=False), chip=MagicMock(), message=MagicMock())
    assert list(status.follow([[ENTRY], []])) == [[ENTRY], []]


def test_run_that_waits_for_its_turn_is_called_waiting_until_its_graph_starts() -> None:
    chip = MagicMock()
    status = RunStatus(MagicMock(ended=None, age_s=1.0, draining=False), chip=chip, message=MagicMock())
    for event, word in (
        (Notice(text="Server busy."), "gray-badge[Waiting]"),
        (Started(thread_id="t"), "blue-badge[Running]"),
    ):
        status.take(LogEntry(seq=0, t=0.0, event=event))
        status.paint()
        assert word in chip.markdown.call_args.args[0]
