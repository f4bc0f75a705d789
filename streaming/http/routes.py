"""HTTP routes beside the app: health, metrics, the events of a run, and recordings to be played."""

import gzip
from collections.abc import AsyncIterator
from contextlib import aclosing

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from streaming.core.errors import BadRecording, LabError
from streaming.core.run import Run
from streaming.http.found_run import NO_RUN, find_run
from streaming.http.websocket import live_route
from streaming.recordings.format import dump_event
from streaming.services import Services

API = "/api/"
MAX_FOLLOWERS = 500
"""Connections that follow runs at the same time; each holds a socket and a buffer, but no thread."""
RETRY_AFTER_S = 5
_MAX_DIGITS = 18
_PRIVATE = {"Cache-Control": "private, max-age=86400, immutable", "Vary": "Accept-Encoding"}


def api_routes(services: Services) -> tuple[BaseRoute, ...]:
    """Health, metrics, the events of a run, and recordings to be played."""

    def health(_: Request) -> JSONResponse:
        """200 if a run can start, else 503 with the reason. A plain function: Starlette calls it in a thread."""
        state = services.health()
        body = {"status": "ok"} if state.ok else {"status": "unavailable", "reason": state.reason}
        history = {"history": state.history} if state.history else {}
        return JSONResponse({**body, **history, "model": state.model}, status_code=200 if state.ok else 503)

    def metrics(_: Request) -> Response:
        """The metrics in Prometheus' text format. A plain function: Starlette calls it in a thread."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        services.telemetry  # noqa: B018 - its instruments exist from here on
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def run_events(request: Request) -> Response:
        """A run's events as server-sent events, live or late; `Last-Event-ID` continues after that event.

        Knowing the id of a run is the right to follow it. A slow client slows only itself.
        """
        try:
            run = await find_run(services, request.path_params["run_id"])
        except LabError as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        if run is None:
            return JSONResponse({"error": NO_RUN}, status_code=404)
        last = request.headers.get("last-event-id", "")
        # Python raises for a number with thousands of digits.
        first = int(last) + 1 if last.isdecimal() and len(last) <= _MAX_DIGITS else 0
        if run.ended is not None and first >= run.length:
            return Response(status_code=204)  # tells an `EventSource` not to connect again
        if followers.full:
            body = {"error": f"The server already has {MAX_FOLLOWERS} followers: try again in {RETRY_AFTER_S} s."}
            return JSONResponse(body, status_code=503, headers={"Retry-After": str(RETRY_AFTER_S)})
        return EventSourceResponse(_events(run, first, followers))

    followers = FollowerCount(MAX_FOLLOWERS)
    return (
        Route("/healthz", health),
        Route(f"{API}metrics", metrics),
        Route(f"{API}runs/{{run_id}}/events", run_events),
        _recording_route(services),
        live_route(services),
    )


def _recording_route(services: Services) -> Route:
    def recording(request: Request) -> Response:
        """A recording as patches, which only the session that opened it can name. Starlette calls it in a thread."""
        try:
            content = services.playable_recordings.content(request.path_params["key"])
        except BadRecording as error:
            return JSONResponse({"error": str(error)}, status_code=413)
        if content is None:
            body = {"error": "The server does not hold this recording any more. Reload the page to open it again."}
            return JSONResponse(body, status_code=404)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(gzip.decompress(content), media_type="application/json", headers=_PRIVATE)
        return Response(content, media_type="application/json", headers={**_PRIVATE, "Content-Encoding": "gzip"})

    return Route(f"{API}recordings/{{key}}", recording)


class FollowerCount:
    """Connections that follow a run now; used on one event loop only."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._count = 0

    @property
    def full(self) -> bool:
        """Whether the limit is reached."""
        return self._count >= self._limit

    def __enter__(self) -> None:
        self._count += 1

    def __exit__(self, *_: object) -> None:
        self._count -= 1


async def _events(run: Run, first: int, followers: FollowerCount) -> AsyncIterator[ServerSentEvent]:
    with followers:
        async with aclosing(run.afollow(first)) as batches:
            async for batch in batches:
                for entry in batch:
                    data = dump_event(entry).decode()
                    yield ServerSentEvent(data, event=entry.event.kind, id=str(entry.seq))
