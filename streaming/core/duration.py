"""Times as texts: the same digits in a sentence, in a table, and where the player draws them (`assets/format.js`)."""

import math

_SENT_DIGITS = 4
"""Decimals of a time as the player gets it: another rounding before the shown one could change its last digit."""


def duration_text(seconds: float | None) -> str:
    """Seconds in the unit that reads best; a dash where the time is unknown."""
    if seconds is None:
        return "–"
    seconds = round(seconds, _SENT_DIGITS)
    if seconds < 0.9995:
        return f"{_rounded(seconds * 1000)} ms"
    if seconds < 99.95:
        return f"{seconds:.{2 if seconds < 9.995 else 1}f} s"
    return f"{int(seconds // 60)} min {_rounded(seconds % 60)} s"


def _rounded(value: float) -> int:
    """The nearest whole number, as JavaScript rounds: a half goes up, not to the even one."""
    return math.floor(value + 0.5)
