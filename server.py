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

from streaming.config.settings import settings
from streaming.core.errors import BadSettings, CheckpointerUnavailable
from streaming.http.client_limit import ClientLimit
from streaming.http.routes import ROUTES
from streaming.observability.exporter import get_telemetry
from streaming.providers.embedded.server import get_embedded_server
from streaming.runtime.engine import get_engine, queue_stats
from streaming.storage.service import close_history, writer_trouble

SLOW_IMPORTS = ("altair", "pandas", "graphs", "components.run_panel.panel", "streaming.providers.resilient")


def warm_up() -> None:
    """Import what the first page would wait for, and open the database that the first run would wait for."""
    for name in SLOW_IMPORTS:
        import_module(name)
    with suppress(CheckpointerUnavailable):  # the first run will say so, to somebody who can read it
        get_engine().prepare()
    writer_trouble()  # opens the history, or remembers why it cannot


@asynccontextmanager
async def lifespan(server: st.App) -> AsyncIterator[dict[str, Any]]:
    """Start the embedded model beside the server, and end it with the server."""
    get_embedded_server().start()
    Thread(target=warm_up, daemon=True).start()
    # A stack, because what cannot be closed must not keep the rest from it. The last one here is the first to close.
    with ExitStack() as closing:
        closing.callback(lambda: get_telemetry(queue_stats).close())
        closing.callback(close_history)
        closing.callback(lambda: get_engine().close())
        closing.callback(lambda: get_embedded_server().stop())
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
