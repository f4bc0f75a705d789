"""The report graph."""

from streaming.projections.base import apply_all
from streaming.projections.progress import Progress
from streaming.runtime.engine import Engine
from tests.support.graph_runs import run_graph


def test_progress_of_the_report_comes_from_nodes_and_from_a_tool(engine: Engine) -> None:
    steps = {step.step for step in apply_all(Progress(), run_graph(engine, "report").events).steps}
    assert {"plan", "gather", "write", "check", "gather_from"} == steps
