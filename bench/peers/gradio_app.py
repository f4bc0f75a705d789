"""A chat in Gradio."""

import os
from collections.abc import AsyncIterator
from typing import Any

import gradio

from bench.peers.graph import awords


async def answer(message: str, _history: list[Any]) -> AsyncIterator[str]:
    """Yield the text so far, as Gradio expects it."""
    text = ""
    async for piece in awords(message):
        text += piece
        yield text


# As many answers at once as the other apps allow; by default Gradio writes one at a time.
gradio.ChatInterface(answer, concurrency_limit=None).launch(
    server_name="127.0.0.1", server_port=int(os.environ["PORT"]), quiet=True
)
