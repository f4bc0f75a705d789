"""The server: the app with its HTTP routes, and everything slow loaded before the first visitor comes."""

import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from streaming import lab
from streaming.errors import BadSettings, MemoryUnavailable
from streaming.lab import load
from streaming.models import local_server
from streaming.settings import settings
from streaming.store.history import close_history, trouble
from streaming.telemetry import telemetry
from streaming.web import ROUTES, ClientLimit

SLOW_IMPORTS = ("altair", "pandas", "graphs", "components.desk", "streaming.models.patient")


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
    # A stack, because what cannot be closed must not keep the rest from it. The last one here is the first to close.
    with ExitStack() as closing:
        closing.callback(lambda: telemetry(load).close())
        closing.callback(close_history)
        closing.callback(lambda: lab().close())
        closing.callback(lambda: local_server().stop())
        yield {}


try:
    said = settings()
except BadSettings as error:
    sys.exit(str(error))  # a sentence, where a traceback would bury it

app = st.App(
    Path(__file__).with_name("app.py"),
    routes=ROUTES,
    # Streamlit checks the host of its WebSocket only.
    middleware=[
        Middleware(TrustedHostMiddleware, allowed_hosts=list(st.get_option("server.allowedHosts")) or ["*"]),
        Middleware(ClientLimit, most=said.api_per_minute, trust_proxy=said.trust_proxy),
    ],
    lifespan=lifespan,
)
