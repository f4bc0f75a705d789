"""Where the threads of this process are, asked in a way that cannot hold the process up."""

import gc
import sys
import threading
from types import FrameType

_one_at_a_time = threading.Lock()


def frame_of(thread: int) -> FrameType | None:
    """The innermost frame of the thread with this identity; `None` for one that is gone.

    Python 3.11 makes the frames while it holds the lock of all threads. A search for garbage could begin there, and
    would wait for that same lock without end where it frees what belongs to a thread, such as a `threading.local`: so
    there is none meanwhile. It may also name what has taken a frame's place (cpython 106883).
    """
    with _one_at_a_time:
        collects = gc.isenabled()
        gc.disable()
        try:
            frame = sys._current_frames().get(thread)
        finally:
            if collects:
                gc.enable()
    return frame if isinstance(frame, FrameType) else None
