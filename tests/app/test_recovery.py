"""Which buttons a run that broke off has: those that its graph can keep the promise of."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest


def broken_off(provider: str, outcome: str, answers: "dict[str, Any]") -> None:
    from types import SimpleNamespace
    from typing import Any, cast

    from components.run_panel.recovery import offer_recovery
    from graphs import GRAPHS
    from streaming.core.events import Ended, LogEntry, Started, Token
    from streaming.core.model_spec import ModelSpec
    from streaming.core.request import Resume, RunRequest

    limit: Any = {"max_tokens": None} if provider == "own" else {}
    request = RunRequest(
        graph=GRAPHS["chat"],
        model=ModelSpec(provider=provider, **limit),  # type: ignore[arg-type]
        modes=("messages",),
        resume=Resume(answers=answers),
    )
    token = Token(ns=(), message_id="a", node="answer", role="ai", text="Half an")
    run = SimpleNamespace(
        request=request,
        events=[LogEntry(seq=0, t=0.1, event=token)],
        started=Started(thread_id="t"),
        ended=Ended(outcome=outcome, cut=("a",)),  # type: ignore[arg-type]
    )
    does_nothing = {name: lambda *_: None for name in ("start_retry", "ask_again", "show_continuation")}
    offer_recovery(cast(Any, SimpleNamespace(run=run, runs=[run], **does_nothing)))


@pytest.mark.parametrize(
    ("provider", "outcome", "answers", "buttons"),
    [
        ("scripted", "cancelled", {}, ["continue", "retry", "keep"]),
        ("own", "cancelled", {}, ["retry"]),
        ("own", "failed", {"q": "edit"}, ["retry", "ask_again"]),
    ],
)
def test_a_run_that_broke_off_has_these_buttons(
    provider: str, outcome: str, answers: dict[str, Any], buttons: list[str]
) -> None:
    given = {"provider": provider, "outcome": outcome, "answers": answers}
    app = AppTest.from_function(broken_off, kwargs=given, default_timeout=30).run()
    assert not app.exception
    assert [button.key for button in app.button] == buttons


def stopped(finished: bool) -> None:
    from types import SimpleNamespace
    from typing import Any, cast

    from components.run_panel.recovery import offer_recovery
    from graphs import GRAPHS
    from streaming.core.events import Ended, LogEntry, Started, Values
    from streaming.core.model_spec import ModelSpec
    from streaming.core.request import RunRequest

    request = RunRequest(graph=GRAPHS["report"], model=ModelSpec(provider="scripted"), modes=("values",))
    states = [{"prompt": "x"}, {"prompt": "x", "plan": "y"}][: 1 + finished]
    events = [LogEntry(seq=n, t=0.1, event=Values(ns=(), state=state)) for n, state in enumerate(states)]
    ended = Ended(outcome="cancelled", next=("write",))
    run = SimpleNamespace(request=request, events=events, started=Started(thread_id="t"), ended=ended)
    does_nothing = {name: lambda *_: None for name in ("start_retry", "ask_again", "show_continuation")}
    offer_recovery(cast(Any, SimpleNamespace(run=run, runs=[run], **does_nothing)))


@pytest.mark.parametrize(("finished", "buttons"), [(True, ["retry"]), (False, [])])
def test_a_run_that_was_stopped_between_texts_repeats_the_step_where_others_are_finished(
    finished: bool, buttons: list[str]
) -> None:
    app = AppTest.from_function(stopped, kwargs={"finished": finished}, default_timeout=30).run()
    assert not app.exception
    assert [button.key for button in app.button] == buttons
