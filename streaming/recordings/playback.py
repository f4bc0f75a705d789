"""Plays a recording: a clock of its own over the events, that can stand still, jump, and run slowly."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from streaming.core.events import LogEntry

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackState:
    """Where the player stands: at `position` seconds of the recording when the clock said `since`.

    A plain value, so that a page can keep it through its reruns; `since` is `None` while it is paused.
    """

    position: float = 0.0
    speed: float = 1.0
    since: float | None = None


class Playback:
    """Moves through the events of a recording; every change gives a new `PlaybackState` to keep."""

    def __init__(
        self, events: Sequence[LogEntry], playing: PlaybackState, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._events = events
        self._times = [entry.t for entry in events]
        self._playing = playing
        self._clock = clock

    @property
    def length(self) -> float:
        """The recording's length in seconds."""
        return self._times[-1]

    @property
    def position(self) -> float:
        """Seconds of the recording that have been played."""
        at = self._playing
        passed = 0.0 if at.since is None else (self._clock() - at.since) * at.speed
        return min(self.length, at.position + passed)

    @property
    def moving(self) -> bool:
        return self._playing.since is not None and self.position < self.length

    @property
    def passed(self) -> int:
        """How many events lie behind."""
        return bisect_right(self._times, self.position)

    def play(self) -> PlaybackState:
        """Run on from here; from the start again when the end is reached."""
        at = 0.0 if self.position >= self.length else self.position
        return PlaybackState(position=at, speed=self._playing.speed, since=self._clock())

    def pause(self) -> PlaybackState:
        return PlaybackState(position=self.position, speed=self._playing.speed)

    def at_speed(self, speed: float) -> PlaybackState:
        """Go on from here, faster or slower."""
        return PlaybackState(
            position=self.position, speed=speed, since=None if self._playing.since is None else self._clock()
        )

    def seek(self, position: float) -> PlaybackState:
        """Jump, and stand still there."""
        return PlaybackState(position=min(max(position, 0.0), self.length), speed=self._playing.speed)

    def step(self, by: int) -> PlaybackState:
        """To the next event, or the one before; events of the same moment are one step."""
        if by > 0:
            place = min(bisect_right(self._times, self.position), len(self._times) - 1)
            return self.seek(self._times[place])
        place = bisect_left(self._times, self.position) - 1
        return self.seek(self._times[place] if place >= 0 else 0.0)

    def follow(self, *, frame_s: float, sleep: Callable[[float], None] = time.sleep) -> Iterator[list[LogEntry]]:
        """Batches of the events up to now and, while it plays, those that become due; at most one a frame."""
        seen = 0
        while True:
            due = self.passed
            yield list(self._events[seen:due])
            seen = due
            if not self.moving:
                # The end may have been reached between the last look and this one.
                yield list(self._events[seen : self.passed])
                return
            sleep(frame_s)
