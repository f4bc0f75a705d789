"""When the first text of a run is expected, as the pages tell the player."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from streaming.core.events import Token
from tests.support.app_test import assert_completed, mounts, opened, runs_in


def expected(app: AppTest) -> Any:
    (found,) = mounts(app)["tokens"]["expected"]
    return found


def ttft(app: AppTest) -> float:
    (run,) = runs_in(app)
    return next(entry.t for entry in run.events if isinstance(entry.event, Token) and entry.event.text)


def test_the_pace_of_the_scripted_model_counts_until_there_is_an_earlier_run() -> None:
    app = opened("messages", ttft_ms="40", tokens_per_s="2000", autorun="1")
    assert_completed(app)
    assert expected(app) == {"seconds": 0.04, "basis": "the pace of the scripted model"}
    first = ttft(app)
    app.button(key="run").click().run()
    assert expected(app)["seconds"] == pytest.approx(first)
    assert expected(app)["basis"] == "an earlier run of this graph and model"
    second = ttft(app)
    app.button(key="run").click().run()
    assert expected(app)["seconds"] == pytest.approx((first + second) / 2)
    assert expected(app)["basis"] == "the median of 2 earlier runs of this graph and model"


def test_runs_of_another_pace_are_no_basis() -> None:
    app = opened("messages", ttft_ms="40", tokens_per_s="2000", autorun="1")
    app.number_input(key="ttft_ms").set_value(80)
    app.button(key="run").click().run()
    assert expected(app)["seconds"] == 0.08


def test_the_first_answer_of_an_agent_has_no_countdown_because_its_tools_come_first() -> None:
    app = opened("tools", autorun="1")
    assert mounts(app)["tokens"]["expected"] == [None]
