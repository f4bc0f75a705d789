"""What is wrong with the database of the threads, in words that say what to do."""

import sqlite3
from traceback import walk_tb

from streaming.core.errors import CheckpointerUnavailable
from streaming.providers.client_errors import error_chain

_READERS = {("langgraph.checkpoint.serde.jsonplus", "loads_typed"), ("json", "loads")}
"""What turns the bytes of a saved state into values."""
_KEPT = "What had arrived by then is kept."
_TROUBLES: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("the disk is full", "Free some space, then run again."),
    sqlite3.SQLITE_BUSY: ("another program holds its file", "Wait for it, or end it, then run again."),
    sqlite3.SQLITE_LOCKED: ("another program holds its file", "Wait for it, or end it, then run again."),
    sqlite3.SQLITE_READONLY: ("its file cannot be written", "Allow the server to write it, then run again."),
    sqlite3.SQLITE_CORRUPT: ("its file is damaged", "Move the file away, or restore it, and start the server again."),
    sqlite3.SQLITE_NOTADB: ("its file is no database", "Move the file away, and start the server again."),
    sqlite3.SQLITE_IOERR: ("the disk reports an error", "Check the disk, then run again."),
}
"""By SQLite's primary result code."""


def sqlite_code(error: BaseException) -> int:
    """SQLite's primary result code, which is the low byte of what an error has; 0 for any other error."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def database_failure(error: Exception) -> CheckpointerUnavailable:
    """What the checkpointer raised, with the reason where SQLite names it; its own words may name secrets."""
    for link in error_chain(error):
        if isinstance(link, CheckpointerUnavailable):
            return link
        trouble = _TROUBLES.get(sqlite_code(link))
        if trouble is not None:
            what, advice = trouble
            return CheckpointerUnavailable(f"The database of the threads failed: {what}.", advice=f"{_KEPT} {advice}")
    if _in_reader(error):
        return damaged_state(error)
    return CheckpointerUnavailable(
        f"The database of the threads failed ({type(error).__name__}).",
        advice=f"{_KEPT} Check the database, then run again.",
    )


def damaged_state(error: Exception) -> CheckpointerUnavailable:
    """That it is this thread, and not the database."""
    return CheckpointerUnavailable(
        f"The saved state of this thread cannot be read ({type(error).__name__}).",
        advice=f"{_KEPT} Start a new run; the other threads are not concerned.",
    )


def _in_reader(error: Exception) -> bool:
    """Whether the database gave a saved state that is damaged."""
    frames = (frame for link in error_chain(error) for frame, _ in walk_tb(link.__traceback__))
    return any((frame.f_globals.get("__name__"), frame.f_code.co_name) in _READERS for frame in frames)
