"""The patches of one run, to be sent from any entry on: the older ones coalesced, the newer ones entry by entry."""

from itertools import chain

from streaming.live.coalesce import coalesce
from streaming.live.patches import Patch

MIN_RECENT = 1024


class PatchHistory:
    """Keeps at least the last `MIN_RECENT` entries one by one; `seq` is the number of entries."""

    def __init__(self, opening: list[Patch]) -> None:
        self._base = opening
        self._base_seq = 0
        self._recent: list[list[Patch]] = []

    @property
    def seq(self) -> int:
        return self._base_seq + len(self._recent)

    def add(self, patches: list[Patch]) -> None:
        """The patches of the next entry."""
        self._recent.append(patches)
        # As many as the base has: so a long history is not coalesced again and again.
        if len(self._recent) >= 2 * max(MIN_RECENT, len(self._base)):
            self._compact(len(self._recent) // 2)

    def keeps(self, seq: int) -> bool:
        """Whether what comes after the first `seq` entries is still kept apart from what was before."""
        return self._base_seq <= seq <= self.seq

    def since(self, seq: int) -> list[Patch]:
        """What comes after the first `seq` entries, which must be kept."""
        return coalesce(chain.from_iterable(self._recent[seq - self._base_seq :]))

    def snapshot(self) -> list[Patch]:
        """Patches that give the whole view, for an empty one."""
        return coalesce(chain(self._base, chain.from_iterable(self._recent)))

    def _compact(self, count: int) -> None:
        self._base = coalesce(chain(self._base, chain.from_iterable(self._recent[:count])))
        self._base_seq += count
        del self._recent[:count]
