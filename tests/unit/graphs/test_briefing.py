"""The briefing graph: a table that fills while it streams, and a call that does not stream."""

from streaming.projections.base import apply_all
from streaming.projections.json_table import JsonTable
from streaming.projections.messages import Messages
from streaming.runtime.engine import Engine
from tests.support.graph_runs import run_graph, thread_of


def test_a_table_fills_while_its_json_is_incomplete(engine: Engine) -> None:
    table, widths = JsonTable(tag="data"), []
    for entry in run_graph(engine, "briefing").events:
        table.apply(entry)
        widths.append(sum(len(row) for row in table.rows))
    assert table.complete
    assert len(table.rows) == 3
    assert len(set(widths)) > 5, "it grew cell by cell"
    assert sorted(widths) == widths, "and never shrank"


def test_a_nostream_call_is_in_the_state_and_in_no_token(engine: Engine) -> None:
    run = run_graph(engine, "briefing")
    assert thread_of(engine, run).values["thought"]
    assert "think" not in {message.node for message in apply_all(Messages(), run.events).messages.values()}
