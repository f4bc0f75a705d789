"""HTTP routes beside the app: health, metrics, runs, and recordings to be played."""

import gzip
from asyncio import to_thread
from collections.abc import Callable, Iterable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from streaming.core.errors import BadRecording
from streaming.http.follower_count import FollowerCount
from streaming.http.run_routes import routes_for_runs
from streaming.http.websocket import live_route
from streaming.services import Services

API = "/api/"
MAX_FOLLOWERS = 500
"""Connections that follow runs at the same time; each holds a socket and a buffer, but no thread."""
_PRIVATE = {"Cache-Control": "private, max-age=86400, immutable", "Vary": "Accept-Encoding"}


def api_routes(services: Services, *, local_only: Callable[[], bool] | None = None) -> tuple[BaseRoute, ...]:
    """Health, metrics, runs, and recordings to be played.

    `local_only` says whether the server can be reached from this machine only; by default the setting `exposed` does.
    """

    async def health(_: Request) -> JSONResponse:
        """200 if a run can start, else 503 with the reason. Needs no thread if the last check is young."""
        state = services.health.latest()
        if state is None:
            state = await to_thread(services.health.answer)
        body = {"status": "ok"} if state.ok else {"status": "unavailable", "reason": state.reason}
        history = {"history": state.history} if state.history else {}
        return JSONResponse({**body, **history, "model": state.model}, status_code=200 if state.ok else 503)

    def metrics(_: Request) -> Response:
        """The metrics in Prometheus' text format. A plain function: Starlette calls it in a thread."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        services.telemetry  # noqa: B018 - its instruments exist from here on
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    exposed = services.settings.exposed
    return (
        Route("/healthz", health),
        Route(f"{API}metrics", metrics),
        *routes_for_runs(services, FollowerCount(MAX_FOLLOWERS), local_only=local_only or (lambda: not exposed)),
        _recording_route(services),
        live_route(services),
    )


def _recording_route(services: Services) -> Route:
    def recording(request: Request) -> Response:
        """A recording as patches, which only the session that opened it can name. Starlette calls it in a thread."""
        key, packed = request.path_params["key"], "gzip" in request.headers.get("accept-encoding", "")
        content: Iterable[bytes] | bytes | None
        try:
            content = services.playable_recordings.chunks(key) if packed else services.playable_recordings.content(key)
        except BadRecording as error:
            return JSONResponse({"error": str(error)}, status_code=413)
        if content is None:
            body = {"error": "The server does not hold this recording any more. Reload the page to open it again."}
            return JSONResponse(body, status_code=404)
        if isinstance(content, bytes):
            return Response(gzip.decompress(content), media_type="application/json", headers=_PRIVATE)
        headers = {**_PRIVATE, "Content-Encoding": "gzip"}
        return StreamingResponse(content, media_type="application/json", headers=headers)

    return Route(f"{API}recordings/{{key}}", recording)
