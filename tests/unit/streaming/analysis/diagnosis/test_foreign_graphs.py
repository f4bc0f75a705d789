"""How many causes are named in graphs of other styles, and how often a healthy one is accused.

Of the first set the rules named 17 of 29 causes, with two false alarms, before they were improved by it. Of the second,
written after that, they named 12 of 16 at first sight, with one false alarm. Of the third, written after that again,
they named 7 of 13, with none. Today each is named and none is accused.
"""

from collections.abc import Iterator

import pytest

from streaming.analysis.diagnosis.finding import Thresholds
from streaming.analysis.diagnosis.rules import diagnose
from streaming.own_graphs.worker.code_facts import read_code_facts
from streaming.runtime.engine import Engine
from tests.support.graphs import finish, start
from tests.support.own_graphs.foreign_causes import FOREIGN, Foreign
from tests.support.own_graphs.held_out_causes import HELD_OUT
from tests.support.own_graphs.third_causes import THIRD

QUICK_TO_TELL = Thresholds(silent_s=0.2, finished_s=5.0, blocked_s=0.05, saved_bytes=500)
"""On a busy machine a node that does nothing takes long too: what counts as a wait has tests of its own."""


@pytest.fixture(scope="module")
def shared_engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


@pytest.mark.parametrize("graph", [*FOREIGN, *HELD_OUT, *THIRD], ids=lambda graph: graph.name)
def test_the_cause_of_a_foreign_graph_is_named_and_no_other(shared_engine: Engine, graph: Foreign) -> None:
    run = finish(
        start(
            shared_engine,
            lambda _, saver: graph.build().copy({"checkpointer": saver}),
            graph.given,
            modes=graph.modes,
            subgraphs=graph.subgraphs,
        )
    )
    assert run.ended is not None
    assert run.ended.outcome == "completed", run.ended
    found = diagnose(
        run.events,
        modes=graph.modes,
        subgraphs=graph.subgraphs,
        facts=read_code_facts(graph.build()),
        thresholds=QUICK_TO_TELL,
    )
    assert [finding.cause for finding in found] == ([graph.cause] if graph.cause else []), found
