"""An app with nothing but the player, and a socket that plays a made-up run; for the browser tests."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

sys.path.insert(0, str(Path(__file__).parents[4]))

from components.player.routes import player_routes
from tests.browser.player import patches

SCRIPT = Path(__file__).with_name("page.py")
FRAMES: list[list[Any]] = [patches.BEFORE_TEXT, patches.TEXT[:2], patches.TEXT[2:], patches.ENDED]


async def live(socket: WebSocket) -> None:
    """Play the frames from `since` on; a run named `cut…` loses its connection once, after the second frame."""
    await socket.accept()
    async for message in socket.iter_json():
        if run := message.get("follow"):
            since = message["since"]
            for number, frame in enumerate(FRAMES[since:], since):
                await socket.send_json({"run": run, "from": number, "seq": number + 1, "p": frame})
                await asyncio.sleep(0.05)
                if run.startswith("cut") and since == 0 and number == 1:
                    await socket.close(code=1012)
                    return


app = st.App(
    SCRIPT,
    routes=[
        *player_routes(),
        WebSocketRoute("/api/live", live),
        Route("/healthz", lambda request: PlainTextResponse("ok")),
    ],
)
