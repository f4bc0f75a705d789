"""No control character of a model reaches the terminal."""

import json

import orjson
import pytest

from streaming.cli.safe_text import one_line, printable, safe_json


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b2J", "\\x9b2J"),
        ("\r\x07\x7f", "\\x0d\\x07\\x7f"),
        ("a\u202eb", "a\\u202eb"),
        ("\ud800", "\\ud800"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("Größe 🐝", "Größe 🐝"),
    ],
)
def test_control_characters_are_escapes_and_other_text_stays(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_line_is_cut_and_has_no_line_feed() -> None:
    assert one_line("a\n b" * 10, 6) == "a ba …"


def test_json_keeps_its_meaning() -> None:
    value = {"text": "\x9b2J\x1b[0m\u202e"}
    line = safe_json(orjson.dumps(value))
    assert line.isascii()
    assert json.loads(line) == value
