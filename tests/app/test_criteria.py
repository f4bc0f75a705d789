"""The success criteria, each checked on a page; those that another module checks are listed with the test that does.

1 token streaming, 2 concurrent retrieval, 3 progress, 4 several modes, 5 production, 6 pitfalls, 7 understanding.
"""

import json
import re
from collections.abc import Mapping

import pytest

from graphs import GRAPHS
from streaming.config.settings import Settings
from streaming.core.events import Custom, Mode, Token
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.services import get_services
from tests.support.app_test import ROOT, assert_completed, events_in, mounts, opened, runs_in, texts
from tests.support.services import Configure

ELSEWHERE: Mapping[str, str] = {
    "1 a typing indicator until the first token; a long answer stays in view": "tests/browser/test_criteria.py::"
    "test_a_long_answer_is_announced_keeps_up_and_stays_in_view",
    "2 collections are searched at the same time, in less than the sum of their times": "tests/app/test_async.py::"
    "test_runs_both_orders_and_shows_what_was_saved",
    "2 an error in one does not stop the others": "tests/app/test_async.py::"
    "test_shows_the_broken_collection_and_answers_without_it",
    "3 progress is on the screen": "tests/support/page_pictures.py::custom_shows_the_progress_and_its_steps",
    "4 no loss of speed against one mode": "tests/app/test_race.py::"
    "test_all_modes_against_one_is_a_preset_whose_verdict_says_what_they_cost",
    "5 at most ten runs a minute, with a visible wait": "tests/browser/test_stop.py::"
    "test_a_run_above_the_limit_of_a_minute_counts_down_and_can_be_stopped",
    "5 an error in a stream keeps the page, and the run can go on": "tests/app/test_faults.py::"
    "test_an_answer_that_is_cut_stays_and_can_be_continued",
    "5 failed streams are retried": "tests/app/test_faults.py::test_a_busy_provider_is_retried_and_the_steps_are_shown",
    "6 the pitfalls, broken and fixed": "tests/app/test_pitfalls.py::test_each_pitfall_is_run_broken_and_fixed",
    "7 five questions": "tests/app/test_pitfalls.py::"
    "test_each_of_the_five_questions_is_answered_and_checked_on_the_page",
}


@pytest.mark.parametrize("criterion", list(ELSEWHERE))
def test_the_criterion_has_its_test(criterion: str) -> None:
    path, _, name = ELSEWHERE[criterion].partition("::")
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), criterion


def test_1_tokens_appear_one_after_the_other_and_not_all_at_once() -> None:
    app = opened("messages", autorun="1", ttft_ms="100", tokens_per_s="200")
    assert_completed(app)
    (run,) = runs_in(app)
    times = [entry.t for entry in run.events if isinstance(entry.event, Token) and entry.event.text]
    assert len(times) > 50
    assert times == sorted(times)
    assert len(set(times)) > len(times) / 2, "each at a time of its own, not held back and sent together"
    assert mounts(app)["tokens"]["runs"] == [run.id]


def test_1_a_later_turn_uses_what_was_said_before() -> None:
    app = opened("messages", flush="blocks", autorun="1", prompt="My name is Ada.")
    app.chat_input(key="say").set_value("What is my name?").run()
    assert_completed(app)
    answer = "".join(event.text for event in events_in(app, Token))
    assert "Ada" in answer


def test_3_the_steps_are_in_order_with_their_times_and_the_answer_still_streams() -> None:
    app = opened("combined", graph="rag", autorun="1")
    assert_completed(app)
    (run,) = runs_in(app)
    steps = [(entry.t, entry.event.data) for entry in run.events if isinstance(entry.event, Custom)]
    names = list(dict.fromkeys(str(data.get("step")).split("_")[0] for _, data in steps if isinstance(data, dict)))
    assert names == ["route", "search", "generate"]
    assert [at for at, _ in steps] == sorted(at for at, _ in steps)
    generating = min(at for at, data in steps if isinstance(data, dict) and data.get("step") == "generate")
    tokens = [entry.t for entry in run.events if isinstance(entry.event, Token) and entry.event.node == "generate"]
    assert len(tokens) > 20
    assert min(tokens) > generating
    shown = mounts(app)
    assert shown["progress"]["runs"] == shown["tokens"]["runs"] == [run.id], "on one page"


def test_3_the_code_prints_the_steps_in_a_terminal() -> None:
    app = opened("custom", graph="report")
    (code,) = [block.value for block in app.code if "stream_mode=" in block.value and "GRAPH" in block.value]
    assert "stream_mode='custom'" in code.replace('"', "'") or "stream_mode=['custom']" in code.replace('"', "'")
    assert 'print(part["type"], part["ns"], part["data"], flush=True)' in code


def test_4_three_modes_are_one_stream_whose_parts_name_their_mode() -> None:
    app = opened("combined", graph="rag", autorun="1")
    assert_completed(app)
    (run,) = runs_in(app)
    wanted: set[Mode] = {"updates", "messages", "custom"}
    assert wanted <= set(run.request.modes)
    kinds = {entry.event.kind for entry in run.events}
    assert wanted <= kinds
    (colours,) = {tuple(sorted(mount["colours"].items())) for mount in mounts(app).values()}
    assert len({dict(colours)[mode] for mode in wanted}) == len(wanted), "each mode has a colour of its own"


def test_4_the_code_prints_each_part_in_a_terminal_with_its_mode_in_a_colour() -> None:
    app = opened("combined", graph="rag")
    (code,) = [block.value for block in app.code if "stream_mode=" in block.value and "GRAPH" in block.value]
    assert "part['type']" in code
    assert r"\x1b[" in code
    assert "flush=True" in code


def test_5_a_run_beyond_its_time_limit_is_stopped_and_says_so(configure: Configure) -> None:
    assert Settings.model_fields["hosted_run_s"].default == 30.0
    configure(run_s="0.3")
    app = opened("messages", autorun="1", ttft_ms="100", tokens_per_s="50")
    assert not app.exception
    assert ":orange-badge[Timed out]" in texts(app)
    assert events_in(app, Token), "what had come stays"


def test_5_cancelling_works_and_says_what_it_saved() -> None:
    slow = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=20, tokens=400))
    run = get_services().engine.start(
        RunRequest(graph=GRAPHS["chat"], model=slow, modes=("messages",), prompt="Vanilla", labels={"flush": "direct"})
    )
    for _ in run.follow():
        if run.length > 5:
            run.cancel()
    app = opened("messages", run=run.id)
    assert ":gray-badge[Cancelled]" in texts(app)
    saved = r"Stopped after \d+ chunks of text; its answer could have reached 400 tokens"
    assert re.search(saved, texts(app)), texts(app)


def test_5_tokens_per_second_and_latencies_are_logged_and_can_be_looked_at(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(log_format="json")
    assert_completed(opened("messages", autorun="1", ttft_ms="50", tokens_per_s="500"))
    get_services().run_writer.flush()
    (logged,) = [json.loads(line) for line in capsys.readouterr().err.splitlines() if '"tokens_per_s"' in line]
    (row,) = next(table.value for table in opened("runs").dataframe if "wait_s" in table.value).to_dict("records")
    assert logged["tokens_per_s"] == pytest.approx(row["tokens_per_s"], rel=0.01)
    assert logged["ttft_ms"] == pytest.approx(row["ttft_s"] * 1000, rel=0.01)
    assert logged["e2e_ms"] == pytest.approx(row["e2e_s"] * 1000, rel=0.01)
