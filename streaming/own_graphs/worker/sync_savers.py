"""Checkpointers without async methods, as graphs of sync code have them: their sync methods run in a thread."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

_REFUSING = frozenset({"SqliteSaver"})
"""Classes whose async methods only raise."""


class _InThreads:
    """The async methods of a checkpointer by its sync ones."""

    async def aget_tuple(self: Any, config: Any) -> Any:
        return await asyncio.to_thread(self.get_tuple, config)

    async def alist(self: Any, config: Any, **options: Any) -> AsyncIterator[Any]:
        for one in await asyncio.to_thread(lambda: list(self.list(config, **options))):
            yield one

    async def aput(self: Any, *given: Any) -> Any:
        return await asyncio.to_thread(self.put, *given)

    async def aput_writes(self: Any, *given: Any, **options: Any) -> None:
        await asyncio.to_thread(self.put_writes, *given, **options)

    async def adelete_thread(self: Any, thread_id: str) -> None:
        await asyncio.to_thread(self.delete_thread, thread_id)


def with_async_methods(saver: Any) -> Any:
    """The same checkpointer, usable by an async run; one that has async methods is returned as it is."""
    kind = type(saver)
    if not isinstance(saver, BaseCheckpointSaver):
        return saver
    if kind.aget_tuple is not BaseCheckpointSaver.aget_tuple and kind.__name__ not in _REFUSING:
        return saver
    usable = copy.copy(saver)
    methods = {name: method for name, method in vars(_InThreads).items() if name.startswith("a")}
    usable.__class__ = type(kind.__name__, (kind,), methods)
    return usable
