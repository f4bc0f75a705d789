"""Light HTML for panels that are redrawn while tokens stream: tables without scripts."""

from collections.abc import Iterable, Sequence

CELL = "padding:.15rem clamp(.3rem,1vw,.8rem) .15rem 0;font-size:.82rem;vertical-align:top"


def html_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, label: str) -> str:
    """A plain table; cells are HTML, so callers must escape untrusted text."""
    head = "".join(f'<th scope="col" style="{CELL};text-align:left">{name}</th>' for name in header)
    body = "".join("<tr>" + "".join(f'<td style="{CELL}">{cell}</td>' for cell in row) + "</tr>" for row in rows)
    return (
        f'<div style="overflow-x:auto" tabindex="0" role="group" aria-label="{label}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
