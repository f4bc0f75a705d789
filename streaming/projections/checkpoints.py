"""The chain of checkpoints that a run saved."""

from dataclasses import dataclass, field

from streaming.core.events import CheckpointSaved, LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedAt:
    """A checkpoint with the time of its event (seconds since submission) and its size in bytes."""

    t: float
    size: int
    checkpoint: CheckpointSaved


@dataclass(slots=True)
class Checkpoints:
    """Checkpoints in the order in which they were saved."""

    saved: list[SavedAt] = field(default_factory=list)

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        if isinstance(entry.event, CheckpointSaved):
            self.saved.append(SavedAt(t=entry.t, size=entry.size, checkpoint=entry.event))

    @property
    def root(self) -> list[SavedAt]:
        """The checkpoints of the outer graph, without those of its subgraphs."""
        return [saved for saved in self.saved if not saved.checkpoint.ns]
