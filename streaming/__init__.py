"""The engine: running a LangGraph graph gives one append-only log of timed events, and everything else follows it."""

from streaming.events import MODES, Mode, Stamped, Status
from streaming.lab import Lab, Thread, lab
from streaming.limits import Limits
from streaming.request import APIS, Api, Fork, GraphSource, Resume, RunRequest
from streaming.run import Run

__all__ = [
    "APIS",
    "MODES",
    "Api",
    "Fork",
    "GraphSource",
    "Lab",
    "Limits",
    "Mode",
    "Resume",
    "Run",
    "RunRequest",
    "Stamped",
    "Status",
    "Thread",
    "lab",
]
