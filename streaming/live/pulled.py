"""The view of one run for a reader that asks for it again and again, where nothing can be pushed to the browser."""

import secrets
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from streaming.core.graph_description import Edge
from streaming.core.run import Run
from streaming.live import patches
from streaming.live.history import PatchHistory
from streaming.live.patches import Patch
from streaming.live.raw_rows import RawRows
from streaming.live.view import RunView

KEPT = 4
"""The number of newest frames in each answer: as many answers in a row, less one, may be lost."""
MAX_RAW_ROWS = 2_000
"""The number of newest raw rows in one frame."""


class PulledRun:
    """Each `pull` reads the new log entries and returns the newest frames; used by one thread at a time.

    `raw` adds the raw rows. `about` and `edges` are those of `RunView`.
    """

    def __init__(self, run: Run, *, about: Mapping[str, Any], edges: Iterable[Edge] = (), raw: bool = False) -> None:
        self.raw = raw
        self._run = run
        self._view = RunView(about=about, edges=edges)
        self._rows = RawRows()
        self._history = PatchHistory(self._view.opening())
        self._frames: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._edition = ""

    def pull(self) -> dict[str, Any]:
        """`{"run", "edition", "frames": [frame, …]}`, with frames as on the wire, oldest first.

        A reader applies the snapshot of an edition that it does not have, then each frame whose `from` is its `seq`. If
        it then lacks the `seq` of the last frame, it missed too much, and `restart` helps.
        """
        # Between two answers the run has no follower; each answer starts its grace time again.
        with self._run.followed_by(self):
            for entry in self._run.since(self._view.seq):
                self._history.add(self._view.apply(entry))
        self._add_frame()
        return {"run": self._run.id, "edition": self._edition, "frames": [*self._frames, self._present()]}

    def restart(self) -> None:
        """Begin the next answer with a snapshot."""
        self._frames.clear()

    def wake(self) -> None:
        """The reader comes by itself."""

    def _add_frame(self) -> None:
        seq = self._history.seq
        if self._frames and not self._history.has_since(self._frames[-1]["seq"]):
            self.restart()
        if not self._frames:
            self._edition = secrets.token_hex(4)
            head: dict[str, Any] = {"snapshot": True}
            shown = [*self._raw_rows(0), *self._history.snapshot()]
        elif (since := self._frames[-1]["seq"]) < seq:
            head = {"from": since}
            shown = [*self._raw_rows(since), *self._history.since(since)]
        else:
            return
        self._frames.append({**head, "seq": seq, "p": shown})

    def _raw_rows(self, since: int) -> list[Patch]:
        if not self.raw:
            return []
        entries = self._run.since(since, most=self._history.seq - since)
        self._rows.read(entries)
        # A reader may miss a frame, so no row refers to another one.
        rows = [row for entry in entries[-MAX_RAW_ROWS:] if (row := self._rows.whole(entry)) is not None]
        return [patches.raw(rows)] if rows else []

    def _present(self) -> dict[str, Any]:
        """A frame of what no log entry contains: it sets values, and may be applied again."""
        frame: dict[str, Any] = {"from": self._history.seq, "seq": self._history.seq, "p": []}
        if self._run.has_begun and self._run.ended is None:
            state = [patches.run({"draining": True})] if self._run.draining else []
            frame |= {"p": [*self._view.pending(), *state], "t": round(self._run.age_s, 3)}
        return frame
