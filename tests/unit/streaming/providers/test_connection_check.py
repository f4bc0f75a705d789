"""The connection check tells reachability, key and model apart, and generates nothing."""

import json

import pytest

from streaming.providers.connection_check import check_connection
from tests.support.provider_runs import KEY, compatible
from tests.support.provider_servers import answering, dead_endpoint, redirecting


@pytest.mark.parametrize(
    ("status", "body", "verdicts"),
    [
        (200, json.dumps({"data": [{"id": "some-model"}]}), (True, True, True)),
        (200, json.dumps({"data": [{"id": "other"}]}), (True, True, False)),
        (401, "{}", (True, False, None)),
        (200, "<html>", (True, None, None)),
    ],
)
def test_the_check_reports_reachability_key_and_model(
    status: int, body: str, verdicts: tuple[bool | None, ...]
) -> None:
    with answering(status, body) as base_url:
        check = check_connection(compatible(base_url), api_key=KEY)
    assert (check.reachable, check.authorised, check.model_exists) == verdicts
    assert KEY not in check.sentence


def test_the_check_does_not_follow_a_redirect() -> None:
    with (
        answering(200, json.dumps({"data": [{"id": "some-model"}]})) as inner,
        redirecting(f"{inner}/models") as base_url,
    ):
        check = check_connection(compatible(base_url))
    assert (check.reachable, check.model_exists) == (True, None)
    assert "another address" in check.sentence


@pytest.mark.parametrize("tail", ["/v1", ":99999999/v1"])
def test_the_check_prints_no_password_of_a_base_url(tail: str) -> None:
    check = check_connection(compatible(f"http://me:{KEY}@127.0.0.1:1{tail}"))
    assert check.reachable is False
    assert KEY not in check.sentence


def test_the_check_of_a_dead_endpoint_reports_it_unreachable() -> None:
    assert check_connection(compatible(dead_endpoint())).reachable is False
