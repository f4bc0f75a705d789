"""Views have a maximum that they name: a log from any graph or file makes no view slow or large without an end."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from streaming.core.events import (
    CheckpointSaved,
    Custom,
    Ended,
    Event,
    LogEntry,
    TaskEnded,
    TaskStarted,
    Token,
    ToolCalled,
    Updates,
    Values,
)
from streaming.core.serialization import to_json
from streaming.live.folding import View, empty_view, fold
from streaming.live.patches import VIEWS
from streaming.live.view import patches_of
from streaming.projections import bounds
from streaming.projections.json_table import MAX_TEXT, JsonTable

MANY = 3_000
LARGEST_VIEW_BYTES = 16_000_000
"""Patches of a log with 3,000 things of one kind: proportional to what is shown, not to its square."""


def log(events: Sequence[Event]) -> list[LogEntry]:
    return [
        LogEntry(seq=seq, t=seq / 100, event=event, size=10)
        for seq, event in enumerate([*events, Ended(outcome="completed")])
    ]


def view_of(events: Sequence[Event]) -> tuple[View, int]:
    """The view after these events, and the bytes of its patches."""
    view, size = empty_view(), 0
    for entry in patches_of(log(events), views=VIEWS):
        fold(view, entry[1])
        size += len(to_json(entry))
    return view, size


def token(message_id: str = "m", *, ns: tuple[str, ...] = (), **fields: Any) -> Token:
    return Token(ns=ns, message_id=message_id, node="write", role="ai", text="word ", **fields)


def started(number: int, node: str = "write") -> TaskStarted:
    return TaskStarted(ns=(), task_id=f"t{number}", node=node, input={}, triggers=())


def ended(number: int, node: str = "write") -> TaskEnded:
    return TaskEnded(ns=(), task_id=f"t{number}", node=node, result={}, error=None, interrupts=())


def fields(count: int) -> dict[str, int]:
    return {f"f{number}": number for number in range(count)}


MANY_THINGS: dict[str, tuple[Callable[[], list[Event]], str]] = {
    "namespaces": (lambda: [token(ns=(f"n{number}:1",)) for number in range(MANY)], "500 of 3,000 namespaces"),
    "graphs inside graphs": (
        lambda: [token(ns=tuple(f"n{k}:1" for k in range(depth))) for depth in range(1, 60)],
        "namespaces",
    ),
    "messages": (lambda: [token(f"m{number}") for number in range(MANY)], "2,000 of 3,000 messages"),
    "node names": (lambda: [started(number, f"n{number}") for number in range(MANY)], "500 of 3,000 nodes"),
    "executions": (
        lambda: [event for number in range(MANY) for event in (started(number), ended(number))],
        "2,000 of 3,000 executions of nodes",
    ),
    "cached executions": (
        lambda: [*map(started, range(MANY)), *(Updates(ns=(), deltas={"other": {}}, cached=True) for _ in range(MANY))],
        "2,000 of 3,000 executions of nodes",
    ),
    "tool calls": (
        lambda: [ToolCalled(ns=(), call_id=f"c{number}", step="started", tool="t") for number in range(MANY)],
        "2,000 of 3,000 tool calls",
    ),
    "fields of a state": (lambda: [Values(ns=(), state=fields(50_000))], "2,000 of 50,000 fields"),
    "fields of an update": (lambda: [Updates(ns=(), deltas={"write": fields(50_000)})], "2,000 of 50,000 fields"),
    "nodes of an update": (lambda: [Updates(ns=(), deltas=fields(50_000))], "500 of 50,000 nodes"),
    "fields of a checkpoint": (
        lambda: [
            CheckpointSaved(
                ns=(), checkpoint_id="c", parent_id=None, source="loop", step=1, values=fields(50_000), next=()
            )
        ],
        "2,000 of 50,000 fields",
    ),
    "questions": (
        lambda: [Values(ns=(), state={}, interrupts=tuple({"value": n} for n in range(9_000)))],
        "2,000 of 9,000 items",
    ),
    "spans of a node": (
        lambda: [Custom(ns=(), data={"kind": "span", "name": f"s{n}", "state": "started"}) for n in range(MANY)],
        "500 of 3,000 kinds of events",
    ),
}


@pytest.mark.parametrize("name", MANY_THINGS)
def test_a_view_shows_the_first_of_very_many_and_says_so(name: str) -> None:
    events, sentence = MANY_THINGS[name]
    view, size = view_of(events())
    assert sentence in view["run"]["bounded"]
    assert "the downloaded recording has all" in view["run"]["bounded"]
    assert size < LARGEST_VIEW_BYTES


def test_figures_and_lanes_count_what_the_views_leave_out() -> None:
    view, _ = view_of([token(f"m{number}") for number in range(MANY)])
    assert len(view["messages"]) == bounds.MOST_EXECUTIONS
    assert view["figures"]["chunks"] == MANY
    assert sum(count for count, _ in view["lanes"]["messages"].values()) == MANY


def test_what_is_shown_goes_on_when_other_things_are_left_out() -> None:
    view, _ = view_of([token(), *(token(f"m{number}") for number in range(MANY)), token()])
    assert next(iter(view["messages"].values()))["text"] == "word word "


def test_an_ordinary_log_is_taken_as_it_is() -> None:
    entries = log([token(), started(1), Values(ns=(), state=fields(10)), ended(1)])
    limits = bounds.Bounds()
    assert all(limits.bounded(entry) is entry for entry in entries)
    assert not limits.sentence


def test_only_the_calls_that_an_event_changes_are_compared_again(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr("streaming.live.text_feeds.preview", lambda value, *_: compared.append(value))
    view_of([ToolCalled(ns=(), call_id=f"c{number}", step="started", tool="t") for number in range(100)])
    assert len(compared) == 200, "each call once at its start, and once at the end of the run"


def test_a_very_long_table_keeps_the_rows_that_it_had() -> None:
    table = JsonTable(tag="rows")
    row = '{"a": "' + "x" * 1000 + '"},'
    for entry in log(
        [Token(ns=(), message_id="m", node="n", role="ai", text=text, tags=("rows",)) for text in ["[", *[row] * 100]]
    )[:-1]:
        table.apply(entry)
    assert 0 < len(table.rows) <= MAX_TEXT // 1000
