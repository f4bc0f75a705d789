"""The request that `POST /api/runs` makes of its body."""

from types import SimpleNamespace
from typing import Any, cast

from streaming.core.graph_description import GraphDescription
from streaming.http.start_run import StartRun, request_of
from streaming.services import Services
from streaming.wires.clients import body_of


def test_a_graph_that_brings_its_model_runs_with_that_and_its_body_names_no_other(services: Services) -> None:
    theirs = SimpleNamespace(name="own-graph", module="theirs.py", description=GraphDescription())
    services.graphs.load_by(lambda: [cast("Any", theirs)])
    request = request_of(StartRun(graph="own-graph", prompt="Hello"), services)
    assert (request.model.provider, request.model.max_tokens) == ("own", None)
    assert request.may_cost
    body = body_of(request)
    assert "model" not in body
    assert request_of(StartRun.model_validate(body), services).model == request.model
