"""Graphs by name: one that was missing is looked for again after some seconds."""

import pytest

from graphs import GRAPHS
from streaming.core.errors import UnknownGraph
from streaming.core.request import RunRequest
from streaming.runtime.engine import Engine
from streaming.runtime.known_graphs import FRESH_S, MISSED_S, KnownGraphs
from tests.support.graphs import QUICK, finish


def test_a_graph_whose_server_was_down_is_found_later() -> None:
    now, up, loads = [0.0], [False], [0]

    def load() -> list[object]:
        loads[0] += 1
        return [GRAPHS["chat"]] if up[0] else []

    known = KnownGraphs(clock=lambda: now[0])
    known.load_by(load)  # type: ignore[arg-type]
    with pytest.raises(UnknownGraph):
        known.find("chat")
    up[0] = True
    with pytest.raises(UnknownGraph):
        known.find("chat")
    now[0] += MISSED_S + 1
    assert known.find("chat") is GRAPHS["chat"]
    assert loads[0] == 2
    now[0] += 1_000
    assert known.find("chat") is GRAPHS["chat"]
    assert loads[0] == 2, "a graph that is known is loaded once"
    up[0] = False
    assert known.names() == []
    assert loads[0] == 3
    now[0] += FRESH_S - 1
    assert known.names() == []
    assert loads[0] == 3


def test_a_run_of_a_graph_that_is_not_here_ends_with_that_reason_instead_of_never() -> None:
    engine = Engine()
    try:
        request = RunRequest(graph=KnownGraphs().named("gone"), model=QUICK, modes=("updates",), prompt="Bees")
        ended = finish(engine.start(request)).ended
    finally:
        engine.close()
    assert ended is not None
    assert ended.outcome == "failed"
    assert "no graph named “gone”" in ended.reason
