"""The download of a page that plays recordings without the app."""

from collections.abc import Sequence
from functools import partial

from components.player.page_that_plays import render_page_that_plays
from components.shell.download import offer_download
from streaming.core.run import short_id
from streaming.recordings.format import Recording


def offer_page_that_plays(recordings: Sequence[tuple[Recording, str]], *, key: str) -> None:
    """A button that downloads these recordings, each with its label, as one HTML file that plays them."""
    names = "-".join(f"{one.header.graph}-{short_id(one.header.run_id)}" for one, _ in recordings)
    offer_download(
        "Download a page that plays",
        partial(render_page_that_plays, recordings),
        f"plays-{names}.html",
        mime="text/html",
        key=key,
        icon=":material/play_circle:",
    )
