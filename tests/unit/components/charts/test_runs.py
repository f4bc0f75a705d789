"""The charts over many runs: what they plot, and what they leave out."""

from typing import Any

import pandas as pd
import pytest

from components.charts import runs

COLOURS = {"small": "#111111", "large": "#222222"}


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    """Runs with these values, a second apart; the other values are those of any run."""
    usual = {
        "prompt": "p", "graph": "chat", "model": "small", "modes": "messages", "status": "Completed", "ttft_s": 1.0,
        "e2e_s": 2.0, "itl_p95_ms": 9.0, "bytes_by_mode": {"messages": 10}, "tokens_per_s_set": 50.0,
    }  # fmt: skip
    start = pd.Timestamp("2026-01-01", tz="UTC")
    return pd.DataFrame([{"at": start + pd.Timedelta(n, "s"), **usual, **row} for n, row in enumerate(rows)])


def test_every_figure_has_a_title_and_a_plain_one() -> None:
    assert set(runs.TITLES) == set(runs.PLAIN) == set(runs.FIGURES)


def test_the_scatter_has_a_mark_a_run_and_shapes_only_where_the_statuses_differ() -> None:
    def shape(shown: pd.DataFrame) -> Any:
        return runs.scatter_chart(shown, "model", COLOURS).to_dict()["layer"][0]["encoding"]["shape"]["legend"]

    assert shape(table({}, {})) is None
    assert shape(table({}, {"status": "Failed"})) is not None
    chart = runs.scatter_chart(table({}, {}), "model", COLOURS).to_dict()
    assert len(next(iter(chart["datasets"].values()))) == 2
    assert [layer["mark"]["type"] for layer in chart["layer"]] == ["point", "tick", "tick"]


def test_each_group_has_its_colour_and_a_legend_is_only_in_a_file() -> None:
    for legend in (False, True):
        colour = runs.scatter_chart(table({}), "model", COLOURS, legend=legend).to_dict()["layer"][0]["encoding"][
            "color"
        ]
        assert colour["scale"] == {"domain": list(COLOURS), "range": list(COLOURS.values())}
        assert (colour["legend"] is not None) is legend


@pytest.mark.parametrize("draw", [runs.ecdf, runs.boxes, runs.over_time])
def test_a_run_without_the_figure_is_left_out(draw: Any) -> None:
    chart = draw(table({}, {"ttft_s": None}, {"model": "large"}), "ttft_s", "model", COLOURS).to_dict()
    (rows,) = chart["datasets"].values()
    assert [row["ttft_s"] for row in rows] == [1.0, 1.0]


def test_a_group_of_few_runs_has_marks_and_no_box() -> None:
    (marks,) = runs.boxes(table({}), "ttft_s", "model", COLOURS).to_dict()["layer"]
    assert marks["mark"]["type"] == "circle"
    many = table({}, *[{"model": "large"}] * runs.FEWEST_IN_BOX)
    chart = runs.boxes(many, "ttft_s", "model", COLOURS).to_dict()
    box, marks = chart["layer"]
    assert box["mark"]["type"] == "boxplot"
    assert {row["model"] for row in chart["datasets"][box["data"]["name"]]} == {"large"}
    assert len(chart["datasets"][marks["data"]["name"]]) == runs.FEWEST_IN_BOX + 1


def test_the_histogram_counts_the_runs_that_have_the_figure() -> None:
    chart = runs.histogram(table({}, {"e2e_s": None}), "e2e_s").to_dict()
    (rows,) = chart["datasets"].values()
    assert rows == [{"e2e_s": 2.0}]
    assert chart["title"] == "Wait for the whole answer"


def test_the_boxes_grow_with_the_number_of_groups() -> None:
    many = table(*({"model": f"m{n}"} for n in range(20)))
    few = runs.boxes(table({}), "ttft_s", "model", COLOURS).to_dict()["height"]
    assert few == 300 < runs.boxes(many, "ttft_s", "model", COLOURS).to_dict()["height"]


def test_times_have_a_date_once_the_runs_are_of_several_days() -> None:
    def time_format(shown: pd.DataFrame) -> str:
        chart = runs.over_time(shown, "ttft_s", "model", COLOURS).to_dict()
        found: str = chart["encoding"]["x"]["axis"]["format"]
        return found

    assert "%Y" not in time_format(table({}, {}))
    assert "%Y" in time_format(table({}, {"at": pd.Timestamp("2026-01-03", tz="UTC")}))
    assert "%Y" not in time_format(table({}).iloc[:0])


def test_the_bytes_of_each_mode_are_a_row_and_runs_without_them_have_none() -> None:
    chart = runs.bytes_by_mode(table({"bytes_by_mode": {"messages": 10, "values": 20}}, {"bytes_by_mode": None}))
    (rows,) = chart.to_dict()["datasets"].values()
    assert rows == [{"mode": "messages", "bytes": 10}, {"mode": "values", "bytes": 20}]
    assert runs.bytes_by_mode(table({"bytes_by_mode": None})).data.empty


def test_an_effect_has_the_setting_in_words() -> None:
    chart = runs.effect(table({}), "ttft_s", "tokens_per_s_set").to_dict()
    assert chart["title"] == "Wait for the first word, by tokens per s set"
    assert chart["encoding"]["x"]["field"] == "tokens_per_s_set"
