"""Counts the connections that follow runs by server-sent events."""

OF_EACH_S, MOST_S = 0.0005, 0.1
"""Seconds between two pieces for a follower, for each of all followers, and at most."""


class FollowerCount:
    """Connections that follow a run now; used on one event loop only."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._count = 0

    @property
    def full(self) -> bool:
        """Whether the limit is reached."""
        return self._count >= self.limit

    @property
    def pace_s(self) -> float:
        """Seconds between two pieces of a stream: to wake hundreds of followers for each token takes all the time."""
        return min(self._count * OF_EACH_S, MOST_S)

    def __enter__(self) -> None:
        self._count += 1

    def __exit__(self, *_: object) -> None:
        self._count -= 1
