"""The factory opens LangChain's own clients, with a key and through a proxy."""

import pytest
from langchain_groq import ChatGroq

from streaming.core.model_spec import ModelSpec
from streaming.core.retry_policy import RetryPolicy
from streaming.providers.call_policy import CallPolicy
from streaming.providers.factory import open_model
from tests.support.provider_runs import KEY, compatible, run_on
from tests.support.provider_servers import answering, dead_endpoint


async def test_hosted_models_are_langchain_clients_that_hide_their_key() -> None:
    model = await open_model(ModelSpec(provider="groq"), api_key=KEY)
    assert isinstance(model, ChatGroq)
    assert KEY not in repr(model)


@pytest.mark.parametrize("provider", ["openai", "groq"])
def test_a_missing_key_names_where_to_set_it(provider: str) -> None:
    run = run_on(ModelSpec(provider=provider), key=None)  # type: ignore[arg-type]
    assert run.ended is not None
    assert run.ended.error == "KeyMissing"
    assert "Model settings" in run.ended.advice


async def test_a_proxy_for_openai_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_PROXY", dead_endpoint())
    with answering(200, "{}") as base_url:
        model = await open_model(compatible(base_url), policy=CallPolicy(retry_policy=RetryPolicy(max_attempts=1)))
        with pytest.raises(Exception, match="Connection"):
            await model.ainvoke("x")


@pytest.mark.parametrize("spec", [compatible("http://127.0.0.1:1"), ModelSpec(provider="openai")])
async def test_no_watch_of_the_client_can_lose_a_cancellation(spec: ModelSpec) -> None:
    """`asyncio.wait_for` around each chunk does so before Python 3.12: Stop would not stop."""
    model = await open_model(spec, api_key=KEY)
    assert model.stream_chunk_timeout is None  # type: ignore[attr-defined]
