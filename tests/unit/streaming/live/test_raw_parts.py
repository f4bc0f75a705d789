"""Raw rows are what a bare `graph.astream` of the same graph with the same texts sends, in each stream mode.

A message in a state is compared without its empty fields; a message of the mode `messages` with all of them.
"""

import json
import re
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from graphs import GRAPHS
from streaming.core.events import MODES, Mode
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.core.serialization import to_json
from streaming.live import raw_rows
from streaming.live.raw_rows import SHORT, RawRows, expanded
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.recordings.format import dump_event, load_event
from streaming.runtime.engine import Engine
from tests.support.graphs import QUICK, finish

OF_A_RUN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}|\d{4}-\d\d-\d\dT[\d:.+]+"
)
"""Ids and times, which differ between two runs."""
EVERY_MODE: tuple[Mode, ...] = (*MODES, "tools")


def without_ids(text: str) -> Any:
    return json.loads(OF_A_RUN.sub("id", text))


def as_json(part: dict[str, Any]) -> Any:
    if part["type"] == "messages":
        message, metadata = part["data"]
        return without_ids(to_json([message.model_dump(), metadata]).decode())
    return without_ids(to_json(part if part.get("interrupts") else part["data"]).decode())


async def sent(graph: str, modes: tuple[Mode, ...]) -> list[Any]:
    """What a bare consumer receives."""
    source = GRAPHS[graph]
    compiled = source.build(ScriptedChatModel(pace=QUICK.pace), checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "0" * 32}}
    asked: Any = list(modes)
    parts = compiled.astream(source.to_input("Hello"), config, stream_mode=asked, subgraphs=True, version="v2")
    return [as_json(dict(part)) async for part in parts]


def run_of(engine: Engine, graph: str, modes: tuple[Mode, ...]) -> Run:
    run = finish(engine.start(RunRequest(graph=GRAPHS[graph], model=QUICK, modes=modes, prompt="Hello")))
    assert run.status in ("Completed", "Interrupted")
    return run


@pytest.fixture(autouse=True)
def uncut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_rows, "MAX_CHARS", 1_000_000)


@pytest.mark.parametrize("graph", ["joke", "report", "chat"])
@pytest.mark.parametrize("mode", EVERY_MODE)
async def test_each_row_is_the_part_that_langgraph_sent(engine: Engine, mode: Mode, graph: str) -> None:
    rows, log = RawRows(), run_of(engine, graph, (mode,)).events
    shown = [without_ids(row[7]) for entry in log if (row := rows.whole(entry)) is not None]
    assert shown == await sent(graph, (mode,))


async def test_rows_of_a_stored_run_in_short_expand_to_what_langgraph_sent(engine: Engine) -> None:
    log = [load_event(dump_event(entry)) for entry in run_of(engine, "chat", ("messages",)).events]
    rows, by_seq = RawRows(), dict[int, list[Any]]()
    for entry in log:
        if (row := rows.row(entry)) is not None:
            by_seq[row[0]] = expanded(row, by_seq[row[4]]) if len(row) == SHORT else row
    assert [without_ids(row[7]) for row in by_seq.values()] == await sent("chat", ("messages",))


def test_size_of_a_row_is_that_of_its_json(engine: Engine) -> None:
    rows, log = RawRows(), run_of(engine, "joke", ("messages",)).events
    assert all(row[6] == len(row[7].encode()) for entry in log if (row := rows.whole(entry)) is not None)
