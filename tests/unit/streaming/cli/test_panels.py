"""Tables in a terminal of any width."""

from io import StringIO

from rich.console import Console

from streaming.cli.panels import draw_table

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
