"""The most values of one piece of JSON that comes from outside: its parser keeps the interpreter until it is done."""

import re

MAX_CONTAINERS = 300_000
"""Objects and lists of one piece."""
MAX_VALUES = 1_000_000
TOO_MANY = f"more than {MAX_CONTAINERS:,} objects and lists, or {MAX_VALUES:,} values"
"""What is wrong with a piece, for a sentence."""

_STRING_OR_SIGN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[{,]', re.DOTALL)


def has_too_many_values(piece: bytes, *, containers: int = MAX_CONTAINERS, values: int = MAX_VALUES) -> bool:
    """Whether the piece has more than these, without parsing it."""
    if piece.count(b"[") + piece.count(b"{") <= containers and piece.count(b",") <= values:
        return False
    # Signs in texts are none. One by one, because one search for all of them would keep the interpreter as well.
    found_at_most = 3 * (containers + values)  # a field has a name, a value and a comma
    for found in _STRING_OR_SIGN.finditer(piece):
        sign = piece[found.start()]
        containers -= sign in b"[{"
        values -= sign == ord(",")
        found_at_most -= 1
        if min(containers, values, found_at_most) < 0:
            return True
    return False
