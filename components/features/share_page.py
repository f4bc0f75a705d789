"""The download of a page that plays recordings without the app."""

from collections.abc import Sequence
from functools import partial

from components.player.page_that_plays import FirstText, drawn_by, render_page_that_plays
from components.player.replay_mount import TOKENS
from components.shell.download import offer_download
from streaming.core.run import short_id
from streaming.recordings.format import Recording
from streaming.services import get_services


def offer_page_that_plays(
    recordings: Sequence[tuple[Recording, str]],
    *,
    key: str,
    view: str = TOKENS,
    above: str = "",
    firsts: Sequence[FirstText] = (),
) -> None:
    """A button that downloads these recordings, each with its label, as one HTML file that opens in this view.

    `above` and `firsts` are as in `render_page_that_plays`.
    """
    names = "-".join(f"{one.header.graph}-{short_id(one.header.run_id)}" for one, _ in recordings)
    offer_download(
        "Download a page that plays",
        partial(render_page_that_plays, recordings, view=view, above=above, firsts=firsts),
        f"plays-{names}.html",
        mime="text/html",
        key=key,
        icon=":material/play_circle:",
    )


def drawn_at_s(recording: Recording) -> float | None:
    """When the app drew the run's first text, in seconds since submission; `None` if it did not, or nobody saw it."""
    return get_services().run_writer.first_text_s(recording.header.run_id) if drawn_by(recording) else None
