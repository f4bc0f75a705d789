"""What holds for every graph of the app."""

import re

import pytest

from graphs import GRAPHS, WITH_PROGRESS
from streaming.core.events import MODES, Custom
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.runtime.engine import Engine
from tests.support.graph_runs import SCRIPTED, SPOKEN, WholeModel, final, last_state, parts_of, run_graph


@pytest.mark.parametrize("name", list(GRAPHS))
def test_every_graph_completes_with_messages_and_a_full_state(engine: Engine, name: str) -> None:
    run = run_graph(engine, name)
    assert run.status == "Completed", run.ended
    assert apply_all(Messages(), run.events).answers()
    assert not [value for value in last_state(run).values() if value in ("", [], None)], "a field stayed empty"


@pytest.mark.parametrize("name", list(WITH_PROGRESS))
def test_progress_only_grows_and_ends_at_one(engine: Engine, name: str) -> None:
    said = [entry.event.data for entry in run_graph(engine, name).events if isinstance(entry.event, Custom)]
    fractions = [data["fraction"] for data in said]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", data["at"]) for data in said)


@pytest.mark.parametrize("name", list(GRAPHS))
async def test_every_mode_yields_and_the_last_state_holds_the_streamed_text(name: str) -> None:
    parts = await parts_of(name, SCRIPTED)
    expected = set(MODES) - (set() if GRAPHS[name].writes_custom else {"custom"})
    assert {part["type"] for part in parts} == expected
    said: dict[str, str] = {}
    for chunk, _ in (part["data"] for part in parts if part["type"] == "messages"):
        said[chunk.id] = said.get(chunk.id, "") + chunk.text
    spoken = final(parts)[SPOKEN[name]]
    assert (spoken[-1].text if name == "chat" else spoken) in said.values()


@pytest.mark.parametrize("name", list(GRAPHS))
async def test_a_model_that_cannot_stream_serves_every_graph(name: str) -> None:
    spoken = final(await parts_of(name, WholeModel()))[SPOKEN[name]]
    assert (spoken[-1].text if name == "chat" else spoken) == "It is so [1]."


@pytest.mark.parametrize("name", list(WITH_PROGRESS))
async def test_every_progress_event_counts_within_its_step(name: str) -> None:
    said = [part["data"] for part in await parts_of(name, SCRIPTED) if part["type"] == "custom"]
    assert all(set(data) == {"kind", "step", "done", "total", "status", "fraction", "at"} for data in said)
    assert all(0 <= data["done"] <= data["total"] and 0 < data["fraction"] <= 1 for data in said)
