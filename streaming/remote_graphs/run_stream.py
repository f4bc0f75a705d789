"""The events of a run on a LangGraph Server; a cut connection is joined again, and no event is lost or repeated.

The SDK joins again by itself, from the last event's id. The ids are times in milliseconds, so several events can have
the same one, and those that had not arrived yet would be lost: this module asks from the id before, and leaves out what
it has (`position`).
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from langgraph_sdk.client import LangGraphClient
from langgraph_sdk.sse import aiter_lines_raw

from streaming.core.errors import BrokenStream, LimitReached
from streaming.core.escaped_secrets import without_secrets
from streaming.core.json_limits import TOO_MANY, has_too_many_values
from streaming.core.loop_turns import LoopTurns
from streaming.core.serialization import PIECE_BYTES, without_secrets_in_turns
from streaming.providers.key_forms import forms_of
from streaming.remote_graphs.event_lines import EventLines, EventText
from streaming.remote_graphs.position import Position, Rereading
from streaming.remote_graphs.servers import RemoteServer

PAUSES_S = (0.1, 0.3, 1.0, 2.0, 4.0)
"""Pauses before the attempts to join a run again; an event that arrives begins them anew."""

_GOES_ON = frozenset({"pending", "running"})
_TOO_BUSY = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerEvent:
    """One event: its name, for example `updates|read:1f`, its data, and the size of that data in bytes."""

    name: str
    data: Any
    size: int


class RunStream:
    """Starts a run on a thread, and streams its events until it has ended there.

    `run_id` is known from the first answer on. `on_join` is called before each attempt to join the run again.
    """

    def __init__(
        self,
        client: LangGraphClient,
        server: RemoteServer,
        thread_id: str,
        body: Mapping[str, Any],
        *,
        on_join: Callable[[], object] = lambda: None,
    ) -> None:
        self.run_id: str | None = None
        self._client = client
        self._http = client.http.client
        self._server = server
        self._thread_id = thread_id
        self._body = dict(body)
        self._on_join = on_join
        self._position = Position()
        # A graph could put the server's key into its error or its state.
        self._secrets = [form.encode() for form in forms_of(server.secrets)]

    async def events(self) -> AsyncGenerator[ServerEvent, None]:
        """The events; raises `BrokenStream`, or what the HTTP client raises before the run exists."""
        failures = 0
        while True:
            cause: Exception | None = None
            try:
                async with aclosing(self._connection()) as connection:
                    async for event in connection:
                        failures = 0
                        yield event
            except httpx.HTTPError as error:
                if self.run_id is None or not _may_heal(error):
                    raise
                cause = error
            if cause is None and not await self._goes_on():
                return
            if not self._position.last or failures == len(PAUSES_S):
                raise BrokenStream(
                    f"The connection to {self._server.label} broke off, and the run could not be joined again.",
                    advice="What had arrived by then is kept. The run may go on there.",
                ) from cause
            await asyncio.sleep(PAUSES_S[failures])
            failures += 1
            self._on_join()

    async def cancel(self) -> None:
        """Stop the run on the server."""
        if self.run_id is not None:
            await self._client.runs.cancel(self._thread_id, self.run_id)

    async def _goes_on(self) -> bool:
        """Whether the run has not ended: a proxy or a restart can close a stream as cleanly as its end does."""
        if self.run_id is None:
            return False
        try:
            run = await self._client.runs.get(self._thread_id, self.run_id)
        except httpx.HTTPError as error:
            return _may_heal(error)
        return run["status"] in _GOES_ON

    async def _connection(self) -> AsyncGenerator[ServerEvent, None]:
        """The events of one connection that have not been read before."""
        rereading = Rereading(self._position) if self.run_id is not None else None
        async with self._request() as response:
            if response.is_error:
                await response.aread()
                response.raise_for_status()
            self.run_id = self.run_id or response.headers.get("content-location", "").rpartition("/runs/")[2] or None
            lines, turns = EventLines(), LoopTurns()
            async for line in aiter_lines_raw(response):
                await turns.take()
                if (sent := lines.feed(bytes(line))) is None:
                    continue
                name, event_id = self._text(sent.name), self._text(sent.id)
                value = await self._value(sent)
                await turns.take()
                data = orjson.dumps(value)
                await turns.take()
                if event_id:
                    if rereading is not None and rereading.repeats(event_id, (name, data)):
                        continue
                    self._position.advance(event_id, (name, data))
                yield ServerEvent(name=name, data=value, size=len(data))

    def _text(self, sent: bytes) -> str:
        return without_secrets(sent, self._secrets).decode(errors="replace")

    async def _value(self, sent: EventText) -> Any:
        """The data of an event, without keys; raises `LimitReached`, or `ValueError` if it is no JSON."""
        if len(sent.data) > PIECE_BYTES:
            too_many = await asyncio.to_thread(has_too_many_values, sent.data)
        else:
            too_many = has_too_many_values(sent.data)
        if too_many:
            raise LimitReached(
                f"The LangGraph Server sent {TOO_MANY}, in one event.",
                advice="What had arrived by then is kept. Let the nodes of the graph write less.",
            )
        data = await without_secrets_in_turns(sent.data, self._secrets)
        if not data.strip():
            return None
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            return orjson.loads(data.decode(errors="replace"))

    def _request(self) -> Any:
        threads = f"/threads/{self._thread_id}/runs"
        if self.run_id is None:
            return self._http.stream("POST", f"{threads}/stream", json=self._body)
        headers = {"Last-Event-ID": self._position.before}
        return self._http.stream("GET", f"{threads}/{self.run_id}/stream", headers=headers)


def _may_heal(error: httpx.HTTPError) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == _TOO_BUSY or error.response.is_server_error
    return True
