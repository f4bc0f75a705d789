"""The bytes of a run's events: the same for every follower, encoded once, in short turns."""

import asyncio
import gc

import pytest

from graphs import GRAPHS
from streaming.core import loop_turns
from streaming.core.events import Ended, LogEntry, Started, Token
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.http import encoded_events as module
from streaming.http.encoded_events import EncodedEvents, SharedEvents
from streaming.http.run_routes import facts_of
from streaming.wires.base import WireEvent, wire_events
from streaming.wires.own import OwnWire
from tests.support.turns_of_others import with_turns_of_others

ENTRIES = 1_200


class CountedWire(OwnWire):
    """Counts the entries that it gets."""

    count = 0

    def feed(self, entry: LogEntry) -> list[WireEvent]:
        self.count += 1
        return super().feed(entry)


def begun(tokens: int) -> Run:
    request = RunRequest(graph=GRAPHS["chat"], model=ModelSpec(provider="scripted"), modes=("messages",), prompt="Hi")
    run = Run(request, thread_id="t")
    run.append(Started(thread_id="t"))
    for number in range(tokens):
        run.append(Token(ns=(), message_id="run-1", node="chat", role="ai", text=f"{number} " * 20))
    return run


def ended(tokens: int) -> Run:
    run = begun(tokens)
    run.append(Ended(outcome="completed"))
    return run


async def all_of(events: EncodedEvents, first: int = 0) -> list[bytes]:
    return [piece async for piece in events.pieces(first)]


def expected(run: Run, first: int = 0) -> bytes:
    return b"".join(event.encoded() for event in wire_events(OwnWire(facts_of(run)), run.events) if event.id >= first)


async def test_each_event_is_encoded_once_for_all_followers() -> None:
    run, shared = ended(ENTRIES), SharedEvents()
    wire = CountedWire(facts_of(run))
    followers = [shared.of(run, "own", lambda: wire) for _ in range(20)]
    found = await asyncio.gather(*(all_of(events, first) for first, events in enumerate(followers)))
    assert wire.count == run.length
    for first, pieces in enumerate(found):
        assert b"".join(pieces) == expected(run, first)
        assert all(piece.endswith(b"\n\n") for piece in pieces), "a ping may come between two pieces"
        assert max(map(len, pieces)) <= module.PIECE_BYTES


async def test_followers_of_a_run_that_goes_on_get_the_rest_and_its_end() -> None:
    run = begun(3)
    events = EncodedEvents(run, OwnWire(facts_of(run)))
    early, late = asyncio.create_task(all_of(events)), asyncio.create_task(all_of(events, 5))
    for number in range(5):
        await asyncio.sleep(0.001)
        run.append(Token(ns=(), message_id="run-1", node="chat", role="ai", text=f"{number} "))
    run.append(Ended(outcome="completed"))
    assert b"".join(await early) == expected(run)
    assert b"".join(await late) == expected(run, 5)


async def test_other_tasks_have_turns_while_events_are_encoded_and_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_turns, "LONGEST_S", 0)
    run = ended(ENTRIES)
    events = EncodedEvents(run, OwnWire(facts_of(run)))
    _, turns = await with_turns_of_others(asyncio.gather(*(all_of(events) for _ in range(5))))
    assert turns >= run.length

    async def count_pieces() -> int:
        return len([piece async for piece in events.pieces(0)])

    pieces, turns = await with_turns_of_others(count_pieces())
    assert turns >= pieces > 1


async def test_what_nobody_follows_is_forgotten() -> None:
    run, shared = ended(3), SharedEvents()
    await all_of(shared.of(run, "own", lambda: OwnWire(facts_of(run))))
    gc.collect()
    assert not shared._known


async def test_who_comes_back_to_a_run_that_ended_costs_one_encoding() -> None:
    run = ended(10)
    wire = CountedWire(facts_of(run))
    events = EncodedEvents(run, wire)
    whole = list(wire_events(OwnWire(facts_of(run)), run.events))
    assert await events.count() == len(whole)
    assert b"".join(await all_of(events, len(whole) - 1)) == whole[-1].encoded()
    assert wire.count == run.length
