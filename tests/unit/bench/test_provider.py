"""The provider of the benchmark: stamps, schedule, hold, and the moment at which a client leaves."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from bench.tokens.provider import Provider
from bench.tokens.words import Answer, parse, word


@pytest.fixture
async def provider() -> AsyncIterator[tuple[str, Provider]]:
    served = Provider()
    server = await asyncio.start_server(served.handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", served


async def arrivals(url: str, name: str) -> AsyncIterator[tuple[str, float]]:
    body = {"model": name}
    async with (
        httpx.AsyncClient() as client,
        client.stream("POST", f"{url}/v1/chat/completions", json=body) as response,
    ):
        async for line in response.aiter_lines():
            if line.startswith("data: {") and (text := json.loads(line[6:])["choices"][0]["delta"].get("content")):
                yield text, time.time()


def test_a_model_name_asks_for_an_answer_and_is_new_each_time() -> None:
    answer = Answer(words=300, rate=100, held_ms=50)
    first, second = answer.new_name(), answer.new_name()
    assert first != second
    assert parse(first) == parse(second) == answer


def test_another_name_is_refused() -> None:
    with pytest.raises(ValueError, match="gpt-4"):
        parse("gpt-4")


async def test_every_word_arrives_in_order_after_its_stamp(provider: tuple[str, Provider]) -> None:
    url, served = provider
    name = Answer(words=50, rate=1000).new_name()
    found = [pair async for pair in arrivals(url, name)]
    assert [text for text, _ in found] == [word(number) for number in range(1, 51)]
    sent = served.records[name].sent
    assert len(sent) == 50
    assert all(left <= arrived for left, (_, arrived) in zip(sent, found, strict=True))
    assert served.records[name].closed_at is None


async def test_words_that_are_held_arrive_later_by_that_time(provider: tuple[str, Provider]) -> None:
    url, served = provider
    name = Answer(words=20, rate=1000, held_ms=100).new_name()
    found = [arrived async for _, arrived in arrivals(url, name)]
    waited = [arrived - left for left, arrived in zip(served.records[name].sent, found, strict=True)]
    assert min(waited) >= 0.099


async def test_a_client_that_leaves_is_stamped_and_gets_no_more_words(provider: tuple[str, Provider]) -> None:
    url, served = provider
    name = Answer(words=100_000, rate=100).new_name()
    async for _ in arrivals(url, name):
        break
    record = served.records[name]
    while record.closed_at is None:
        await asyncio.sleep(0.01)
    assert record.closed_at >= record.sent[0]
    assert len(record.sent) < 100_000


async def test_stamps_are_served(provider: tuple[str, Provider]) -> None:
    url, _ = provider
    name = Answer(words=3, rate=1000).new_name()
    assert [text async for text, _ in arrivals(url, name)] == [word(1), word(2), word(3)]
    async with httpx.AsyncClient() as client:
        stamps = (await client.get(f"{url}/answers/{name}")).json()
    assert len(stamps["sent"]) == 3
