"""The latency charts show the wait as a part of the whole time."""

from collections.abc import Callable
from typing import Any

import pytest

from components.charts.latency import _bars, _gantt, _gantt_row, _one_bar, _scatter, latency_table, room_of
from components.shell.modes import FAILED_HEX, MODE_HEX
from components.shell.session import PastRun
from streaming.core.events import Ended, Event, Started
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.projections.node_spans import NodeSpan
from tests.support.events import log, token


def past_run(*timed: tuple[float, Event], number: int = 1, flush: str = "direct") -> PastRun:
    metrics = apply_all(MetricsCollector(), log(*timed)).metrics()
    return PastRun(
        run_id="r",
        number=number,
        graph="chat",
        model="m",
        modes="messages",
        flush=flush,
        outcome="Completed",
        wait_s=metrics.wait_s,
        ttft_s=metrics.ttft_s,
        e2e_s=metrics.e2e_s,
        tokens_per_s=metrics.tokens_per_s,
        chunks=metrics.chunks,
    )


def tooltip(chart: Any) -> set[str]:
    drawn = chart.to_dict()
    encoding = (drawn.get("layer") or [drawn])[0]["encoding"]
    return {field["field"] for field in encoding["tooltip"]}


def test_phases_of_a_run_add_up_to_its_e2e_latency() -> None:
    run = past_run(
        (2.0, Started(thread_id="t")), (3.0, token("a")), (7.0, token("b")), (8.0, Ended(outcome="completed"))
    )
    phases = _bars(latency_table([run])).data
    assert dict(zip(phases["phase"], phases["seconds"], strict=True)) == {
        "waiting": 2.0,
        "until first token": 1.0,
        "first token to end": 5.0,
    }
    assert phases["seconds"].sum() == pytest.approx(8.0)
    assert phases["order"].is_monotonic_increasing


def test_the_bar_of_a_single_run_has_room_beside_its_title_axis_and_legend() -> None:
    run = past_run((0.5, Started(thread_id="t")), (1.0, token("a")), (8.0, Ended(outcome="completed")))
    heights = {layer["height"] for layer in _one_bar(latency_table([run])).to_dict()["layer"] if "height" in layer}
    chart = _one_bar(latency_table([run])).to_dict()
    assert min(heights | {chart.get("height", 1000)}) >= 190


def test_failed_span_is_red_and_a_legend_is_there_only_where_it_tells_states_apart() -> None:
    spans = [NodeSpan(task_id="t", node="n", ns=(), start=0.0, end=1.0, state=state) for state in ("done", "failed")]
    rows = [_gantt_row("n", span, 0.0) for span in spans]
    colour = _gantt(rows, title="t").to_dict()["encoding"]["color"]
    assert dict(zip(colour["scale"]["domain"], colour["scale"]["range"], strict=True)) == {
        "done": MODE_HEX["tasks"],
        "failed": FAILED_HEX,
    }
    assert colour["legend"]
    assert _gantt(rows[:1], title="t").to_dict()["encoding"]["color"]["legend"] is None


def test_text_that_streams_has_the_colour_of_its_mode() -> None:
    run = past_run((2.0, Started(thread_id="t")), (3.0, token("a")), (8.0, Ended(outcome="completed")))
    scale = _bars(latency_table([run])).to_dict()["encoding"]["color"]["scale"]
    colours = dict(zip(scale["domain"], scale["range"], strict=True))
    assert colours["first token to end"] == MODE_HEX["messages"]
    assert colours["until first token"] not in MODE_HEX.values()


QUICK = ((0.1, Started(thread_id="t")), (0.2, token("a")), (1.0, Ended(outcome="completed")))


@pytest.mark.parametrize("draw", [_scatter, _bars])
def test_a_mark_names_its_flush_strategy_where_the_runs_differ_in_it(draw: Callable[[Any], Any]) -> None:
    first, same, other = (past_run(*QUICK, number=n, flush=f) for n, f in enumerate(("direct", "direct", "blocks"), 1))
    assert "flush strategy" not in tooltip(draw(latency_table([first, same])))
    assert "flush strategy" in tooltip(draw(latency_table([first, other])))


def test_the_room_is_there_before_the_run_that_makes_a_comparison_has_ended() -> None:
    one = past_run(*QUICK)
    assert room_of([], shown="r") == room_of([one], shown="r") == room_of([one]) == "latency"
    assert room_of([one], shown="next") == room_of([one, one]) == "latency_compared"


def test_an_axis_has_no_label_for_every_few_pixels_of_a_wide_window() -> None:
    assert _one_bar(latency_table([past_run(*QUICK)])).to_dict()["layer"][0]["encoding"]["x"]["axis"]["tickCount"] <= 8
