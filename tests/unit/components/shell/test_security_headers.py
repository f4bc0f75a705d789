"""Every answer has the headers, also that of a refusal."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from components.shell.security_headers import HEADERS, SecurityHeaders


def test_every_answer_has_the_headers() -> None:
    routes = [Route("/", lambda _: PlainTextResponse("text"))]
    client = TestClient(Starlette(routes=routes, middleware=[Middleware(SecurityHeaders)]))
    for path in ("/", "/not-there"):
        answer = client.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_a_route_keeps_a_header_of_its_own() -> None:
    own = {"content-security-policy": "frame-ancestors 'none'"}
    routes = [Route("/", lambda _: PlainTextResponse("text", headers=own))]
    client = TestClient(Starlette(routes=routes, middleware=[Middleware(SecurityHeaders)]))
    assert client.get("/").headers.get_list("content-security-policy") == ["frame-ancestors 'none'"]
