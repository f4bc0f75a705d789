"""The request that `POST /api/runs` makes of its body."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from streaming.core.errors import BadRequest, InputError, NotContinuable
from streaming.core.events import Ended, Pending
from streaming.core.graph_description import GraphDescription
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.http.start_run import StartRun, parse_start, request_of
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.services import Services
from streaming.wires.clients import body_of
from tests.support.services import Configure

GREETER = Path(__file__).parents[3] / "support" / "own_graphs" / "greeter.py"


def test_a_graph_that_brings_its_model_runs_with_that_and_its_body_names_no_other(services: Services) -> None:
    theirs = SimpleNamespace(name="own-graph", module="theirs.py", description=GraphDescription())
    services.graphs.load_by(lambda: [cast("Any", theirs)])
    request = request_of(StartRun(graph="own-graph", prompt="Hello"), services)
    assert (request.model.provider, request.model.max_tokens) == ("own", None)
    assert request.may_cost
    body = body_of(request)
    assert "model" not in body
    assert request_of(StartRun.model_validate(body), services).model == request.model


def test_the_input_of_each_graph_that_has_a_schema_is_checked(services: Services) -> None:
    schema = {"type": "object", "properties": {"count": {"type": "integer"}}}
    theirs = SimpleNamespace(name="far", module="far.py", description=GraphDescription(input_schema=schema))
    services.graphs.load_by(lambda: [cast("Any", theirs)])
    with pytest.raises(InputError, match=r"does not fit far: count: 'x' is not of type 'integer'"):
        request_of(StartRun(graph="far", input={"count": "x"}), services)
    assert request_of(StartRun(graph="far", input={"count": 1}), services).input == {"count": 1}


def test_no_run_goes_on_from_a_thread_that_ended_with_the_process_of_its_graph(configure: Configure) -> None:
    services = configure(graph=f"{GREETER}:graph")
    [graph] = services.own_graphs.known()
    run = Run(RunRequest(graph=graph, model=OWN_MODEL, modes=("values",), prompt="Hi"), thread_id="kept", clock=float)
    run.append(Ended(outcome="interrupted", checkpoint_id="there", pending=(Pending(id="q", node="ask", value="?"),)))
    services.engine.registry.add(run)
    for given in ({"answers": {"q": "yes"}}, {"checkpoint_id": "there"}, {"prompt": "And then?"}):
        with pytest.raises(NotContinuable, match=r"The thread of this run ended .* Run it again\.$"):
            request_of(StartRun.model_validate({"previous_run": run.id, **given}), services)


def test_a_context_is_checked_as_an_input_is_before_a_graph_was_ever_loaded(configure: Configure) -> None:
    services = configure(graph=f"{GREETER}:graph")
    [graph] = services.own_graphs.known()
    services.graphs.load_by(lambda: [graph])
    for context, says in (
        ({}, "Context: user: a value is required."),
        ({"user": "u", "lang": "fr"}, "Context: lang: 'fr' is not one of ['de', 'en']."),
        ({"user": "u", "zzz": 1}, "'zzz' was unexpected"),
    ):
        with pytest.raises(InputError, match=r"^Context: ") as refused:
            request_of(StartRun(graph=graph.name, prompt="Hi", context=context), services)
        assert says in str(refused.value)
    with pytest.raises(InputError, match=r"Configurable: lang: 5 is not one of"):
        request_of(StartRun(graph=graph.name, prompt="Hi", context={"user": "u"}, configurable={"lang": 5}), services)
    request = request_of(StartRun(graph=graph.name, prompt="Hi", context={"user": "u"}), services)
    assert request.context == {"user": "u"}


def test_a_body_of_wrong_names_is_refused_without_a_sentence_for_each() -> None:
    def body(names: int) -> bytes:
        return json.dumps({"graph": "joke", "prompt": "x", **{f"k{number}": 1 for number in range(names)}}).encode()

    with pytest.raises(BadRequest, match=r"k0: extra inputs are not permitted; k1: .*; k4: extra inputs are not"):
        parse_start(body(20))
    with pytest.raises(BadRequest, match="it has 40,000 problems"):
        parse_start(body(40_000))
