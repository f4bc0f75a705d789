"""Runs over HTTP: start one, look at it, follow it in the protocol of a front end, stop it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

import orjson
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from streaming.analysis.final_answer import final_answers
from streaming.core.errors import LabError, NotContinuable, StoreUnavailable, UnknownGraph, UnknownRun
from streaming.core.run import Run
from streaming.http.encoded_events import EncodedEvents, SharedEvents
from streaming.http.follower_count import FollowerCount
from streaming.http.found_run import NO_RUN, find_run
from streaming.http.guard import RunGuard, error_answer, read_json
from streaming.http.openapi import openapi_document
from streaming.http.start_run import OWNER, parse_start, request_of
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.providers.catalogue import model_label
from streaming.services import Services
from streaming.wires.base import RunFacts
from streaming.wires.catalogue import WIRES

PATH = "/api/runs"
RETRY_AFTER_S = 5
_MAX_DIGITS = 18


def routes_for_runs(
    services: Services, followers: FollowerCount, *, local_only: Callable[[], bool]
) -> tuple[BaseRoute, ...]:
    """The routes; `local_only` says whether the server can be reached from this machine only."""
    runs = _Runs(services, followers, RunGuard(services.settings, local_only=local_only))
    return (
        Route(PATH, runs.start, methods=["POST"]),
        Route(f"{PATH}/{{run_id}}", runs.look_or_stop, methods=["GET", "DELETE"]),
        Route(f"{PATH}/{{run_id}}/events", runs.events),
        Route("/api/openapi.json", runs.openapi),
    )


class _Runs:
    """The endpoints."""

    def __init__(self, services: Services, followers: FollowerCount, guard: RunGuard) -> None:
        self._services = services
        self._followers = followers
        self._shared = SharedEvents()
        self._guard = guard

    async def start(self, request: Request) -> Response:
        """Start a run: 201 with its id and its links."""
        if (refusal := self._guard.refusal(request)) is not None:
            return refusal
        body = await read_json(request)
        if isinstance(body, Response):
            return body
        try:
            # In a thread: the first run imports the graphs.
            run = await asyncio.to_thread(_start, self._services, body, _owner(self._services, request))
        except UnknownGraph as error:
            names = await asyncio.to_thread(self._services.graphs.names)
            return error_answer(f"{error.message} It has {', '.join(names)}.", 404)
        except UnknownRun as error:
            return error_answer(error.message, 404)
        except NotContinuable as error:
            return error_answer(str(error), 409)
        except LabError as error:
            return error_answer(str(error), 422)
        headers = {"Location": f"{PATH}/{run.id}"}
        return JSONResponse({**_head(run), "links": _links(run)}, status_code=201, headers=headers)

    async def look_or_stop(self, request: Request) -> Response:
        """GET: the state, figures and texts of a run. DELETE: stop it."""
        stops = request.method == "DELETE"
        if stops and (refusal := self._guard.refusal(request)) is not None:
            return refusal
        run = await _found(self._services, request)
        if isinstance(run, Response):
            return run
        if not stops:
            return Response(await asyncio.to_thread(_state, run), media_type="application/json")
        run.cancel()
        return JSONResponse(_head(run), status_code=202)

    async def events(self, request: Request) -> Response:
        """A run's events, live or late, in the protocol that `as` names; `Last-Event-ID` continues after that event.

        Knowing the id of a run is the right to follow it. A slow client slows only itself.
        """
        name = request.query_params.get("as", "own")
        kind = next((kind for known, kind in WIRES.items() if known == name), None)
        if kind is None:
            return error_answer(f"There is no such protocol: choose one of {', '.join(WIRES)}.", 400)
        run = await _found(self._services, request)
        if isinstance(run, Response):
            return run
        first = _after(request.headers.get("last-event-id", ""))
        events = self._shared.of(run, name, lambda: kind.make(facts_of(run)))
        if first and run.ended is not None and first >= await events.count():
            return Response(status_code=204)  # tells an `EventSource` not to connect again
        if self._followers.full:
            text = f"The server already has {self._followers.limit} followers: try again in {RETRY_AFTER_S} s."
            return error_answer(text, 503, headers={"Retry-After": str(RETRY_AFTER_S)})
        stream = _follow(events, first, self._followers)
        # There LangGraph's SDK connects again by itself after a cut.
        location = {"Location": f"{PATH}/{run.id}/events?as={name}"}
        return EventSourceResponse(stream, headers={**kind.headers, **location})

    def openapi(self, _: Request) -> JSONResponse:
        """The description of these routes. A plain function: Starlette calls it in a thread."""
        return JSONResponse(openapi_document(self._services, token=self._guard.needs_token))


def facts_of(run: Run) -> RunFacts:
    """What a protocol says of this run beside its events."""
    return RunFacts(
        run_id=run.id,
        thread_id=run.thread_id,
        graph=run.request.graph.name,
        model=model_label(run.request.model),
        created_at=run.created_at,
    )


def _start(services: Services, body: bytes, owner: str) -> Run:
    return services.engine.start(request_of(parse_start(body), services, owner=owner))


def _owner(services: Services, request: Request) -> str:
    """The user, or the owner in the browser's cookie, so that the pages list the run; one name for other clients."""
    owners = services.signed_owners
    if services.settings.login:
        return getattr(request.state, "owner", OWNER)
    return owners.owner_in(request.cookies.get(owners.cookie)) or OWNER


async def _found(services: Services, request: Request) -> Run | Response:
    try:
        run = await find_run(services, request.path_params["run_id"])
    except StoreUnavailable as error:
        return error_answer(str(error), 503)
    except LabError as error:
        return error_answer(str(error), 404)
    return run if run is not None else error_answer(NO_RUN, 404)


def _after(last: str) -> int:
    """The number of the first event to send; an id that is no number counts as none."""
    # Python raises for a number with thousands of digits.
    return int(last) + 1 if last.isascii() and last.isdecimal() and len(last) <= _MAX_DIGITS else 0


async def _follow(events: EncodedEvents, first: int, followers: FollowerCount) -> AsyncIterator[bytes]:
    """The events from number `first` on; the same log always gives the same events."""
    with followers:
        async with aclosing(events.pieces(first, pace_s=followers.pace_s)) as pieces:
            async for piece in pieces:
                yield piece


def _links(run: Run) -> dict[str, str]:
    events = {str(name): f"{PATH}/{run.id}/events?as={name}" for name in WIRES}
    return {"run": f"{PATH}/{run.id}", "events": f"{PATH}/{run.id}/events", **events, "live": "/api/live"}


def _head(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "status": run.status,
        "graph": run.request.graph.name,
        "model": model_label(run.request.model),
        "thread_id": run.thread_id,
        "created_at": run.created_at.isoformat(),
    }


def _state(run: Run) -> bytes:
    events = run.events
    ended = run.ended
    answers = final_answers(events, prompt=run.request.prompt)
    state = {
        **_head(run),
        "modes": list(run.request.modes),
        "reason": f"{ended.reason} {ended.advice}".strip() if ended else "",
        "pending": [asdict(one) for one in ended.pending] if ended else [],
        "answers": [{"node": node, "text": text} for node, text in answers],
        "figures": asdict(apply_all(MetricsCollector(), events).metrics()),
    }
    return orjson.dumps(state, option=orjson.OPT_NON_STR_KEYS)
