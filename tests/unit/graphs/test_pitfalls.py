"""The diagnosis names exactly the cause of each planted graph, and is silent for mended and healthy ones."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from graphs import ALL
from graphs.pitfalls import PITFALLS
from graphs.pitfalls.measured import gathering, searching
from graphs.pitfalls.planted import PLANTED, Build, Planted
from graphs.pitfalls.tuples import TUPLES
from streaming.analysis.diagnosis.finding import Finding, Thresholds
from streaming.analysis.diagnosis.rules import diagnose
from streaming.core.events import Mode
from streaming.core.run import Run
from streaming.own_graphs.worker.code_facts import read_code_facts
from streaming.runtime.engine import Engine
from streaming.runtime.run_diagnosis import diagnose_run
from tests.support.graph_runs import run_graph
from tests.support.graphs import finish, start

BLOCKED_S = 0.05
QUICK_TO_TELL = Thresholds(silent_s=0.2, held_s=0.2, blocked_s=BLOCKED_S, saved_bytes=500)
CAUSE_OF = {"other-thread": "lost-context"}


def findings(engine: Engine, planted: Planted, *, fixed: bool) -> list[Finding]:
    build, asked = planted.mended if fixed else planted.broken, planted.asked(fixed)
    return found_in(engine, build, given={}, **asked)


def found_in(
    engine: Engine, build: Build, *, given: Any, modes: Sequence[Mode], subgraphs: bool = True
) -> list[Finding]:
    run: Run = finish(
        start(
            engine,
            lambda _, saver: build().copy({"checkpointer": saver}),
            given,
            modes=tuple(modes),
            subgraphs=subgraphs,
        )
    )
    assert run.ended is not None
    assert run.ended.outcome == "completed", run.ended
    return diagnose(
        run.events,
        modes=modes,
        subgraphs=subgraphs,
        facts=read_code_facts(build()),
        thresholds=QUICK_TO_TELL,
    )


@pytest.mark.parametrize("planted", [*PLANTED, TUPLES], ids=lambda planted: planted.name)
def test_a_planted_cause_is_named_and_the_mended_graph_is_healthy(engine: Engine, planted: Planted) -> None:
    cause = CAUSE_OF.get(planted.name, planted.name)
    found = findings(engine, planted, fixed=False)
    assert [finding.cause for finding in found] == [cause], found
    if cause != "no-messages":
        assert found[0].file is not None
        assert "pitfalls" in found[0].file
    assert findings(engine, planted, fixed=True) == []


def test_sync_code_in_an_async_node_is_named_with_its_line(engine: Engine) -> None:
    def found(*, fixed: bool) -> list[Finding]:
        build = partial(searching, fixed=fixed, seconds=BLOCKED_S)
        return found_in(engine, build, given={}, modes=("updates", "messages"))

    (finding,) = found(fixed=False)
    assert (finding.cause, finding.node) == ("blocking", "write")
    assert finding.file is not None
    assert finding.line is not None
    assert "time.sleep(seconds)" in Path(finding.file).read_text(encoding="utf-8").splitlines()[finding.line - 1]
    assert found(fixed=True) == []


def test_the_whole_state_is_named_where_the_changes_would_do(engine: Engine) -> None:
    given: dict[str, Any] = {"documents": []}
    (finding,) = found_in(engine, gathering, given=given, modes=("values", "messages"))
    assert finding.cause == "values"
    assert finding.saved_bytes is not None
    assert finding.saved_bytes > 500
    assert found_in(engine, gathering, given=given, modes=("updates", "messages")) == []


@pytest.mark.parametrize("name", [graph.name for graph in ALL])
def test_the_graphs_of_the_app_are_healthy(engine: Engine, name: str) -> None:
    run = run_graph(engine, name)
    assert diagnose_run(run) == []


def test_the_readme_counts_the_pitfalls() -> None:
    readme = Path(__file__).parents[3] / "README.md"
    assert f"| `/pitfalls` | {len(PITFALLS)} mistakes " in readme.read_text(encoding="utf-8")


def test_links_to_pitfalls_are_unique_and_each_has_its_code_both_ways() -> None:
    names = [pitfall.name for pitfall in PITFALLS]
    assert len(names) == len(set(names))
    for pitfall in PITFALLS:
        compile(pitfall.wrong, pitfall.name, "exec", flags=0x2000)
        compile(pitfall.right, pitfall.name, "exec", flags=0x2000)
