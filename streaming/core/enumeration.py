"""Names in a sentence."""

from collections.abc import Sequence


def listed(names: Sequence[str]) -> str:
    """These names with commas between them, and “and” before the last; there is at least one."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
