"""No string of an event makes a patch that a browser cannot hold, wherever in the event it is."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from streaming.core.events import (
    ApiEvent,
    Attempt,
    CheckpointSaved,
    Custom,
    Debug,
    Ended,
    Event,
    Fallback,
    LogEntry,
    Notice,
    Pending,
    ProviderStep,
    Started,
    TaskEnded,
    TaskStarted,
    Token,
    ToolCalled,
    Updates,
    Values,
)
from streaming.core.serialization import to_json
from streaming.live.patches import VIEWS
from streaming.live.text_feeds import MOST_ANSWER
from streaming.live.view import patches_of
from streaming.projections.bounds import MOST_TEXT, Bounds

LONG = "ä" * 300_000
LARGEST_PATCH = 60_000
TEXTS = {("Token", "text"), ("Token", "reasoning"), ("Token", "tool_calls"), ("ApiEvent", "text")}
"""Fields that hold text of a message, which has a maximum of its own."""

ORDINARY: tuple[Event, ...] = (
    Notice(text="waiting"),
    Attempt(number=2, of=3, reason="busy", pause_s=0.1),
    Fallback(reason="refused", to="scripted"),
    ProviderStep(text="closes"),
    Started(thread_id="t"),
    Values(ns=(), state={"a": "b"}, interrupts=({"value": "why"},)),
    Updates(ns=(), deltas={"write": {"a": "b"}}),
    Token(
        ns=("n:1",),
        message_id="m",
        node="write",
        role="ai",
        text="word",
        reasoning="hm",
        tags=("draft",),
        tool_calls=({"index": 0, "id": "c", "name": "search", "args": "{}"},),
        finish_reason="odd",
        content=({"type": "image", "mime_type": "image/png", "base64": "aa"},),
    ),
    Custom(ns=(), data={"kind": "progress", "step": "n", "status": "s", "fraction": "40%", "name": "n"}),
    Custom(ns=(), data={"kind": "span", "name": "n", "state": "failed", "error": "e"}),
    TaskStarted(ns=(), task_id="t", node="write", input={"a": "b"}, triggers=("start",)),
    TaskEnded(ns=(), task_id="t", node="write", result={"a": "b"}, error="boom", interrupts=({"value": "why"},)),
    CheckpointSaved(ns=(), checkpoint_id="c", parent_id="p", source="loop", step=1, values={"a": "b"}, next=("write",)),
    Debug(ns=(), step=1, timestamp="t", type="task", payload={"id": "t", "name": "write", "error": "e"}),
    Debug(ns=(), step=1, timestamp="t", type="checkpoint", payload={"next": ["write"], "values": {"a": "b"}}),
    ToolCalled(ns=(), call_id="c", step="finished", tool="search", data={"content": "found", "status": "ok"}),
    ApiEvent(ns=(), name="on_chat", node="write", shape="{}", text="x", message_id="a", data={"a": "b"}),
    Ended(
        outcome="failed",
        reason="r",
        advice="a",
        error="E",
        checkpoint_id="c",
        pending=(Pending(id="i", node="write", value="why"),),
        next=("write",),
        cut=("m",),
    ),
)


def with_long_strings(value: Any) -> Iterator[Any]:
    """The value, each time with another one of its strings, at any depth, or name of a field made long."""
    match value:
        case str() if value not in ("progress", "span"):
            yield LONG
        case dict():
            for name, item in value.items():
                yield from ({**value, name: other} for other in with_long_strings(item))
                if name not in ("kind", "next", "index"):
                    yield {LONG if key == name else key: kept for key, kept in value.items()}
        case tuple() | list():
            for index, item in enumerate(value):
                for other in with_long_strings(item):
                    yield type(value)([*value[:index], other, *value[index + 1 :]])
        case Pending():
            for item in fields(value):
                yield from (
                    replace(value, **{item.name: other}) for other in with_long_strings(getattr(value, item.name))
                )
        case _:
            pass


def long_events() -> Iterator[Any]:
    for event in ORDINARY:
        for item in fields(event):
            if item.name in ("kind", "role", "outcome", "type", "step") or (type(event).__name__, item.name) in TEXTS:
                continue
            for number, value in enumerate(with_long_strings(getattr(event, item.name))):
                yield pytest.param(replace(event, **{item.name: value}), id=f"{event.kind}-{item.name}-{number}")


def patch_sizes(events: list[Event]) -> list[int]:
    entries = [LogEntry(seq=seq, t=seq / 10, event=event, size=10) for seq, event in enumerate(events)]
    found = [patch for _, changes in patches_of(entries, about={}, views=VIEWS) for patch in changes]
    assert all(len(patch[1]) <= MOST_ANSWER + 60 for patch in found if patch[0] == "answer")
    return [len(to_json(patch)) for patch in found if patch[0] != "answer"]


@pytest.mark.parametrize("event", list(long_events()))
def test_a_long_string_anywhere_in_an_event_gives_small_patches(event: Event) -> None:
    opening = [] if isinstance(event, Token | Ended) else [ORDINARY[7]]
    end = [] if isinstance(event, Ended) else [ORDINARY[-1]]
    assert max(patch_sizes([*opening, event, *end])) < LARGEST_PATCH


@pytest.mark.parametrize("name", ["text", "reasoning", "tool_calls"])
def test_all_text_of_a_run_has_a_maximum_that_is_said(name: str) -> None:
    piece: Any = ({"index": 0, "id": "c", "name": "search", "args": LONG},) if name == "tool_calls" else LONG
    fat = replace(ORDINARY[7], text="", reasoning="", tool_calls=())
    assert isinstance(fat, Token)
    bounds = Bounds()
    events = [replace(fat, **{name: piece}) for _ in range(10)]
    for event in events:
        bounds.bounded(LogEntry(seq=0, t=0, event=event))
    assert f"the first 2,000,000 of {10 * len(LONG):,} characters of text" in bounds.sentence
    assert sum(patch_sizes([*events, ORDINARY[-1]])) < 2 * MOST_TEXT + 4 * LARGEST_PATCH


def test_a_long_name_is_cut_and_said() -> None:
    bounds = Bounds()
    entry = LogEntry(seq=0, t=0, event=replace(ORDINARY[10], node=LONG))
    assert bounds.bounded(bounds.shortened(entry)) is not entry
    assert "the first 4,000 of 300,000 characters of one line" in bounds.sentence
