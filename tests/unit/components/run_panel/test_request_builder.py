"""The request that the controls of a page make."""

from typing import Any

import pytest

from components.run_panel.request_builder import build_request
from graphs import GRAPHS
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.rendering.flush import FlushStrategy
from tests.support.services import Configure


@pytest.fixture(autouse=True)
def _session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.run_panel.request_builder.owner", lambda: "me")


def built(**fields: Any) -> RunRequest:
    controls: dict[str, Any] = {
        "graph": GRAPHS["chat"],
        "model": ModelSpec(provider="scripted"),
        "modes": ("messages",),
        "prompt": "Hello",
    }
    return build_request(**controls | fields)


def test_labels_name_the_session_and_the_chosen_flush_strategy_with_its_n() -> None:
    assert built(flush=None).labels == {"owner": "me", "flush": ""}
    seven = FlushStrategy(flush="every N tokens", every_tokens=7)
    assert built(flush=seven).labels == {"owner": "me", "flush": "every N tokens", "every_tokens": "7"}


@pytest.mark.parametrize(("choice", "restart"), [(None, True), (True, True), (False, False)])
def test_a_choice_overrides_the_server_s_restart_setting(
    configure: Configure, choice: bool | None, restart: bool
) -> None:
    configure(restart="true", attempts="5")
    policy = built(restart=choice).retry_policy
    assert (policy.restart, policy.max_attempts) == (restart, 5)


@pytest.mark.parametrize("provider", ["scripted", "local", "openai"])
@pytest.mark.parametrize("limit", [5, 100, 8192])
def test_the_default_length_of_an_answer_stays_within_the_limit(
    configure: Configure, provider: Any, limit: int
) -> None:
    configure(max_tokens=str(limit))
    request = built(model=ModelSpec(provider=provider))
    assert request.model.max_tokens == min(256, limit)
    request.check()


def test_a_model_without_a_length_gets_none() -> None:
    assert built(model=ModelSpec(provider="openai", max_tokens=None)).model.max_tokens is None
