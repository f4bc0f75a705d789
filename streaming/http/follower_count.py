"""Counts the connections that follow runs by server-sent events."""


class FollowerCount:
    """Connections that follow a run now; used on one event loop only."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._count = 0

    @property
    def full(self) -> bool:
        """Whether the limit is reached."""
        return self._count >= self.limit

    def __enter__(self) -> None:
        self._count += 1

    def __exit__(self, *_: object) -> None:
        self._count -= 1
