"""One colour for each group of runs, the same in all charts, with one legend outside of them."""

from collections.abc import Mapping

import pandas as pd

from components.shell.format import escape_html, truncate

PALETTE = (
    *("#4f6df5", "#0f9d76", "#d97706", "#c026a3", "#0891b2", "#8b5cf6"),
    *("#84500f", "#65a30d", "#b45309", "#db2777"),
)
"""Mid-tones that are readable on a light and on a dark page; red is for failures alone."""
OTHER = "#8a90a2"
"""The colour of all groups beyond the palette: a colour that is used twice would say that two groups are one."""
_MAX_CHARS = 48


def colours_by_group(table: pd.DataFrame, group: str) -> dict[str, str]:
    """A colour for each value of this column, the groups with most runs first; the palette's rest shares one grey."""
    names = table[group].value_counts().index
    return {str(name): PALETTE[n] if n < len(PALETTE) else OTHER for n, name in enumerate(names)}


def legend_html(colours: Mapping[str, str]) -> str:
    """The legend as a row that wraps; groups without a colour of their own are counted, not listed."""
    items = [
        f'<span style="white-space:nowrap"><span aria-hidden="true" style="color:{colour}">●</span> '
        f'<span title="{escape_html(name)}">{escape_html(truncate(name, _MAX_CHARS))}</span></span>'
        for name, colour in colours.items()
        if colour != OTHER
    ]
    if others := sum(colour == OTHER for colour in colours.values()):
        items.append(f'<span><span aria-hidden="true" style="color:{OTHER}">●</span> {others} more</span>')
    return f'<div style="display:flex;flex-wrap:wrap;gap:0.1rem 1rem;font-size:0.875rem">{"".join(items)}</div>'
