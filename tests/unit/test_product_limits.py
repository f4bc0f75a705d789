"""Everything that reads a run works at the limits of a run, gives a bounded result, and says what it leaves out."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from rich.console import Console
from streamlit.testing.v1 import AppTest

from components.charts.gaps import MOST_GAPS, gaps_chart
from components.features.report import html_report
from streaming import projections
from streaming.analysis.diagnosis.rules import diagnose
from streaming.analysis.insights import run_insights
from streaming.analysis.mode_summary import mode_summaries
from streaming.cli.exporting import export
from streaming.cli.panels import draw_figures, draw_timeline
from streaming.core.serialization import to_json
from streaming.live.patches import VIEWS
from streaming.live.view import patches_of
from streaming.notebook import RunDisplay
from streaming.projections.base import apply_all
from streaming.projections.bounds import bounded_log
from streaming.projections.inferences import Inferences, ModelName
from streaming.projections.json_table import JsonTable
from streaming.projections.metrics import MetricsCollector
from streaming.recordings.export import export_recording
from streaming.recordings.format import MAX_BYTES, Recording, dump_recording, load_recording
from streaming.storage.run_store import RunStore
from streaming.wires.base import RunFacts
from streaming.wires.catalogue import WIRES
from streaming.wires.figures import wire_figures
from tests.support import limit_runs

MB = 1_000_000
Log = Callable[[], Recording]


@pytest.fixture(scope="module")
def busy() -> Recording:
    """200,000 events of all kinds."""
    return limit_runs.many_events()


@pytest.fixture(scope="module")
def long_answer() -> Recording:
    """200,000 pieces of one answer."""
    return limit_runs.one_answer()


@pytest.fixture(scope="module")
def fat() -> Recording:
    """20 MB in a few events."""
    return limit_runs.large_values()


@pytest.fixture(scope="module", params=["busy", "long_answer", "fat"])
def run(request: pytest.FixtureRequest) -> Recording:
    """Each of them."""
    recording: Recording = request.getfixturevalue(request.param)
    return recording


def all_projections() -> list[Any]:
    """One of every projection."""
    found: list[Any] = [
        Inferences(requested=ModelName(provider="scripted", name="scripted")),
        JsonTable(tag="draft"),
    ]
    for module in iter_modules(projections.__path__):
        content = import_module(f"{projections.__name__}.{module.name}")
        kinds = [
            kind for kind in vars(content).values() if inspect.isclass(kind) and kind.__module__ == content.__name__
        ]
        found += [
            kind()
            for kind in kinds
            if hasattr(kind, "apply") and kind.__name__ not in ("Projection", "Inferences", "JsonTable")
        ]
    return found


def test_the_logs_are_at_the_limits(run: Recording) -> None:
    limits = limit_runs.MOST_EVENTS, limit_runs.MOST_BYTES
    assert len(run.events) == limits[0] or sum(len(to_json(entry.event)) for entry in run.events) > 0.9 * limits[1]
    assert sum(entry.size for entry in run.events) <= limits[1]


def test_every_projection_takes_it(run: Recording) -> None:
    found = all_projections()
    assert len(found) > 20
    for projection in found:
        apply_all(projection, run.events)


def test_the_patches_of_a_view_are_bounded(busy: Recording, fat: Recording) -> None:
    for run in (busy, fat):
        said: list[Any] = []
        total, largest = 0, 0
        for _, changes in patches_of(run.events, about={"prompt": run.header.prompt}, views=VIEWS):
            size = len(to_json(changes))
            total, largest = total + size, max(largest, size)
            said += [patch[1]["bounded"] for patch in changes if patch[0] == "run" and "bounded" in patch[1]]
        assert total < 60 * MB
        assert largest < 5 * MB
        assert said
        assert "The views show the first" in said[-1]


def test_a_file_of_it_can_be_read_again(run: Recording, tmp_path: Path) -> None:
    source = tmp_path / "run.jsonl"
    source.write_bytes(dump_recording(run))
    assert source.stat().st_size < MAX_BYTES
    assert load_recording(source.read_bytes()) == run


def test_an_exported_file_and_a_row_of_figures_are_bounded(busy: Recording, tmp_path: Path) -> None:
    exported = export_recording(busy)
    assert len(exported) < MAX_BYTES
    header = replace(busy.header, prompt="=" * 500_000)
    source = tmp_path / "run.jsonl"
    source.write_bytes(dump_recording(replace(busy, header=header, events=busy.events[-1:])))
    export(lambda: pytest.fail("no store is needed"), str(source), tmp_path / "run.csv")
    assert (tmp_path / "run.csv").stat().st_size < 40_000


def test_the_history_holds_it(busy: Recording, tmp_path: Path) -> None:
    store = RunStore(f"sqlite:///{tmp_path}/runs.sqlite")
    run_id = busy.header.run_id
    store.begin(run_id, busy.header, owner="", created_at=1.0)
    metrics = apply_all(MetricsCollector(), busy.events).metrics()
    half = len(busy.events) // 2
    for part, events in enumerate((busy.events[:half], busy.events[half:])):
        store.append(run_id, part, events, metrics)
    assert store.recording(run_id) == busy
    store.close()


def test_reports_have_a_maximum_and_say_it(busy: Recording, fat: Recording) -> None:
    for run in (busy, fat):
        report = html_report(run)
        assert len(report) < 4 * MB
        assert "The views show the first" in report


def test_a_chart_of_gaps_shows_the_longest_and_says_so(long_answer: Recording) -> None:
    chart = gaps_chart(long_answer).to_dict()
    assert "the 5,000 longest of" in chart["title"]
    assert sum(map(len, chart["datasets"].values())) == MOST_GAPS


def test_a_notebook_shows_a_part_and_says_so(busy: Recording, fat: Recording) -> None:
    for run in (busy, fat):
        shown = RunDisplay(run)
        assert len(shown._repr_html_()) < MB
        assert len(repr(shown)) < MB
        assert "The views show the first" in repr(shown)


def test_the_command_line_draws_a_part_and_says_so(busy: Recording) -> None:
    with Path("/dev/null").open("w") as nowhere:
        console = Console(record=True, width=120, file=nowhere)
        draw_timeline(console, busy.events)
        draw_figures(console, busy.events)
    text = console.export_text()
    assert len(text) < 50_000
    assert "The first 200 of" in text


def test_advice_and_diagnosis_are_few_sentences(busy: Recording) -> None:
    findings = diagnose(busy.events, modes=busy.header.modes, subgraphs=True)
    sentences = [*run_insights(busy.events), *(finding.sentence for finding in findings)]
    sentences += [summary.use for summary in mode_summaries(busy.events)]
    assert len(sentences) < 50
    assert sum(map(len, sentences)) < 50_000


@pytest.mark.parametrize("name", WIRES)
def test_every_protocol_takes_the_beginning(name: Any, busy: Recording, fat: Recording) -> None:
    facts = RunFacts(run_id="r", thread_id="t", graph="g", model="m", created_at=datetime.now(UTC))
    for run in (busy, fat):
        figures = wire_figures(name, facts, run.events[:5_000], keep=200)
        assert len(figures.first) <= 200
        assert figures.bytes < 100 * MB


def draw_every_view() -> None:
    """Every view of the log of an ended run that Python draws, as a Streamlit script."""
    import streamlit as st

    from components.charts.gaps import gaps_chart
    from components.charts.latency import gantt
    from components.charts.timeline_html import timeline_picture
    from components.features.conditional import final_text, show_share
    from components.features.full_values import cut_state_fields, cut_update_fields, pick_full_value, trace_payloads
    from components.features.mode_lanes import what_each_was_good_for
    from components.features.parallel import branch_table
    from components.features.subgraphs import what_is_lost
    from components.features.tools import call_table
    from components.live.tokens import TokenPane
    from streaming.analysis.event_filter import EventFilter
    from streaming.core.events import MODES, Debug
    from streaming.rendering.flush import FlushStrategy

    shown = st.session_state["recording"]
    events = st.session_state["events"]
    st.html(timeline_picture(events))
    st.altair_chart(gaps_chart(shown))
    gantt(st.container(), events)
    call_table(st.container(), events)
    branch_table(st.container(), events)
    final_text(st.empty(), events, EventFilter())
    show_share(st.empty(), shown.events, EventFilter())
    what_is_lost(st.container(), dict.fromkeys("ab", shown.events))
    what_each_was_good_for(st.container(), shown.events, MODES)
    entries = [(entry, entry.event) for entry in events if isinstance(entry.event, Debug)]
    payloads = trace_payloads(entries)
    for number, values in enumerate((cut_state_fields(events), cut_update_fields(events), payloads)):
        pick_full_value(st.container(), "Value", values, key=f"value{number}", hidden=False)
    TokenPane(st.container(), flush=FlushStrategy(flush="blocks")).consume([events])


def drawn(recording: Recording, **chosen: int) -> tuple[AppTest, int]:
    """The page with every view, and the bytes of its elements."""
    app = AppTest.from_function(draw_every_view, default_timeout=120)
    app.session_state["recording"] = recording
    app.session_state["events"] = bounded_log(recording.events)[0]
    app.run()
    for key, index in chosen.items():
        app.selectbox(key=key).select_index(index).run()
    assert not app.exception, app.exception
    size = 0

    def walk(node: Any) -> None:
        nonlocal size
        proto = getattr(node, "proto", None)
        size += proto.ByteSize() if proto is not None else 0
        for child in getattr(node, "children", {}).values():
            walk(child)

    walk(app._tree)
    return app, size


def test_every_view_that_python_draws_is_bounded_and_says_so(busy: Recording) -> None:
    app, size = drawn(busy)
    captions = " ".join(caption.value for caption in app.caption)
    assert size < 5 * MB
    for sentence in ("The first 200 of", "The first 500 of"):
        assert sentence in captions
    assert all(len(box.options) <= 500 for box in app.selectbox)


def test_a_full_value_is_shown_in_part_where_it_is_too_large(fat: Recording) -> None:
    app, size = drawn(fat, value0=0, value2=0)
    assert size < 5 * MB
    assert any("more characters are not shown" in text.value for text in app.text)
