"""What the server answers over HTTP beside the app: health, metrics, the events of a run, and the limits of `/api`."""

import time
from collections.abc import AsyncIterator, Callable
from functools import cache
from threading import Lock

from anyio import CapacityLimiter, to_thread
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from streaming.core.run import Run
from streaming.observability.exporter import get_telemetry
from streaming.providers.embedded.server import get_embedded_server
from streaming.recordings.format import dump_event
from streaming.runtime.engine import get_engine, queue_stats

API = "/api/"
FRAME_S = 0.05
HEALTH_S = 3.0
"""So long an answer about the database counts, and so long one is waited for."""

MAX_FOLLOWERS = 100
_MAX_DIGITS = 18


class Health:
    """Whether a run can start, asked of the threads' memory at most once in `HEALTH_S`; for waiting threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._asked: float | None = None
        self._trouble: str | None = None

    def trouble(self) -> str | None:
        """What stands against a run, in a sentence."""
        with self._lock:
            if self._asked is None or self._clock() - self._asked >= HEALTH_S:
                self._trouble = get_engine().checkpointer_trouble(timeout_s=HEALTH_S)
                self._asked = self._clock()
            return self._trouble


def health(request: Request) -> JSONResponse:
    """200 if the server can take a run, else 503 with the reason; the embedded model's state stands beside it.

    A plain function, so that it waits in a thread.
    """
    trouble = _health().trouble()
    said = {"status": "ok"} if trouble is None else {"status": "unavailable", "reason": trouble}
    return JSONResponse({**said, "model": get_embedded_server().state}, status_code=200 if trouble is None else 503)


@cache
def _health() -> Health:
    return Health()


def metrics(request: Request) -> Response:
    """The metrics in Prometheus' text format; a plain function, so that it waits in a thread."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    get_telemetry(queue_stats)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def run_events(request: Request) -> Response:
    """A run's events as server-sent events, live or late; `Last-Event-ID` goes on after that one.

    Whoever knows the id of a run may follow it. A slow client slows only itself: what came meanwhile is sent at once.
    """
    run = get_engine().get(request.path_params["run_id"])
    if run is None:
        return JSONResponse({"error": "There is no such run here, or no longer."}, status_code=404)
    last = request.headers.get("last-event-id", "")
    # Python refuses to read a number of thousands of digits.
    first = int(last) + 1 if last.isdecimal() and len(last) <= _MAX_DIGITS else 0
    if run.ended is not None and first >= run.length:
        return Response(status_code=204)  # tells an `EventSource` not to connect again
    return EventSourceResponse(_events(run, first))


async def _events(run: Run, first: int) -> AsyncIterator[ServerSentEvent]:
    batches = run.follow(first, frame_s=FRAME_S)
    try:
        while (batch := await to_thread.run_sync(next, batches, None, limiter=_followers())) is not None:
            for entry in batch:
                data = dump_event(entry).decode()
                yield ServerSentEvent(data, event=entry.event.kind, id=str(entry.seq))
    finally:
        batches.close()


@cache
def _followers() -> CapacityLimiter:
    """Threads that wait for events, apart from those of everybody else."""
    return CapacityLimiter(MAX_FOLLOWERS)


ROUTES: tuple[BaseRoute, ...] = (
    Route("/healthz", health),
    Route(f"{API}metrics", metrics),
    Route(f"{API}runs/{{run_id}}/events", run_events),
)
