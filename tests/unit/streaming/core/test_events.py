"""The union `Event` is the only list of event types, and every `match` over events is checked for all of them."""

import ast
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args

import pytest

from streaming.core import events
from streaming.core.events import (
    ENGINE_KINDS,
    EVENT_TYPES,
    BoundaryEvent,
    Ended,
    GraphEvent,
    Mode,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEvent,
    TraceEvent,
)

GROUPS = (ReportEvent, BoundaryEvent, StateEvent, TaskEvent, OutputEvent, TraceEvent)
NAMES = {kind.__name__ for kind in (*EVENT_TYPES, *GROUPS)}
ROOT = Path(__file__).parents[4]


def source_files() -> Iterator[Path]:
    for folder in ("streaming", "components", "graphs", "pages", "bench", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            if "match " in path.read_text():
                yield path.relative_to(ROOT)


def matches_over_events(source: str) -> list[ast.Match]:
    """The `match` statements with a pattern that is an event type or a group of them."""
    return [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Match) and any(_names_event(case.pattern) for case in node.cases)
    ]


def _names_event(pattern: ast.pattern) -> bool:
    classes = [node.cls for node in ast.walk(pattern) if isinstance(node, ast.MatchClass)]
    return any(isinstance(cls, ast.Name) and cls.id in NAMES for cls in classes)


def ends_in_assert_never(match: ast.Match) -> bool:
    last = match.cases[-1]
    # Both `_` and `_ as name` are nothing but `MatchAs`.
    is_default = last.guard is None and all(isinstance(part, ast.MatchAs) for part in ast.walk(last.pattern))
    return is_default and "assert_never(" in ast.unparse(last.body[0])


def test_every_event_class_of_the_module_is_in_the_union() -> None:
    defined = {
        value
        for value in vars(events).values()
        if is_dataclass(value) and isinstance(value, type) and any(item.name == "kind" for item in fields(value))
    }
    assert defined == set(EVENT_TYPES)


def test_events_of_the_graph_have_a_namespace_and_events_of_the_engine_have_none() -> None:
    from_the_graph = set(get_args(GraphEvent))
    for kind in EVENT_TYPES:
        assert any(item.name == "ns" for item in fields(kind)) == (kind in from_the_graph), kind


def test_kinds_of_the_graph_are_the_stream_modes_and_the_event_apis() -> None:
    kinds = {kind.__dataclass_fields__["kind"].default for kind in EVENT_TYPES}
    assert kinds - ENGINE_KINDS == {*get_args(Mode), "events"}
    assert Ended(outcome="completed").kind in ENGINE_KINDS


def test_every_event_type_is_in_exactly_one_group() -> None:
    for kind in EVENT_TYPES:
        assert len([group for group in GROUPS if issubclass(kind, group)]) == 1, kind


@pytest.mark.parametrize("path", sorted(source_files()), ids=str)
def test_every_match_over_events_ends_in_assert_never(path: Path) -> None:
    """With mypy this makes an event of a new group an error wherever it would be ignored without a thought."""
    unchecked = [
        match.lineno for match in matches_over_events((ROOT / path).read_text()) if not ends_in_assert_never(match)
    ]
    assert not unchecked, f"{path}: lines {unchecked}"


def test_a_match_without_assert_never_is_found() -> None:
    open_end, default, checked = matches_over_events(
        "match entry.event:\n    case Token():\n        pass\n"
        "match entry.event:\n    case Attempt() | OutputEvent():\n        pass\n    case _:\n        pass\n"
        "match event:\n    case Token() as token:\n        pass\n    case _ as never:\n        assert_never(never)\n"
        "match text:\n    case 'started':\n        pass\n"
    )
    assert [ends_in_assert_never(match) for match in (open_end, default, checked)] == [False, False, True]
