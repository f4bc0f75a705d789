"""Pure reducers of the event log: live view, late follower and replay use the same ones, so they cannot disagree."""

from streaming.projections.base import Projection, apply_all
from streaming.projections.checkpoints import Checkpoints
from streaming.projections.latency import Latency, Metrics
from streaming.projections.nodes import NodeSpan, NodeSpans
from streaming.projections.progress import Progress, Step
from streaming.projections.states import Snapshot, States
from streaming.projections.texts import MessageText, Texts
from streaming.projections.updates import NodeUpdate, NodeUpdates

__all__ = [
    "Checkpoints",
    "Latency",
    "MessageText",
    "Metrics",
    "NodeSpan",
    "NodeSpans",
    "NodeUpdate",
    "NodeUpdates",
    "Progress",
    "Projection",
    "Snapshot",
    "States",
    "Step",
    "Texts",
    "apply_all",
]
