"""The engine: running a LangGraph graph gives one append-only log of timed events, and everything else follows it."""

from streaming.events import MODES, Mode, Stamped, Status
from streaming.lab import Lab, lab
from streaming.limits import Limits
from streaming.request import Fork, GraphSource, RunRequest
from streaming.run import Run

__all__ = [
    "MODES",
    "Fork",
    "GraphSource",
    "Lab",
    "Limits",
    "Mode",
    "Run",
    "RunRequest",
    "Stamped",
    "Status",
    "lab",
]
