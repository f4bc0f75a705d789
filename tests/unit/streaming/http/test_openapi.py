"""The OpenAPI document is true: a program that tries what it allows finds nothing."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from starlette.applications import Starlette
from starlette.testclient import TestClient

from graphs import ALL
from streaming.http.routes import api_routes
from streaming.services import get_services
from tests.support.services import Configure

CHECKS = [
    schemathesis.checks.not_a_server_error,
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]


def document() -> dict[str, Any]:
    with TestClient(Starlette(routes=api_routes(get_services()))) as client:
        found: dict[str, Any] = client.get("/api/openapi.json").json()
    return found


def test_the_document_names_the_graphs_and_the_limits_of_this_server(configure: Configure) -> None:
    configure(prompt_chars="77", max_tokens="99")
    fields = document()["components"]["schemas"]["StartRun"]["properties"]
    assert fields["graph"]["enum"] == [graph.name for graph in ALL]
    assert fields["prompt"]["maxLength"] == 77
    assert fields["tokens"]["anyOf"][0]["maximum"] == 99


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", ["/api/runs", "/api/runs/{run_id}", "/api/runs/{run_id}/events"])
def test_requests_that_the_document_allows_or_forbids_get_the_answers_that_it_names(
    path: str, mode: GenerationMode, configure: Configure
) -> None:
    configure(max_tokens="5")
    for operation in schema_of(mode).include(path=path).get_all_operations():
        cases = operation.ok().as_strategy(generation_mode=mode)
        quick = settings(max_examples=12, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
        quick(given(case=cases)(call_and_check))()


def call_and_check(case: Any) -> None:
    case.call_and_validate(checks=CHECKS)


def schema_of(mode: GenerationMode) -> Any:
    """The document; where its requests are accepted, without real models."""
    raw = document()
    if mode is GenerationMode.POSITIVE:
        for name in ("StartRun", "ContinueRun"):
            with_simple_values(raw["components"]["schemas"][name]["properties"])
        raw["components"]["schemas"]["StartRun"]["properties"]["model"] = {"type": "string", "enum": ["scripted"]}
    schema = schemathesis.openapi.from_dict(raw)
    schema.app = Starlette(routes=api_routes(get_services()))
    return schema


def with_simple_values(fields: dict[str, Any]) -> None:
    """Free JSON without nesting: Hypothesis parses its own lambdas to describe nested JSON, which CPython 3.11 cannot
    do deep in a stack ("AST constructor recursion depth mismatch")."""
    simple = {"type": ["string", "number", "boolean", "null"]}
    for name in fields.keys() & {"input", "context", "configurable", "answers", "edits"}:
        for part in fields[name].get("anyOf", [fields[name]]):
            if part.get("type") == "object":
                part.pop("patternProperties", None)
                part["additionalProperties"] = simple
            elif part.get("type") == "array":
                part["items"] = simple
