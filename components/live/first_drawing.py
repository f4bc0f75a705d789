"""Whether a drawing is the first one of its run: only that one shows when a reader saw its text."""

from streaming.core.events import Token
from streaming.core.run import Run


def is_first_drawing(run: Run, *, has_text: bool) -> bool:
    """Whether a pane that opens now draws this run while it streams, and from its first text on.

    After a reload, in a second tab, or when another page was opened meanwhile, a pane draws at once what had arrived
    before (`has_text`), maybe long ago.
    """
    first = run.take_first_view()
    return run.ended is None and (first or not has_text)


def has_text(run: Run) -> bool:
    """Whether any text of a model has arrived as a token."""
    return any(isinstance(entry.event, Token) and entry.event.text for entry in run.events)
