"""Figures and untrusted strings as short texts."""

import html
import re


def format_seconds(value: float | None) -> str:
    """Seconds with a sensible unit; a dash where the figure is unknown."""
    if value is None:
        return "–"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def format_bytes(value: float) -> str:
    """Bytes with a sensible unit (1 KB is 1,000 bytes)."""
    if value < 1000:
        return f"{value:.0f} B"
    if value < 1_000_000:
        return f"{value / 1000:.1f} KB" if value < 99_950 else f"{value / 1000:.0f} KB"
    return f"{value / 1_000_000:.2f} MB"


def format_rate(value: float | None) -> str:
    """Tokens per second; a dash where the figure is unknown."""
    return "–" if value is None else f"{value:.0f}/s" if value >= 10 else f"{value:.1f}/s"


def truncate(value: str, length: int) -> str:
    """At most `length` characters, with an ellipsis where something is cut off."""
    return value if len(value) <= length else value[: length - 1] + "…"


def escape_html(value: object) -> str:
    """Text for HTML that the app writes itself."""
    return html.escape(str(value), quote=True)


def escape_markdown(value: object) -> str:
    """Text for Markdown that the app writes itself: no mark-up of the value's own comes through."""
    return re.sub(r"([\\`*_{}\[\]()#+!|$:~<>-])", r"\\\1", str(value))


def code(value: object) -> str:
    """An untrusted string as inline code in Markdown: no backtick in it ends the code, no line break ends the line."""
    text = " ".join(str(value).split("\n")).replace("\r", " ")
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    # One space on each side is not shown; without it, backticks at an end would join the fence.
    padding = " " if not text.strip() or "`" in (text[0], text[-1]) else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def round_or_none(value: float | None, digits: int = 3) -> float | None:
    """A figure for a table; unknown stays unknown."""
    return None if value is None else round(value, digits)
