"""Pure reducers of the event log: live view, late follower and replay use the same ones, so they cannot disagree."""

from streaming.projections.audience import Audience
from streaming.projections.base import Projection, apply_all
from streaming.projections.branches import Branch, Branches
from streaming.projections.calls import Call, Calls
from streaming.projections.checkpoints import Checkpoints
from streaming.projections.latency import Latency, Metrics
from streaming.projections.marks import Marks
from streaming.projections.nodes import NodeSpan, NodeSpans
from streaming.projections.progress import Progress, Step
from streaming.projections.running import Edge, Running
from streaming.projections.shapes import Kind, Kinds
from streaming.projections.states import Snapshot, States
from streaming.projections.table import Table
from streaming.projections.texts import MessageText, Texts
from streaming.projections.tree import Place, Tree
from streaming.projections.updates import NodeUpdate, NodeUpdates

__all__ = [
    "Audience",
    "Branch",
    "Branches",
    "Call",
    "Calls",
    "Checkpoints",
    "Edge",
    "Kind",
    "Kinds",
    "Latency",
    "Marks",
    "MessageText",
    "Metrics",
    "NodeSpan",
    "NodeSpans",
    "NodeUpdate",
    "NodeUpdates",
    "Place",
    "Progress",
    "Projection",
    "Running",
    "Snapshot",
    "States",
    "Step",
    "Table",
    "Texts",
    "Tree",
    "apply_all",
]
