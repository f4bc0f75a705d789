"""The server: the app with its HTTP routes, and everything slow loaded before the first visitor comes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from streaming import lab
from streaming.errors import MemoryUnavailable
from streaming.models import local_server
from streaming.store.history import close_history, trouble

SLOW_IMPORTS = ("altair", "pandas", "graphs", "components.desk", "streaming.models.patient")


async def health(request: Request) -> JSONResponse:
    """200 as soon as the server can take a run; the embedded model's state stands beside it."""
    return JSONResponse({"status": "ok", "model": local_server().state})


def warm_up() -> None:
    """Import what the first page would wait for, and open the database that the first run would wait for."""
    for name in SLOW_IMPORTS:
        import_module(name)
    with suppress(MemoryUnavailable):  # the first run will say so, to somebody who can read it
        lab().prepare()
    trouble()  # opens the history, or remembers why it cannot


@asynccontextmanager
async def lifespan(server: st.App) -> AsyncIterator[dict[str, Any]]:
    """Start the embedded model beside the server, and end it with the server."""
    local_server().start()
    Thread(target=warm_up, daemon=True).start()
    try:
        yield {}
    finally:
        local_server().stop()
        lab().close()
        close_history()


app = st.App(Path(__file__).with_name("app.py"), routes=[Route("/healthz", health)], lifespan=lifespan)
