"""The prompt of a run as it is listed: one short line without keys."""

from streaming.providers.redaction import MAX_READ_CHARS, redact

MAX_CHARS = 300


def one_line(prompt: str) -> str:
    """The prompt on one line, without keys and control characters, cut to `MAX_CHARS`."""
    # A lone surrogate cannot be written to a text column.
    text = redact(prompt, max_chars=MAX_READ_CHARS).encode(errors="replace").decode()
    line = " ".join(text.split())
    return line if len(line) <= MAX_CHARS else line[: MAX_CHARS - 1] + "…"
