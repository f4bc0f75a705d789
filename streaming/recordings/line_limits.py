"""The most values that one line of a recording holds: its parser and checker keep the interpreter to the end."""

import re

from streaming.core.errors import BadRecording

MAX_CONTAINERS = 300_000
"""Objects and lists of one event."""
MAX_VALUES = 1_000_000

_STRING_OR_SIGN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[{,]', re.DOTALL)


def check_line(line: bytes, *, number: int) -> None:
    """Raise `BadRecording` for a line of JSON with too many values, before it is parsed."""
    containers, values = line.count(b"[") + line.count(b"{"), line.count(b",")
    if containers <= MAX_CONTAINERS and values <= MAX_VALUES:
        return
    # Signs in texts are none; one search for all of them would keep the interpreter as well.
    containers = values = 0
    for found in _STRING_OR_SIGN.finditer(line):
        sign = line[found.start()]
        containers += sign in b"[{"
        values += sign == ord(",")
        if containers > MAX_CONTAINERS or values > MAX_VALUES:
            raise BadRecording(
                f"Line {number} has more than {MAX_CONTAINERS:,} objects and lists, or {MAX_VALUES:,} values.",
                advice="Record a run with smaller states.",
            )
