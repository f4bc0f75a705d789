"""The chain of checkpoints of a run."""

from streaming.core.events import CheckpointSaved, Namespace
from streaming.projections.base import apply_all
from streaming.projections.checkpoints import Checkpoints
from tests.support.events import log


def saved(checkpoint_id: str, ns: Namespace = ()) -> CheckpointSaved:
    return CheckpointSaved(
        ns=ns, checkpoint_id=checkpoint_id, parent_id=None, source="loop", step=0, values={}, next=()
    )


def test_checkpoints_keep_their_order_and_the_outer_graph_is_chosen() -> None:
    checkpoints = apply_all(Checkpoints(), log((1, saved("a")), (2, saved("b", ("n:1",))), (3, saved("c"))))
    assert [one.checkpoint.checkpoint_id for one in checkpoints.saved] == ["a", "b", "c"]
    assert [(one.checkpoint.checkpoint_id, one.t) for one in checkpoints.root] == [("a", 1), ("c", 3)]
