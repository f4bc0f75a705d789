"""A request comes back from the history as it was; damaged values raise what its caller catches."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from graphs import GRAPHS
from streaming.core.graph_description import GraphDescription
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.partial_answer import PartialAnswer
from streaming.core.request import Fork, Resume, RunRequest
from streaming.core.typed_secrets import with_secrets_apart
from streaming.recordings.format import header_of
from streaming.storage.stored_request import dump_request, load_request

PLAIN = RunRequest(
    graph=GRAPHS["chat"],
    model=ModelSpec(provider="scripted", temperature=0.5, pace=Pace(ttft_ms=7, tokens_per_s=9.0)),
    modes=("messages", "updates"),
    prompt="Hello",
    labels={"owner": "me", "flush": "direct"},
)
REQUESTS = {
    "plain": PLAIN,
    "hosted": replace(
        PLAIN, model=ModelSpec(provider="compatible", model="m", base_url="http://127.0.0.1/v1", max_tokens=9)
    ),
    "a later turn": replace(PLAIN, thread_id="t", checkpoint_id="c", previous_run_id="a", replaces_run_id="b"),
    "a fork": replace(PLAIN, thread_id="t", fork=Fork(checkpoint_id="c", step=2, edits={"topic": "ü"})),
    "an answer": replace(PLAIN, thread_id="t", resume=Resume(answers={"q": {"action": "edit", "text": "x"}})),
    "a retry": replace(
        PLAIN, resume=Resume(partial_answers={"n": PartialAnswer(text="half", continues=True)}, expects="c")
    ),
    "breakpoints": replace(PLAIN, interrupt_before=("review",), subgraphs=False),
}


def stored(request: RunRequest) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(json.dumps(dump_request(request)))
    return loaded


def load(request: RunRequest, changed: dict[str, Any] | None = None) -> RunRequest:
    header = header_of("r", datetime.now(UTC), request)
    return load_request(header, {**stored(request), **(changed or {})}, graph=request.graph, owner="me")


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_comes_back_from_the_history_as_it_was(name: str) -> None:
    assert load(REQUESTS[name]) == REQUESTS[name]


def test_a_plain_request_stores_little() -> None:
    assert set(stored(PLAIN)) <= {"model", "context"}


@pytest.mark.parametrize(
    "damage",
    [{"fork": {"unknown": 1}}, {"resume": {"answers": {}}}, {"resume": {"partial_answers": {"n": {"text": "x"}}}}],
)
def test_damaged_values_raise_what_the_run_finder_catches(damage: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        load(PLAIN, damage)


def test_a_typed_secret_is_not_stored_and_has_to_be_typed_again() -> None:
    schema = {"properties": {"api_key": {"type": "string", "format": "password"}}}
    about = GraphDescription(input_schema=schema, context_schema=schema, configurable_schema=schema)
    typed = {"api_key": "typed-in-a-form"}
    request = with_secrets_apart(replace(PLAIN, input=typed, context=typed, configurable=typed), about)
    assert "typed-in-a-form" not in json.dumps(stored(request))
    loaded = load(request)
    assert (loaded.input, loaded.context, loaded.configurable) == ({"api_key": "[key]"},) * 3
    assert "typed again: api_key" in loaded.trouble
    assert load(loaded) == loaded, "also in the next run"
