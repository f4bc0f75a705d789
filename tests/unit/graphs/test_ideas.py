"""The ideas graph: parallel branches and their progress."""

import pytest

from streaming.runtime.engine import Engine
from tests.support.graph_runs import WholeModel, last_state, parts_of, run_graph


def test_ideas_think_in_parallel_and_are_merged(engine: Engine) -> None:
    state = last_state(run_graph(engine, "ideas"))
    assert len(state["ideas"]) == 3
    assert state["ranked"]


@pytest.mark.parametrize("slowest", ["cheap", "fun", "quick"])
async def test_progress_never_runs_backwards_whichever_branch_is_last(slowest: str) -> None:
    parts = await parts_of("ideas", WholeModel(slowest=slowest))
    fractions = [part["data"]["fraction"] for part in parts if part["type"] == "custom"]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
