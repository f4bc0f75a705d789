"""The checkpoints that time travel offers."""

from components.features.time_travel import _label
from streaming.core.events import CheckpointSaved
from streaming.projections.checkpoints import SavedAt


def test_a_node_that_runs_several_times_at_once_is_named_once() -> None:
    point = CheckpointSaved(
        ns=(),
        checkpoint_id="c",
        parent_id=None,
        source="loop",
        step=1,
        values={},
        next=("investigate", "sum up", "investigate"),
    )
    assert _label(SavedAt(t=0.0, size=0, checkpoint=point)) == "step 1, before investigate ×2, sum up"
