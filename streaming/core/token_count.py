"""Which values can be a number of tokens; providers and graphs send others."""

from typing import Any, TypeGuard

MOST_TOKENS = 10**9
"""Of one answer: more than any model writes, and few enough that sums of them fit into any database."""


def is_token_count(value: Any) -> TypeGuard[int]:
    """Whether a model can have read or written so many tokens."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS
