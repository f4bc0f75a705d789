"""Code that goes on after its call has ended: a sync node runs in a thread, which no one can cancel."""

from __future__ import annotations

import asyncio
import os
import sys

GRACE_S = 5.0
"""How long a thread may go on after its call was stopped: a request of a sync client ends by itself."""

_RESTS = os.path.join("concurrent", "futures", "thread.py")


def threads_at_work(loop: asyncio.AbstractEventLoop) -> int:
    """How many threads of the loop's pool are not waiting for work: LangGraph runs sync nodes in them."""
    pool = getattr(loop, "_default_executor", None)
    frames = sys._current_frames()
    found = (frames.get(thread.ident or 0) for thread in getattr(pool, "_threads", ()))
    return sum(frame is not None and not frame.f_code.co_filename.endswith(_RESTS) for frame in found)
