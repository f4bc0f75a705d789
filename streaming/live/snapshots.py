"""Large snapshots: several frames that a thread encodes, so that no other follower waits for them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from streaming.core.serialization import to_json
from streaming.live.patches import Patch

LARGE = 5_000
"""Patches from which on a snapshot is encoded in a thread, as several frames."""
FRAME_BYTES = 250_000


def snapshot_frames(head: Mapping[str, Any], patches: Iterable[Patch], *, seq: int) -> list[str]:
    """These patches as frames of at most `FRAME_BYTES`, if no patch is larger.

    Only the last one has the number of entries `seq`: a follower that loses its connection before it has all of them
    starts anew.
    """
    pieces = list(_pieces(patches))
    frames = []
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        where = {**head, "snapshot": True} if number == 0 else {"run": head.get("as", head["run"]), "from": 0}
        opening = to_json({**where, "seq": seq if last else 0})
        frames.append(b"".join((opening[:-1], b',"p":[', piece, b"]}")).decode())
    return frames


def _pieces(patches: Iterable[Patch]) -> Iterator[bytes]:
    """The patches as JSON, separated by commas, in pieces; at least one."""
    piece: list[bytes] = []
    size = 0
    for patch in patches:
        content = to_json(patch)
        if piece and size + len(content) > FRAME_BYTES:
            yield b",".join(piece)
            piece, size = [], 0
        piece.append(content)
        size += len(content) + 1
    yield b",".join(piece)
