"""LangGraph's event APIs as items that can be sent: version 2, version 3, and the typed projections of version 3."""

from __future__ import annotations

import asyncio
import inspect
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

Put = Callable[[Any], None]


async def send_events(graph: Any, api: str, start: Any, config: Any, options: dict[str, Any], put: Put) -> None:
    """Run the graph by one of the APIs `events v2`, `events v3` and `events v3, typed`, and put each of its items."""
    if api == "events v2":
        async for event in graph.astream_events(start, config, version="v2", **options):
            put(event)
        return
    async with opened(graph, start, config, options) as stream:
        if api == "events v3":
            async for event in stream:
                put(event)
        else:
            await read_typed(stream, put)


@asynccontextmanager
async def opened(graph: Any, start: Any, config: Any, options: dict[str, Any]) -> AsyncIterator[Any]:
    """The stream of version 3; it ends with the block, otherwise the graph would continue after a cancel."""
    with warnings.catch_warnings():
        # What is in beta is said where the events are shown.
        warnings.filterwarnings("ignore", message="The v3 streaming protocol")
        made = graph.astream_events(start, config, version="v3", **options)
        if not inspect.isawaitable(made):
            raise NotImplementedError("this LangGraph has no events of version 3")
        stream = await made
    async with stream:
        yield stream


async def read_typed(stream: Any, put: Put) -> None:
    """Each item of the typed projections, read by tasks of their own, as LangGraph's documentation requires.

    An item has `name` and `data`; the pieces of a message also `node`, `text` and `message_id`. The first error ends
    all readers. (A task group needs Python 3.11.)
    """
    readers: set[asyncio.Future[None]] = set()
    finished: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()

    def begin(reader: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(reader)
        readers.add(task)
        task.add_done_callback(finished.put_nowait)

    begin(_messages(stream, put, begin))
    for name in ("values", "lifecycle", "subgraphs"):
        begin(_projection(name, getattr(stream, name), put))
    try:
        while readers:
            reader = await finished.get()
            readers.discard(reader)
            reader.result()
    finally:
        for reader in readers:
            reader.cancel()


async def _messages(stream: Any, put: Put, begin: Callable[[Coroutine[Any, Any, None]], None]) -> None:
    numbers = count()
    async for message in stream.messages:
        begin(_one_message(message, next(numbers), put))


async def _one_message(message: Any, number: int, put: Put) -> None:
    about = {
        "name": ".messages[].text",
        "node": message.node or "",
        "message_id": message.message_id or f"message {number}",
    }
    async for piece in message.text:
        put({**about, "data": piece, "text": piece})


async def _projection(name: str, items: Any, put: Put) -> None:
    async for item in items:
        put({"name": f".{name}", "data": item})
