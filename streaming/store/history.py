"""The process's history: its store and its recorder, or the sentence that says why there is none."""

from functools import cache

from streaming.errors import StoreUnavailable
from streaming.run import Run
from streaming.store.recorder import Recorder
from streaming.store.store import store


@cache
def recorder() -> Recorder:
    """The process's one recorder; raises `StoreUnavailable`, and tries again when it is asked the next time."""
    return Recorder(store())


def keep_run(run: Run) -> None:
    """Keep this run in the history, where that is possible: a run never fails because it cannot be kept."""
    try:
        recorder().record(run)
    except StoreUnavailable:
        return


def trouble() -> str:
    """Why runs are not being kept; empty while they are."""
    try:
        return recorder().trouble
    except StoreUnavailable as error:
        return str(error)


def close_history() -> None:
    """Save what is left when the server ends."""
    try:
        recorder().close()
    except StoreUnavailable:
        return
