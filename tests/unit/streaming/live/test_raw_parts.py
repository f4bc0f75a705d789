"""Raw rows show what a bare `graph.astream` of the same graph with the same texts sends, in each stream mode."""

import json
import re
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from graphs import GRAPHS
from streaming.core.events import MODES, Mode
from streaming.core.request import RunRequest
from streaming.core.serialization import to_json
from streaming.live import raw_rows
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.runtime.engine import Engine
from tests.support.graphs import QUICK, finish

OF_A_RUN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}|\d{4}-\d\d-\d\dT[\d:.+]+"
)
"""Ids and times, which differ between two runs."""
SHORTENED = frozenset({"messages", "checkpoints"})
"""Modes whose rows leave out the empty fields of a message, and what each checkpoint's config repeats."""


def without_ids(text: str) -> Any:
    return json.loads(OF_A_RUN.sub("id", text))


async def sent(graph: str, mode: Mode) -> list[Any]:
    """What a bare consumer receives."""
    source = GRAPHS[graph]
    compiled = source.build(ScriptedChatModel(pace=QUICK.pace), checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "0" * 32}}
    modes: Any = [mode]
    parts = compiled.astream(source.to_input("Hello"), config, stream_mode=modes, subgraphs=True, version="v2")
    return [without_ids(to_json(part["data"]).decode()) async for part in parts]


def shown(engine: Engine, graph: str, mode: Mode) -> list[Any]:
    run = finish(engine.start(RunRequest(graph=GRAPHS[graph], model=QUICK, modes=(mode,), prompt="Hello")))
    assert run.status == "Completed"
    return [without_ids(row[7]) for entry in run.events if (row := raw_rows.raw_row(entry)) is not None]


def within(part: Any, whole: Any) -> bool:
    """Whether all of `part` is in `whole`."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name == "…" or (name in whole and within(value, whole[name])) for name, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(within, part, whole))
    return bool(part == whole)


@pytest.mark.parametrize("graph", ["joke", "report"])
@pytest.mark.parametrize("mode", MODES)
async def test_each_row_is_the_part_that_langgraph_sent(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, mode: Mode, graph: str
) -> None:
    monkeypatch.setattr(raw_rows, "MAX_CHARS", 1_000_000)
    bare, rows = await sent(graph, mode), shown(engine, graph, mode)
    assert len(rows) == len(bare)
    if mode not in SHORTENED:
        assert rows == bare
        return
    for row, part in zip(rows, bare, strict=True):
        assert within(row, part), f"{row}\nis not in\n{part}"
