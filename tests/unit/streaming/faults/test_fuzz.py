"""Whatever a provider sends and whatever a visitor types, a run ends in good order and keeps what it received."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise

import httpx2
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from langchain_core.messages import HumanMessage

from graphs import GRAPHS
from streaming.core.errors import InputError, ModelError
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.core.retry_policy import RetryPolicy
from streaming.faults import wire
from streaming.providers.call_policy import CallPolicy
from streaming.providers.error_mapping import to_lab_error
from streaming.providers.resilient_clients import ResilientChatOpenAI
from streaming.providers.whole_characters import readable
from streaming.runtime.engine import Engine
from tests.support.graphs import finish

SPEC = ModelSpec(provider="compatible", base_url="http://fuzz/v1", model="m")
MANY = examples(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
"""Further ones are tried with each run of the tests: Hypothesis draws them anew, and keeps those that fail."""

texts = st.text(max_size=20).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))
good = texts.map(lambda text: wire.event(wire.delta(text)))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=6,
)
odd = st.one_of(
    st.binary(max_size=40),
    json_values.map(lambda value: f"data: {json.dumps(value)}\n\n".encode()),
    st.sampled_from(
        [b"data:", b"\n\n", b"\r\r", b": ping\n\n", b"event: error\n", b"id: 1\n", b"retry: x\n", wire.DONE]
    ),
    st.just(wire.event(wire.error("busy", kind="server_error", code=503))),
    st.just(wire.event({**wire.delta("x"), "choices": None})),
)
END = wire.event(wire.delta("", finish="stop")) + wire.DONE


class _Body(httpx2.AsyncByteStream):
    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


class Fuzzed:
    """A real client whose provider sends `pieces`."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        transport = httpx2.MockTransport(self._answer)
        policy = CallPolicy(retry_policy=RetryPolicy(max_attempts=1), limits=Limits(ttft_s=5, idle_s=5))
        self.model = ResilientChatOpenAI(
            model="m",
            api_key="k",
            base_url="http://fuzz/v1",
            max_retries=0,
            http_async_client=httpx2.AsyncClient(transport=transport),
            retry_policy=policy.retry_policy,
            limits=policy.limits,
        )

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        if json.loads(request.content).get("stream"):
            return httpx2.Response(200, headers={"Content-Type": wire.EVENT_STREAM}, stream=_Body(self.pieces))
        return httpx2.Response(200, json=wire.completion("whole", 1))

    async def ask(self) -> tuple[str, BaseException | None]:
        said = ""
        try:
            async for chunk in self.model.astream([HumanMessage("x")]):
                said += str(chunk.text)
        except Exception as error:
            return said, error
        return said, None


@pytest.fixture(scope="module")
def fuzzed() -> Fuzzed:
    return Fuzzed()


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def cut_up(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(places)]


@MANY
@given(said=st.lists(texts.filter(bool), min_size=1, max_size=8), cuts=st.lists(st.integers(0, 10_000), max_size=12))
def test_a_valid_stream_is_read_however_it_is_split_into_packets(
    fuzzed: Fuzzed, runner: asyncio.Runner, said: list[str], cuts: list[int]
) -> None:
    fuzzed.pieces = cut_up(b"".join(wire.event(wire.delta(text)) for text in said) + END, cuts)
    assert runner.run(fuzzed.ask()) == (readable("".join(said)), None)


@MANY
@given(
    before=st.lists(texts.filter(bool), max_size=4),
    parts=st.lists(good | odd, max_size=8),
    ends=st.booleans(),
    cuts=st.lists(st.integers(0, 10_000), max_size=8),
)
def test_any_stream_ends_with_its_text_or_with_an_error_and_advice(
    fuzzed: Fuzzed, runner: asyncio.Runner, before: list[str], parts: list[bytes], ends: bool, cuts: list[int]
) -> None:
    received = b"".join(wire.event(wire.delta(text)) for text in before)
    fuzzed.pieces = cut_up(received + b"".join(parts) + (END if ends else b""), cuts)
    said, error = runner.run(asyncio.wait_for(fuzzed.ask(), 20))
    assert said.startswith("".join(before)), "what was received before the damage is kept"
    if error is not None:
        known = to_lab_error(error, SPEC)
        assert isinstance(known, ModelError), repr(error)
        assert known.advice


@MANY
@given(graph=st.sampled_from(sorted(GRAPHS)), prompt=st.text(max_size=60) | st.text(min_size=300, max_size=400))
def test_any_prompt_completes_or_is_refused_as_invalid_input(engine: Engine, graph: str, prompt: str) -> None:
    model = ModelSpec(provider="scripted", max_tokens=3, pace=Pace(ttft_ms=0, tokens_per_s=100_000, jitter=0))
    run = finish(
        engine.start(
            RunRequest(
                graph=GRAPHS[graph],
                model=model,
                modes=("messages", "updates"),
                prompt=prompt,
                limits=Limits(prompt_chars=350),
            )
        )
    )
    assert run.ended is not None
    if prompt.strip() and len(prompt) <= 350:
        assert run.status == "Completed", (graph, run.ended)
    else:
        assert run.status == "Failed"
        assert run.ended.error in {error.__name__ for error in InputError.__subclasses__()}
