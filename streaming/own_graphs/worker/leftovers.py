"""Code that goes on after its call has ended: a sync node runs in a thread, which no one can cancel."""

from __future__ import annotations

import asyncio
import os
import time

from .thread_frames import frame_of

GRACE_S = 10.0
"""How long a thread may compute after its call was stopped."""
SHARE = 0.1
"""From which part of the time on a process computes. What waits for a network harms nobody, and its threads stay."""

_RESTS = os.path.join("concurrent", "futures", "thread.py")


async def still_computes() -> bool:
    """Whether a thread of the loop's pool goes on, and this process computes, for the whole time of grace."""
    before, began = time.process_time(), time.monotonic()
    await asyncio.sleep(GRACE_S)
    share = (time.process_time() - before) / (time.monotonic() - began)
    return share >= SHARE and threads_at_work(asyncio.get_running_loop()) > 0


def threads_at_work(loop: asyncio.AbstractEventLoop) -> int:
    """How many threads of the loop's pool are not waiting for work: LangGraph runs sync nodes in them."""
    pool = getattr(loop, "_default_executor", None)
    found = (frame_of(thread.ident or 0) for thread in getattr(pool, "_threads", ()))
    return sum(frame is not None and not frame.f_code.co_filename.endswith(_RESTS) for frame in found)
