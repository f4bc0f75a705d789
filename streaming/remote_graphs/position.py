"""How far the events of a run have been read, so that a connection which joins the run repeats none of them.

A server replays what it has stored, and goes on with what its queue has received since the connection began. The queue
is not cleared of what was replayed meanwhile, so the connection can go back once, and send its last events again.

An id is a time in milliseconds, so several events can have the same one. Those are told apart by name and data. Two
that are equal in all three are two events, except where the connection may just have gone back: then the second one
counts as a repeat. It cannot go back to the time of an event that was read before it began.
"""

from collections import Counter
from dataclasses import dataclass, field

FROM_START = "-1"

Content = tuple[str, bytes]
"""The name of an event, and its data."""


@dataclass(slots=True)
class Position:
    """The ids that have been read; of the last one, also the events with it, and the id before it."""

    last: str = ""
    before: str = FROM_START
    newest: Counter[Content] = field(default_factory=Counter)
    ids: set[str] = field(default_factory=set)

    def advance(self, event_id: str, content: Content) -> None:
        """An event that is new has been read."""
        if event_id != self.last:
            self.before, self.last = self.last or FROM_START, event_id
            self.newest.clear()
            self.ids.add(event_id)
        self.newest[content] += 1


class Rereading:
    """What one connection that joins a run sends again."""

    def __init__(self, position: Position) -> None:
        self._position = position
        self._read_before = position.last
        self._sent: Counter[Content] = Counter()
        self._went_back = False
        self._may_have = False

    def repeats(self, event_id: str, content: Content) -> bool:
        """Whether the event has been read before; to be asked of each event of the connection, in order."""
        if event_id not in self._position.ids:
            self._went_back |= self._may_have
            self._sent = Counter([content])
            return False
        if event_id != self._position.last:
            # Only the start of the replay and the way back send these, and then all of those with the last id follow.
            self._went_back |= bool(self._sent)
            self._sent.clear()
            return True
        read = self._position.newest[content]
        self._sent[content] += 1
        if self._sent[content] <= read:
            return True
        if not read or self._went_back or event_id == self._read_before:
            return False
        self._may_have = True
        return True
