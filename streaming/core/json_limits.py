"""The most values of one piece of JSON that comes from outside: its parser keeps the interpreter until it is done."""

import re

MAX_CONTAINERS = 100_000
"""Objects and lists of one piece: to parse so many with three fields each takes 50 ms."""
MAX_VALUES = 300_000
TOO_MANY = f"more than {MAX_CONTAINERS:,} objects and lists, or {MAX_VALUES:,} values"
"""What is wrong with a piece, for a sentence."""

_STRING_OR_SIGN = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[{,]', re.DOTALL)
_REST_OF_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_READ_BYTES = 65_536
"""Read in one go: a search through one long string would keep the interpreter as a parser does."""


def has_too_many_values(piece: bytes, *, containers: int = MAX_CONTAINERS, values: int = MAX_VALUES) -> bool:
    """Whether the piece has more than these, without parsing it; other threads have turns meanwhile."""
    if piece.count(b"[") + piece.count(b"{") <= containers and piece.count(b",") <= values:
        return False
    # Signs in texts are none.
    found_at_most = 3 * (containers + values)  # a field has a name, a value and a comma
    start, in_string = 0, False
    while start < len(piece):
        end = start + _READ_BYTES
        if in_string:
            rest = _REST_OF_STRING.match(piece, start, end)
            start = rest.end() if rest else end
            in_string = piece[start : start + 1] != b'"'
            if not in_string:
                start += 1
            elif start >= len(piece) - 1:
                return False
            continue
        for found in _STRING_OR_SIGN.finditer(piece, start, end):
            sign = piece[found.start()]
            containers -= sign in b"[{"
            values -= sign == ord(",")
            found_at_most -= 1
            if min(containers, values, found_at_most) < 0:
                return True
            if found[1] == b"":
                start, in_string = found.end(), True
                break
        else:
            start = end
    return False
