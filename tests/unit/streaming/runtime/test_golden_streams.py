"""The installed LangGraph sends what was recorded, and the engine makes the recorded events of it."""

import pytest

from streaming.core.events import MODES
from tests.support.golden_streams import CASES, FOLDER, Line, path_of, recorded, streamed

RECORD = "LangGraph sends something else than was recorded: see what changed, then run python -m tools.record_golden"


@pytest.mark.parametrize(("graph", "stream"), CASES, ids=[f"{graph}-{stream}" for graph, stream in CASES])
async def test_langgraph_sends_what_was_recorded(graph: str, stream: str) -> None:
    now, golden = await streamed(graph, stream), recorded(graph, stream)
    for number, (line, expected) in enumerate(zip(now, golden, strict=False), 1):
        assert line == expected, f"{RECORD} (line {number} of {path_of(graph, stream).name})"
    assert len(now) == len(golden), RECORD


def test_every_mode_every_form_and_every_ending_is_recorded() -> None:
    lines: list[Line] = [line for graph, stream in CASES for line in recorded(graph, stream) if stream == "v2"]
    parts = [line["part"] for line in lines if "part" in line]
    assert {part["type"] for part in parts} == {*MODES, "tools"}
    assert any(part["ns"]["<tuple>"] for part in parts), "a subgraph"
    assert {line["raised"]["<type>"] for line in lines if "raised" in line} == {"ValueError"}
    assert set(FOLDER.glob("*.jsonl")) == {path_of(graph, stream) for graph, stream in CASES}
