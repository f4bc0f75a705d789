"""Runs that cannot be continued, because the thread that they left is gone."""

from streaming.core.errors import NotContinuable, UnknownGraph
from streaming.core.run import Run
from streaming.runtime.thread_moves import check_thread
from streaming.services import get_services


def why_lost(run: Run) -> str:
    """Why no run can go on from the thread of this one, in a sentence; empty if one can, or may."""
    try:
        check_thread(run)
    except NotContinuable as error:
        return error.message
    except UnknownGraph:
        return ""
    if run.stored and not get_services().engine.has_thread(run.request.graph, run.thread_id):
        return "This run is from the history. Its thread is no longer stored."
    return ""
