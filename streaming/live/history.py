"""The patches of one run, the older ones coalesced, the newer ones separate for each entry."""

from itertools import chain

from streaming.live.coalescing import coalesce
from streaming.live.patches import Patch

MIN_RECENT = 1024
"""The number of newest entries whose patches stay separate."""


class PatchHistory:
    """Gives the patches after any recent entry, or all as a snapshot."""

    def __init__(self, first_patches: list[Patch]) -> None:
        self._base = first_patches
        self._base_seq = 0
        self._recent: list[list[Patch]] = []

    @property
    def seq(self) -> int:
        """The number of log entries."""
        return self._base_seq + len(self._recent)

    def add(self, patches: list[Patch]) -> None:
        """Append the patches of the next entry."""
        self._recent.append(patches)
        # In proportion to the base, so that a long history is not coalesced again and again.
        if len(self._recent) >= 2 * max(MIN_RECENT, len(self._base)):
            self._compact(len(self._recent) // 2)

    def has_since(self, seq: int) -> bool:
        """Whether the patches after the first `seq` entries are still separate from the earlier ones."""
        return self._base_seq <= seq <= self.seq

    def since(self, seq: int) -> list[Patch]:
        """The patches after the first `seq` entries, for which `has_since` must be true."""
        return coalesce(chain.from_iterable(self._recent[seq - self._base_seq :]))

    def snapshot(self) -> list[Patch]:
        """Patches that turn an empty view into the present one."""
        return coalesce(chain(self._base, chain.from_iterable(self._recent)))

    def _compact(self, count: int) -> None:
        self._base = coalesce(chain(self._base, chain.from_iterable(self._recent[:count])))
        self._base_seq += count
        del self._recent[:count]
