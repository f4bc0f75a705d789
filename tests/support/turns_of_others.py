"""Counts the turns that another task of the loop has while something is computed."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

_T = TypeVar("_T")


async def with_turns_of_others(computed: Awaitable[_T]) -> tuple[_T, int]:
    """The result, and how many turns another task had."""
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count_turns())
    try:
        return await computed, turns
    finally:
        counting.cancel()
