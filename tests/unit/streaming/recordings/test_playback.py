"""The player keeps the recording's time, at any speed."""

import pytest

from streaming.core.events import Custom, LogEntry
from streaming.recordings.playback import Playback, PlaybackState

EVENTS = [LogEntry(seq=seq, t=t, event=Custom(ns=(), data=seq)) for seq, t in enumerate([0.0, 1.0, 1.0, 2.0, 4.0])]


class Clock:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def seqs(batches: list[list[LogEntry]]) -> list[list[int]]:
    return [[entry.seq for entry in batch] for batch in batches if batch]


def test_events_come_when_they_are_due_at_half_the_speed() -> None:
    clock = Clock()
    player = Playback(EVENTS, PlaybackState(speed=0.5, since=clock()), clock=clock)
    at: dict[int, float] = {}
    for batch in player.follow(frame_s=0.25, sleep=clock.sleep):
        at |= {entry.seq: clock.now - 100 for entry in batch}
    assert at == {0: 0.0, 1: 2.0, 2: 2.0, 3: 4.0, 4: 8.0}


def test_paused_it_shows_the_past_at_once_and_stands_still() -> None:
    clock = Clock()
    player = Playback(EVENTS, PlaybackState(position=1.5), clock=clock)
    assert seqs(list(player.follow(frame_s=0.1, sleep=clock.sleep))) == [[0, 1, 2]]
    assert clock.now == 100
    assert not player.moving


def test_pausing_keeps_the_place_and_playing_goes_on_from_it() -> None:
    clock = Clock()
    player = Playback(EVENTS, PlaybackState(since=clock()), clock=clock)
    clock.sleep(1.25)
    paused = player.pause()
    assert paused == PlaybackState(position=1.25)
    assert Playback(EVENTS, paused, clock=clock).play() == PlaybackState(position=1.25, since=101.25)


def test_a_change_of_speed_keeps_the_place() -> None:
    clock = Clock()
    player = Playback(EVENTS, PlaybackState(since=clock()), clock=clock)
    clock.sleep(1.0)
    faster = Playback(EVENTS, player.at_speed(10.0), clock=clock)
    assert faster.position == 1.0
    clock.sleep(0.1)
    assert faster.position == pytest.approx(2.0)


def test_steps_go_from_moment_to_moment_both_ways_and_stay_inside() -> None:
    playing, seen = PlaybackState(), []
    for _ in range(5):
        playing = Playback(EVENTS, playing).step(1)
        seen.append(playing.position)
    assert seen == [1.0, 2.0, 4.0, 4.0, 4.0]
    for _ in range(5):
        playing = Playback(EVENTS, playing).step(-1)
        seen.append(playing.position)
    assert seen[5:] == [2.0, 1.0, 0.0, 0.0, 0.0]


def test_after_the_end_it_plays_from_the_start() -> None:
    clock = Clock()
    assert Playback(EVENTS, PlaybackState(position=4.0), clock=clock).play() == PlaybackState(since=100.0)
    assert Playback(EVENTS, PlaybackState(), clock=clock).seek(99.0).position == 4.0
