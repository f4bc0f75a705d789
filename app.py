"""The entry: `streamlit run app.py` finds the ASGI app here, with its routes, middleware, lifespan and warm start."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from components.player.routes import PREFIX, player_routes
from components.shell.bursts import Bursts
from components.shell.compressed_files import CompressedFiles
from components.shell.document import DocumentHead
from components.shell.login_wall import LoginWall
from components.shell.owner_cookie import OwnerCookie, visitor_in
from components.shell.security_headers import SecurityHeaders
from components.shell.session import local_only
from components.shell.session_limit import MESSAGE_BYTES, STREAM, SessionLimit
from components.shell.upload_limit import UploadLimit
from streaming.config.open_files import allow_open_files
from streaming.config.settings import unknown_names
from streaming.core.errors import BadSettings
from streaming.core.garbage import GarbageCollection
from streaming.core.loop_watchdog import LoopWatchdog
from streaming.core.request import GraphSource
from streaming.http.client_limit import ClientLimit
from streaming.http.connection_limits import limit_connections
from streaming.http.routes import api_routes
from streaming.services import get_services

SCRIPT = Path(__file__).parent / "components" / "main.py"
SLOW_IMPORTS = (
    "altair",
    "pandas",
    "graphs",
    "components.run_panel.launcher",
    "streaming.providers.resilient_clients",
    "streaming.observability.exporter",
)

# Streamlit puts the script's folder at the head of this list for each script run, and takes it away at its end, unless
# the list has it. An import in another thread that goes through the list at that moment would skip a folder.
sys.path.append(str(SCRIPT.parent))

try:
    services = get_services()
    services.own_graphs.check(all_of_them=False)  # a wrong setting is told before the server starts
    services.remote_graphs  # noqa: B018 - a wrong address is told before the server starts
except BadSettings as error:
    sys.exit(str(error))  # a sentence is easier to read than a traceback


def all_graphs() -> Iterable[GraphSource]:
    """The graphs, for the runs of the history; imported when one is needed, because that takes a second."""
    graphs: Iterable[GraphSource] = import_module("graphs").ALL
    return (*graphs, *services.own_graphs.known(), *services.remote_graphs.found().graphs)


services.graphs.load_by(all_graphs)
limit_connections({STREAM: MESSAGE_BYTES})
allow_open_files()
garbage = GarbageCollection(busy=lambda: services.engine.queue_stats.running > 0)


def warm_up() -> None:
    """Import and open what the first visitor would otherwise wait for."""
    for name in SLOW_IMPORTS:
        import_module(name)
    services.warm_up()
    services.remote_graphs.found()
    garbage.start()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    """Start the embedded model with the server, and close everything when the server stops."""
    for warning in (*unknown_names(), *services.own_graphs.troubles):
        print(warning, file=sys.stderr)
    services.embedded_model.start()
    Thread(target=warm_up, name="warm-up", daemon=True).start()
    watchdog = LoopWatchdog(asyncio.get_running_loop(), name="server")
    try:
        yield {}
    finally:
        watchdog.stop()
        garbage.close()
        services.close()


app = st.App(
    SCRIPT,
    routes=[*api_routes(services, local_only=local_only), *player_routes()],
    middleware=[
        Middleware(SecurityHeaders),
        # Streamlit checks the host of its WebSocket only.
        Middleware(TrustedHostMiddleware, allowed_hosts=list(st.get_option("server.allowedHosts")) or ["*"]),
        Middleware(
            ClientLimit,
            per_minute=services.settings.api_per_minute,
            trust_proxy=services.settings.trust_proxy,
            # A first visit requests each of the player's modules once.
            exempt=[PREFIX],
        ),
        Middleware(
            SessionLimit,
            most=services.settings.max_sessions,
            visitor_of=lambda request: visitor_in(request, services),
        ),
        Middleware(UploadLimit),
        Middleware(LoginWall, services=services, exempt=[PREFIX]),
        Middleware(OwnerCookie, services=services),
        Middleware(DocumentHead),
        Middleware(CompressedFiles),
        Middleware(Bursts),
    ],
    lifespan=lifespan,
)
