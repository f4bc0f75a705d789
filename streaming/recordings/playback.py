"""Playback of a recording: a clock over its events that can pause, jump, and run at another speed."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from streaming.core.events import LogEntry

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackState:
    """The position of a playback: `position` seconds of the recording at the clock time `since`; `None` while paused.

    It is a plain value, so that a page can keep it through its reruns.
    """

    position: float = 0.0
    speed: float = 1.0
    since: float | None = None


class Playback:
    """Moves through the events of a recording; every change returns a new `PlaybackState` to keep."""

    def __init__(
        self, events: Sequence[LogEntry], state: PlaybackState, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._events = events
        self._times = [entry.t for entry in events]
        self._state = state
        self._clock = clock

    @property
    def length(self) -> float:
        """The length of the recording in seconds."""
        return self._times[-1]

    @property
    def position(self) -> float:
        """The current position in seconds of the recording."""
        state = self._state
        elapsed = 0.0 if state.since is None else (self._clock() - state.since) * state.speed
        return min(self.length, state.position + elapsed)

    @property
    def moving(self) -> bool:
        """Whether it plays and has not reached the end."""
        return self._state.since is not None and self.position < self.length

    @property
    def passed(self) -> int:
        """The number of events up to the current position."""
        return bisect_right(self._times, self.position)

    def play(self) -> PlaybackState:
        """Play from here, or from the start when the end is reached."""
        position = 0.0 if self.position >= self.length else self.position
        return PlaybackState(position=position, speed=self._state.speed, since=self._clock())

    def pause(self) -> PlaybackState:
        """Stop at the current position."""
        return PlaybackState(position=self.position, speed=self._state.speed)

    def at_speed(self, speed: float) -> PlaybackState:
        """Continue from here at another speed."""
        return PlaybackState(
            position=self.position, speed=speed, since=None if self._state.since is None else self._clock()
        )

    def seek(self, position: float) -> PlaybackState:
        """Jump to this position, in seconds, and pause there."""
        return PlaybackState(position=min(max(position, 0.0), self.length), speed=self._state.speed)

    def step(self, by: int) -> PlaybackState:
        """Jump to the next event, or to the previous one; events of the same moment are one step."""
        if by > 0:
            following = min(bisect_right(self._times, self.position), len(self._times) - 1)
            return self.seek(self._times[following])
        previous = bisect_left(self._times, self.position) - 1
        return self.seek(self._times[previous] if previous >= 0 else 0.0)

    def follow(self, *, frame_s: float, sleep: Callable[[float], None] = time.sleep) -> Iterator[list[LogEntry]]:
        """Batches of events: first those up to the position, then one per frame while it plays."""
        seen = 0
        while True:
            due = self.passed
            yield list(self._events[seen:due])
            seen = due
            if not self.moving:
                # The end may have been reached since the last batch.
                yield list(self._events[seen : self.passed])
                return
            sleep(frame_s)
