"""A chat in NiceGUI."""

import os

from nicegui import ui

from bench.peers.graph import awords


def page() -> None:
    """An input, and the messages below it."""

    async def send() -> None:
        prompt, text = prompt_input.value, ""
        with messages:
            ui.chat_message(prompt, sent=True)
            with ui.chat_message():
                answer = ui.markdown()
        async for piece in awords(prompt):
            text += piece
            answer.set_content(text)

    prompt_input = ui.input("Ask").on("keydown.enter", send)
    messages = ui.column().classes("w-full")


ui.page("/")(page)
ui.run(host="127.0.0.1", port=int(os.environ["PORT"]), show=False, reload=False)
