"""The patches of one run, the older ones coalesced, the newer ones separate for each entry."""

from collections import deque
from collections.abc import Iterable
from itertools import chain, islice

from streaming.live.coalescing import Coalescer, coalesce
from streaming.live.patches import Patch

MIN_RECENT = 1024
"""The number of newest entries whose patches stay separate."""


class PatchHistory:
    """Gives the patches after any recent entry, or all as a snapshot.

    An entry that is no longer recent is coalesced with the older ones at once: no work grows with the log.
    """

    def __init__(self, first_patches: list[Patch]) -> None:
        self._base = Coalescer()
        self._coalesce(first_patches)
        self._base_seq = 0
        self._recent: deque[list[Patch]] = deque()

    @property
    def seq(self) -> int:
        """The number of log entries."""
        return self._base_seq + len(self._recent)

    @property
    def size(self) -> int:
        """How many patches the older entries have."""
        return len(self._base)

    def add(self, patches: list[Patch]) -> None:
        """Append the patches of the next entry."""
        self._recent.append(patches)
        if len(self._recent) > 2 * MIN_RECENT:
            self._coalesce(self._recent.popleft())
            self._base_seq += 1

    def has_since(self, seq: int) -> bool:
        """Whether the patches after the first `seq` entries are still separate from the earlier ones."""
        return self._base_seq <= seq <= self.seq

    def since(self, seq: int) -> list[Patch]:
        """The patches after the first `seq` entries, for which `has_since` must be true."""
        return coalesce(chain.from_iterable(islice(self._recent, seq - self._base_seq, None)))

    def snapshot(self) -> list[Patch]:
        """Patches that turn an empty view into the present one."""
        return coalesce(chain(self._base.patches(), chain.from_iterable(self._recent)))

    def _coalesce(self, patches: Iterable[Patch]) -> None:
        for patch in patches:
            self._base.add(patch)
