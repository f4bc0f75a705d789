"""Figures and untrusted strings as short texts for the screen."""

import html
import re

from streaming.core.duration import duration_text


def format_seconds(value: float | None) -> str:
    """Seconds with a sensible unit; a dash where the figure is unknown."""
    return duration_text(value)


def format_bytes(value: float) -> str:
    """Bytes with a sensible unit (1 KB is 1,000 bytes)."""
    if value < 1000:
        return f"{value:.0f} B"
    if value < 1_000_000:
        return f"{value / 1000:.1f} KB" if value < 99_950 else f"{value / 1000:.0f} KB"
    return f"{value / 1_000_000:.2f} MB"


def format_rate(value: float | None, unit: str = "") -> str:
    """How many of a unit per second; a dash where the figure is unknown."""
    per_s = f" {unit}/s" if unit else "/s"
    return "–" if value is None else f"{value:.{0 if value >= 10 else 1}f}{per_s}"


def count(number: int, noun: str) -> str:
    """A number with its noun, which takes a plural s unless the number is 1."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def truncate(value: str, length: int) -> str:
    """The text, shortened to `length` characters with an ellipsis if it is longer."""
    return value if len(value) <= length else value[: length - 1] + "…"


def escape_html(value: object) -> str:
    """Escape an untrusted value for HTML."""
    return html.escape(str(value), quote=True)


def escape_markdown(value: object) -> str:
    """Escape an untrusted value for Markdown, so that it is shown as plain text."""
    return re.sub(r"([\\`*_{}\[\]()#+!|$:~<>-])", r"\\\1", str(value))


def code(value: object) -> str:
    """An untrusted string as inline code in Markdown; its backticks and line breaks cannot end the code."""
    text = " ".join(str(value).split("\n")).replace("\r", " ")
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    # Markdown drops one space on each side; without it, a backtick at an end would join the fence.
    padding = " " if not text.strip() or "`" in (text[0], text[-1]) else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def round_or_none(value: float | None, digits: int = 3) -> float | None:
    """A rounded figure for a table; `None` stays `None`."""
    return None if value is None else round(value, digits)
