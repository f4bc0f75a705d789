"""Tables in a terminal of any width."""

from io import StringIO

from rich.console import Console

from streaming.cli.history import shown_row
from streaming.cli.panels import draw_table, figures_of, metrics_of
from streaming.core.events import Ended, Updates
from tests.support.events import log

ROWS = [{f"Column {number}": f"value {number} of row {row}" for number in range(9)} for row in range(2)]


def drawn(width: int) -> list[str]:
    console = Console(file=StringIO(), width=width)
    draw_table(console, ROWS)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def test_a_table_becomes_lines_where_its_columns_would_be_a_letter_wide() -> None:
    assert "Column 3: value 3 of row 1" in drawn(40)
    assert "Column 0" in " ".join(drawn(240))
    assert any("value 0 of row 1" in line for line in drawn(80)), "what names a row is whole"
    assert not any("Column 3: " in line for line in drawn(240))


def test_a_whole_answer_has_the_same_ttft_in_the_terminal_as_on_a_page() -> None:
    """A dash, where the page of the same run had a time."""
    whole = log((1.5, Updates(ns=(), deltas={"write": {"answer": "Bees."}})), (1.6, Ended(outcome="completed")))
    assert figures_of(metrics_of(whole))["TTFT"] == "1.50 s"
    told = dict.fromkeys(("id", "graph", "model", "status", "prompt"), "x")
    row = {**told, "created_at": 0, "ttft_s": None, "first_text_s": 1.5, "e2e_s": 1.6, "tokens_per_s": None}
    assert shown_row(row)["TTFT"] == "1.50 s"
