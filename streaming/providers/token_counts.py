"""Token counts as providers send them: what cannot be a count is unknown, and no reason to lose the answer."""

from collections.abc import Mapping
from typing import Any

from streaming.core.token_count import is_token_count

_COUNTS = ("prompt_tokens", "completion_tokens", "input_tokens", "output_tokens", "total_tokens")


def with_sound_usage(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer, or chunk of one, whose `usage` the client can read; without it where one of its sums is no count."""
    usage = answer.get("usage")
    return {**answer, "usage": _sound(usage)} if usage is not None else dict(answer)


def with_sound_groq_usage(chunk: Any) -> Any:
    """The same of a chunk of Groq's, which has its usage in a field of its own."""
    if not isinstance(chunk, Mapping) or chunk.get("x_groq") is None:
        return chunk
    own = chunk["x_groq"]
    return {**chunk, "x_groq": with_sound_usage(own) if isinstance(own, Mapping) else None}


def _sound(usage: Any) -> dict[str, Any] | None:
    if not isinstance(usage, Mapping):
        return None
    if not all(usage.get(name) is None or is_token_count(usage[name]) for name in _COUNTS):
        return None
    details = {name: _counts_of(value) for name, value in usage.items() if name.endswith("_details")}
    return {**usage, **details}


def _counts_of(details: Any) -> dict[str, Any] | None:
    if not isinstance(details, Mapping):
        return None
    return {name: count for name, count in details.items() if is_token_count(count)}
