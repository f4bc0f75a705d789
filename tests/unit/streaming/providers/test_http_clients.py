"""Shared HTTP clients share connections and nothing else."""

import asyncio
import json
import ssl
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from streaming.providers.factory import open_model
from streaming.providers.http_clients import Client, HttpClientPool
from tests.support.provider_runs import compatible
from tests.support.provider_servers import answering


@pytest.mark.parametrize("client", ["openai", "groq"])
async def test_a_pool_hands_out_one_client_until_it_is_closed(client: Client) -> None:
    pool = HttpClientPool()
    first, second = pool.arguments(client), pool.arguments(client)
    assert first == second
    await pool.aclose()
    assert first["http_client"].is_closed
    assert first["http_async_client"].is_closed
    assert pool.arguments(client)["http_client"] is not first["http_client"]
    await pool.aclose()


@pytest.mark.parametrize("client", ["openai", "groq"])
async def test_certificates_are_read_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    pools = [HttpClientPool(), HttpClientPool()]
    pools[0].arguments(client)
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", lambda *_: pytest.fail("read again"), raising=False)
    pools[1].arguments(client)
    for pool in pools:
        await pool.aclose()


def test_first_callers_at_the_same_time_get_the_same_client() -> None:
    pool, barrier = HttpClientPool(), Barrier(4)

    async def arguments() -> dict[str, Any]:
        barrier.wait(20)
        return pool.arguments("groq")

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: asyncio.run(arguments()), range(4)))
    assert len({id(arguments["http_client"]) for arguments in found}) == 1
    assert len({id(arguments["http_async_client"]) for arguments in found}) == 4, "one for each event loop"


async def test_a_cookie_of_one_visitor_is_not_sent_with_the_requests_of_another() -> None:
    pool, seen = HttpClientPool(), list[str | None]()
    cookie = {"Set-Cookie": "session=of-the-first-visitor"}
    with answering(200, json.dumps({}), headers=cookie, cookies=seen) as base_url:
        for _ in range(2):
            model = await open_model(compatible(base_url), clients=pool)
            with pytest.raises(Exception, match="choices"):
                await model.ainvoke("x")
    assert len(seen) >= 2
    assert set(seen) == {None}
    await pool.aclose()
