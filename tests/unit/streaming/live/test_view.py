"""The fold of a view's patches is what the projections say, at every moment, however the log is cut."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streaming.core.events import Attempt, Custom, Ended, Event, LogEntry, Notice, TaskEnded, TaskStarted, Token
from streaming.live import graph_feeds
from streaming.live.coalescing import coalesce
from streaming.live.folding import View, empty_view, fold
from streaming.live.graph_feeds import CustomFeed
from streaming.live.patches import DEFAULT_VIEWS, VIEWS
from streaming.live.view import RunView, patches_of
from streaming.projections.active_nodes import ActiveNodes
from streaming.projections.arrival import Arrival
from streaming.projections.base import Projection, apply_all
from streaming.projections.branches import Branches
from streaming.projections.custom_spans import CustomSpans
from streaming.projections.event_lanes import EventLanes
from streaming.projections.json_table import JsonTable
from streaming.projections.message_ends import MessageEnds
from streaming.projections.messages import Messages
from streaming.projections.metrics import Metrics, MetricsCollector
from streaming.projections.namespaces import NamespaceTree
from streaming.projections.node_spans import NodeSpans
from streaming.projections.progress import Progress
from streaming.projections.run_state import RunState
from streaming.projections.state_history import StateHistory
from streaming.projections.tool_calls import ToolCalls
from tests.support.event_logs import random_logs

EDGES = [("__start__", "plan", False), ("plan", "write", False), ("write", "__end__", False)]


def view_after(log: Iterable[LogEntry]) -> View:
    """The folded view after these entries, with what is pending."""
    view = RunView(edges=EDGES)
    folded = fold(empty_view(), view.opening())
    for entry in log:
        fold(folded, view.apply(entry))
    return fold(folded, view.pending())


def log_of(*timed: tuple[float, Event]) -> list[LogEntry]:
    return [LogEntry(seq=seq, t=t, event=event, size=10) for seq, (t, event) in enumerate(timed)]


def token(text: str, **fields: Any) -> Token:
    return Token(**{"ns": (), "message_id": "run-1", "node": "n", "role": "ai", "text": text, **fields})


@settings(max_examples=50, deadline=None)
@given(random_logs(), st.data())
def test_the_fold_equals_the_projections_after_any_number_of_entries(log: list[LogEntry], data: st.DataObject) -> None:
    log = log[: data.draw(st.integers(0, len(log)))]
    view = view_after(log)

    def of(projection: Any) -> Any:
        after: Projection = projection
        return apply_all(after, log)

    told = [entry for entry in log if entry.event.kind != "events"]
    messages, ends = apply_all(Messages(), told), apply_all(MessageEnds(), told)
    assert [
        (m["id"], m["text"], m["reasoning"], m["role"], m["ns"], m["ended_at"] is not None)
        for m in view["messages"].values()
    ] == [
        (m.message_id, m.text, m.reasoning, m.role, "|".join(m.ns), m.message_id in ends.ends)
        for m in messages.messages.values()
    ]
    full_id = {alias: m["id"] for alias, m in view["messages"].items()}
    assert [(full_id[alias], offset) for alias, offset in view["turns"]] == apply_all(Arrival(), told).turns
    calls = of(ToolCalls()).calls
    assert sorted((c["id"], c["arguments"], c["state"], c["output"]) for c in view["calls"].values()) == sorted(
        (c.id, c.arguments, c.state, c.output) for c in calls
    )
    spans = of(NodeSpans()).spans
    assert {id: (s["node"], s["state"], s["error"], s["start"], s["end"]) for id, s in view["spans"].items()} == {
        id: (s.node, s.state, s.error, round(s.start, 4), s.end if s.end is None else round(s.end, 4))
        for id, s in spans.items()
    }
    assert {n: s["state"] for n, s in view["own"].items()} == {n: s.state for n, s in of(CustomSpans()).spans.items()}
    lanes = of(EventLanes()).lanes
    assert view["lanes"] == {mode: {n: tuple(b) for n, b in bins.items()} for mode, bins in lanes.items()}
    progress = of(Progress())
    assert len(view["steps"]) == len(progress.steps)
    assert view["bar"].get("fraction") == progress.fraction
    figures = of(MetricsCollector()).metrics()
    for name, value in view["figures"].items():
        assert value == pytest.approx(getattr(figures, name), abs=1e-4), name
    assert view["active"] == sorted(of(ActiveNodes(EDGES)).nodes)
    assert view["finished"] == sorted(of(ActiveNodes(EDGES)).finished)
    left = of(ActiveNodes(EDGES))
    assert view["over"] is False or view["seen"] == {"nodes": sorted(left.seen), "unsure": left.unsure}
    assert [(s["step"], set(s["changed"])) for s in view["states"].get("", [])] == [
        (s.step, set(s.changed)) for s in of(StateHistory()).snapshots if not s.ns
    ]
    assert {path: (n["bytes"], n["chunks"], n["events"]) for path, n in view["namespaces"].items()} == {
        "|".join(n.ns): (n.bytes, n.chunks, dict(n.events)) for n in of(NamespaceTree()).nodes
    }
    assert [b["chunks"] for b in view["branches"].values() if b["chunks"]] == [
        branch.chunks for branch in branches_that_wrote(told, view)
    ]
    state = of(RunState())
    assert view["run"]["status"] == state.status
    assert view["run"].get("notice", "") == state.notice
    assert len(view["faults"]) == len(state.marks)
    assert view["over"] == (state.ended is not None)


def branches_that_wrote(log: list[LogEntry], view: View) -> list[Any]:
    """In the order in which the view came to know them."""
    found = {(b.node, round(b.started_at, 4)): b for b in apply_all(Branches(), log).writing}
    shown = [(b["node"], b["started_at"]) for b in view["branches"].values() if b["chunks"]]
    assert set(shown) == set(found)
    return [found[key] for key in shown]


@settings(max_examples=50, deadline=None)
@given(random_logs(), st.data())
def test_a_snapshot_at_any_entry_and_the_rest_give_the_same_view(log: list[LogEntry], data: st.DataObject) -> None:
    joined = data.draw(st.integers(0, len(log)))
    view = RunView()
    found = [view.opening(), *(view.apply(entry) for entry in log)]
    whole = fold(empty_view(), [patch for batch in found for patch in batch])
    snapshot = coalesce([patch for batch in found[: joined + 1] for patch in batch])
    late = fold(empty_view(), snapshot)
    for batch in found[joined + 1 :]:
        fold(late, batch)
    assert late == whole


@settings(max_examples=50, deadline=None)
@given(random_logs())
def test_pending_patches_may_be_applied_at_any_time_without_harm(log: list[LogEntry]) -> None:
    view, folded = RunView(), empty_view()
    for entry in log:
        fold(folded, view.apply(entry))
        fold(folded, view.pending())
        fold(folded, view.pending())
    assert folded == fold(empty_view(), [p for _, found in patches_of(log, views=VIEWS) for p in found[:]]) | {
        "run": folded["run"],
        "raw": [],
    }


def test_a_table_grows_by_its_changed_rows() -> None:
    pieces = ['[{"a": 1}', ', {"a": 2', '}, {"b": 3}]']
    log = log_of(*((n / 4, token(piece, tags=("data",))) for n, piece in enumerate(pieces)))
    found = [patch for _, batch in patches_of(log) for patch in batch if patch[0] == "rows"]
    assert [(keep, rows) for _, _, keep, rows, _ in found] == [(0, [{"a": 1}]), (1, [{"a": 2}]), (2, [{"b": 3}])]
    assert view_after(log)["tables"]["data"] == {
        "rows": apply_all(JsonTable(tag="data"), log).rows,
        "complete": True,
    }


def test_a_restart_takes_the_message_and_its_tool_call_back() -> None:
    call = {"index": 0, "id": "call-1", "name": "search", "args": '{"q'}
    again = Attempt(number=2, of=3, reason="the answer broke off", pause_s=0.5, dropped=("run-1",))
    log = log_of((0.1, token("Half", tool_calls=(call,))), (0.2, again), (0.9, token("All", message_id="run-2")))
    before, after = view_after(log[:1]), view_after(log)
    assert [m["text"] for m in before["messages"].values()] == ["Half"]
    assert [c["arguments"] for c in before["calls"].values()] == ['{"q']
    assert [m["text"] for m in after["messages"].values()] == ["All"]
    assert after["calls"] == {}
    assert [turn[0] for turn in after["turns"]] == list(after["messages"])


def test_a_message_that_comes_again_under_its_former_id_is_another_message() -> None:
    again = Attempt(number=2, of=3, reason="the answer broke off", pause_s=0, dropped=("run-1",))
    view = view_after(log_of((0.1, token("Half")), (0.2, again), (0.3, token("All"))))
    assert [(alias, m["text"]) for alias, m in view["messages"].items()] == [("m2", "All")]


def test_a_cut_message_says_so_and_a_notice_counts_down() -> None:
    log = log_of(
        (0.5, Notice(text="waiting", wait_s=2.0)),
        (1.0, token("Half")),
        (2.0, Ended(outcome="cancelled", reason="stopped", cut=("run-1",))),
    )
    assert view_after(log[:1])["run"]["notice_until"] == 2.5
    ended = view_after(log)
    assert ended["run"]["notice"] == ""
    assert ended["run"]["status"] == "Cancelled"
    assert ended["messages"]["m1"]["cut"] is True


def test_one_text_patch_a_token_and_paced_figures() -> None:
    live = RunView()
    log = log_of(*((n / 100, token(f"{n} ")) for n in range(100)))
    found = [patch for entry in log for patch in live.apply(entry)]
    ops = [patch[0] for patch in found]
    assert ops.count("text") == 100
    assert 10 <= ops.count("fig") <= 13
    assert 10 <= ops.count("lane") <= 13


def test_figures_of_many_messages_are_computed_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """They go through all messages: at one pace, a recording of 5,000 in turns took half a minute."""
    looked_at: list[int] = []
    metrics = MetricsCollector.metrics

    def counted(collector: MetricsCollector) -> Metrics:
        looked_at.append(collector.messages)
        return metrics(collector)

    monkeypatch.setattr(MetricsCollector, "metrics", counted)
    live = RunView()
    for entry in log_of(*((n / 100, token(f"{n} ", message_id=f"m{n % 2_000}")) for n in range(6_000))):
        live.apply(entry)
    assert looked_at[-1] == 2_000
    assert len(looked_at) < 350, "at a pace of 0.1 s they are 600"


@settings(max_examples=50, deadline=None)
@given(random_logs())
def test_a_recording_shows_at_every_moment_what_is_in_the_log_by_then(log: list[LogEntry]) -> None:
    shown = empty_view()
    entries = list(patches_of(log, views=VIEWS))
    for (t, found), later in zip(entries, [*(t for t, _ in entries[1:]), float("inf")], strict=True):
        fold(shown, found)
        if later == t:
            continue
        past = [entry for entry in log if round(entry.t, 4) <= t]
        figures = apply_all(MetricsCollector(), past).metrics()
        assert shown["figures"].get("events", 0) == figures.events == len(shown["raw"])
        assert shown["figures"].get("bytes", 0) == figures.bytes == sum(row[6] for row in shown["raw"])
        settled = view_after(past)
        for name in ("figures", "lanes", "branches", "namespaces", "kinds", "tables"):
            assert shown[name] == settled[name], name


def test_a_long_recording_stays_small_between_its_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streaming.live.view._SETTLED_ENTRIES", 50)
    log = log_of(*((n / 100, token(f"{n} ")) for n in range(100)), (2.0, Ended(outcome="completed")))
    found = [(t, [patch[0] for patch in batch]) for t, batch in patches_of(log, views=VIEWS)]
    assert sum("fig" in ops for _, ops in found) == 101, "the counts are exact at every moment"
    assert 55 <= sum("ns" in ops for _, ops in found) <= 65
    assert next(ops for t, ops in found if t == 0.99).count("ns") == 1, "a pause follows"


def test_raw_parts_and_arrival_come_only_for_those_who_ask() -> None:
    log = log_of((0.1, token("a")), (0.2, Ended(outcome="completed")))
    assert {"raw", "arrival"}.isdisjoint(DEFAULT_VIEWS)
    assert "raw" not in {patch[0] for _, batch in patches_of(log) for patch in batch}
    rows = [p for _, batch in patches_of(log, views=VIEWS) for p in batch if p[0] == "raw"]
    assert len(rows) == 1, "the engine's own events are no parts"
    ((seq, t, mode, ns, node, text, size, content),) = rows[0][1]
    assert (seq, t, mode, ns, node, text, size) == (0, 0.1, "messages", "", "n", "a", 10)
    assert '"AIMessageChunk"' in content


def test_a_view_that_fails_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CustomFeed, "take", lambda *_: 1 / 0)
    written = Custom(ns=(), data="x")
    view = view_after(log_of((0.1, written), (0.2, token("still here")), (0.3, Ended(outcome="completed"))))
    assert view["messages"]["m1"]["text"] == "still here"
    assert "trouble" in view["run"]
    assert view["over"]


def test_a_span_is_looked_at_only_when_its_own_event_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    fields = graph_feeds._span_fields
    monkeypatch.setattr(graph_feeds, "_span_fields", lambda span: looked.append(span.task_id) or fields(span))
    own = [Custom(ns=(), data={"kind": "span", "name": f"s{n}", "state": "started"}) for n in range(100)]
    tasks = [TaskStarted(ns=(), task_id=f"t{n}", node="n", input=None, triggers=()) for n in range(100)]
    events = [*own, *tasks, Ended(outcome="completed")]
    view = view_after(log_of(*((n / 100, event) for n, event in enumerate(events))))
    assert len(looked) == 2 * (len(own) + len(tasks)) + 1, (
        "at its event and at the end; the first task when the second starts"
    )
    assert {span["state"] for span in (*view["own"].values(), *view["spans"].values())} == {"cut", "cached"}


def test_the_first_of_several_executions_of_a_node_has_its_name_when_the_second_starts() -> None:
    tasks = [
        TaskStarted(ns=(), task_id=f"t{n}", node="think", input={"idea": f"idea {n}"}, triggers=()) for n in range(3)
    ]
    spans = view_after(log_of((0.1, tasks[0]), (0.2, tasks[1]), (0.3, tasks[2])))["spans"]
    assert [span["label"] for span in spans.values()] == [f"think · idea {n}" for n in range(3)]


def test_a_node_that_hands_over_is_drawn_to_the_end_of_the_node_around_it() -> None:
    team = TaskStarted(ns=(), task_id="1", node="team", input=None, triggers=())
    inner = TaskStarted(ns=("team:1",), task_id="2", node="agent", input=None, triggers=())
    over = TaskEnded(ns=(), task_id="1", node="team", result={}, error=None, interrupts=())
    spans = view_after(log_of((0.1, team), (0.2, inner), (0.3, over)))["spans"]
    assert {name: (span["state"], span["end"]) for name, span in spans.items()} == {
        "1": ("done", 0.3),
        "2": ("done", 0.3),
    }


def test_text_that_an_earlier_run_had_received_is_told_apart() -> None:
    view = view_after(
        log_of((0.1, token("old 🍦", kept=True)), (0.5, token("new")), (0.6, token("x", message_id="run-2")))
    )
    lengths = [message.get("kept") for message in view["messages"].values()]
    assert lengths == [len("old ") + 2, None], "as JavaScript counts"


def test_a_run_says_that_an_answer_was_kept_as_it_broke_off() -> None:
    end = (0.9, Ended(outcome="completed"))
    run = view_after(log_of((0.1, token("old 🍦", kept=True)), end))["run"]
    assert (run["kept"], run["answers"]) == (
        True,
        "The answer of n: broke off here, after 5 characters; kept as it is.",
    )
    assert "kept" not in view_after(log_of((0.1, token("old 🍦", kept=True)), (0.5, token("new")), end))["run"]
