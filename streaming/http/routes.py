"""What the server answers over HTTP beside the app: health, metrics, the events of a run, and the limits of `/api`."""

from collections.abc import AsyncIterator

from anyio import CapacityLimiter, to_thread
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from streaming.core.run import Run
from streaming.recordings.format import dump_event
from streaming.services import Services

API = "/api/"
FRAME_S = 0.05
MAX_FOLLOWERS = 100
_MAX_DIGITS = 18


def api_routes(services: Services) -> tuple[BaseRoute, ...]:
    """Health, metrics and the events of a run."""

    def health(request: Request) -> JSONResponse:
        """200 if a run can start, else 503 with the reason. A plain function, so that it waits in a thread."""
        found = services.health()
        body = {"status": "ok"} if found.ok else {"status": "unavailable", "reason": found.reason}
        history = {"history": found.history} if found.history else {}
        return JSONResponse({**body, **history, "model": found.model}, status_code=200 if found.ok else 503)

    def metrics(request: Request) -> Response:
        """The metrics in Prometheus' text format. A plain function, so that it waits in a thread."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        services.telemetry  # noqa: B018 - its instruments exist from here on
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def run_events(request: Request) -> Response:
        """A run's events as server-sent events, live or late; `Last-Event-ID` continues after that one.

        Knowing the id of a run is the right to follow it. A slow client slows only itself.
        """
        run = services.engine.get(request.path_params["run_id"])
        if run is None:
            return JSONResponse({"error": "There is no such run here, or no longer."}, status_code=404)
        last = request.headers.get("last-event-id", "")
        # Python refuses to read a number of thousands of digits.
        first = int(last) + 1 if last.isdecimal() and len(last) <= _MAX_DIGITS else 0
        if run.ended is not None and first >= run.length:
            return Response(status_code=204)  # tells an `EventSource` not to connect again
        return EventSourceResponse(_events(run, first, followers))

    followers = CapacityLimiter(MAX_FOLLOWERS)
    return (
        Route("/healthz", health),
        Route(f"{API}metrics", metrics),
        Route(f"{API}runs/{{run_id}}/events", run_events),
    )


async def _events(run: Run, first: int, followers: CapacityLimiter) -> AsyncIterator[ServerSentEvent]:
    batches = run.follow(first, frame_s=FRAME_S)
    try:
        while (batch := await to_thread.run_sync(next, batches, None, limiter=followers)) is not None:
            for entry in batch:
                data = dump_event(entry).decode()
                yield ServerSentEvent(data, event=entry.event.kind, id=str(entry.seq))
    finally:
        batches.close()
