"""A request has no secret that was typed for it; the graph gets it, and a later run of the same visitor."""

from dataclasses import replace
from typing import Any

import pytest

from streaming.core.errors import InputError
from streaming.core.graph_description import GraphDescription
from streaming.core.model_spec import ModelSpec
from streaming.core.request import Fork, Resume, RunRequest
from streaming.core.typed_secrets import carried, revealed, texts_of, with_secrets_apart, without_secrets
from tests.support.graphs import Source

SCHEMA = {"properties": {"topic": {"type": "string"}, "token": {"type": "string", "format": "password"}}}
ABOUT = GraphDescription(input_schema=SCHEMA, context_schema=SCHEMA, configurable_schema=SCHEMA)


def request_of(**given: Any) -> RunRequest:
    request = RunRequest(
        graph=Source(builder=lambda *_: None, given={}), model=ModelSpec(), modes=("values",), labels={"owner": "me"}
    )
    return replace(request, **given)


ALL = request_of(
    input={"topic": "a", "token": "in-input"},
    context={"token": "in-context"},
    configurable={"token": "in-configurable"},
    thread_id="t",
    fork=Fork(checkpoint_id="c", step=1, edits={"token": "in-edits"}),
)


def test_a_request_shows_no_secret_and_the_graph_gets_all_of_them() -> None:
    request = with_secrets_apart(ALL, ABOUT)
    assert not [text for text in ("in-input", "in-context", "in-configurable", "in-edits") if text in repr(request)]
    assert request.input == {"topic": "a", "token": "[key]"}
    assert with_secrets_apart(request, ABOUT) == request, "what is apart already stays so"
    again = revealed(request)
    assert (again.input, again.context, again.configurable, again.fork) == (
        ALL.input,
        ALL.context,
        ALL.configurable,
        ALL.fork,
    )


def test_a_form_that_begins_with_the_request_has_no_secret() -> None:
    assert without_secrets(with_secrets_apart(ALL, ABOUT)).input == {"topic": "a"}


def test_a_run_of_the_same_visitor_goes_on_with_the_secret() -> None:
    before = with_secrets_apart(request_of(input={"token": "typed"}), ABOUT)
    after = replace(before, secrets=carried(before, request_of()))
    assert revealed(after).input == {"token": "typed"}
    assert not after.trouble


def test_another_visitor_has_to_type_the_secret_and_sees_neither_in_what_the_graph_sends() -> None:
    before = with_secrets_apart(request_of(input={"token": "of-the-first"}), ABOUT)
    other = request_of(labels={"owner": "other"})
    after = replace(before, secrets=carried(before, other))
    assert revealed(after).input == {"token": "[key]"}
    with pytest.raises(InputError, match=r"typed again: token"):
        after.check()
    controls = with_secrets_apart(replace(other, input={"token": "of-the-other"}), ABOUT)
    after = replace(before, secrets=carried(before, controls))
    assert revealed(after).input == {"token": "of-the-other"}
    assert set(texts_of(after)) == {"of-the-first", "of-the-other"}


@pytest.mark.parametrize("move", [{"resume": Resume()}, {"fork": Fork(checkpoint_id="c", step=1)}])
def test_to_go_on_from_a_checkpoint_needs_the_secrets_of_the_context_alone(move: dict[str, Any]) -> None:
    stored = request_of(input={"token": "[key]"}, thread_id="t", **move)
    lost = with_secrets_apart(request_of(input={"token": "x"}, context={"token": "y"}), ABOUT)
    paths = tuple(replace(secret, value=None) for secret in lost.secrets)
    assert replace(stored, secrets=paths).trouble == ""
    assert "typed again: token" in replace(stored, context={"token": "[key]"}, secrets=paths).trouble


def test_a_text_that_reads_like_a_hidden_secret_is_one_that_was_typed() -> None:
    request = with_secrets_apart(request_of(input={"token": "[key]"}), ABOUT)
    assert not request.trouble
    assert revealed(request).input == {"token": "[key]"}
