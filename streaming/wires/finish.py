"""Why an answer ended, in the words that OpenAI uses."""

from typing import Literal

_LENGTH = frozenset({"length", "max_tokens", "max_length", "max_output_tokens", "token_limit", "model_length"})
_FILTER = frozenset({"content_filter", "content_filtered", "safety", "recitation", "blocklist", "prohibited_content"})


def finish_word(reason: str | None) -> Literal["stop", "length", "content_filter"]:
    """The reason of a provider; `stop` for none, for tool calls, which the server has run itself, and for any other."""
    word = (reason or "").rpartition(".")[2].strip().lower().replace("-", "_")
    if word in _LENGTH:
        return "length"
    return "content_filter" if word in _FILTER else "stop"
