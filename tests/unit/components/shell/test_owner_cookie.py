"""The cookie to which a browser's runs belong: set with the document of a server that others can reach."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from components.shell.owner_cookie import OwnerCookie
from streaming.services import Services
from tests.support.services import Configure

DOCUMENT = {"accept": "text/html"}


def client(services: Services, **options: str) -> TestClient:
    app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("page"))])
    app.add_middleware(OwnerCookie, services=services)
    return TestClient(app, **options)  # type: ignore[arg-type]


@pytest.fixture
def exposed(configure: Configure) -> Services:
    return configure(exposed="true")


def test_a_browser_gets_one_name_and_keeps_it(exposed: Services) -> None:
    with client(exposed) as browser:
        first = browser.get("/", headers=DOCUMENT).headers["set-cookie"]
        assert first.startswith(exposed.signed_owners.cookie)
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(first.split("; "))
        assert "Secure" not in first
        assert exposed.signed_owners.owner_in(browser.cookies[exposed.signed_owners.cookie])
        assert "set-cookie" not in browser.get("/", headers=DOCUMENT).headers


def test_a_forged_name_is_replaced(exposed: Services) -> None:
    with client(exposed) as browser:
        browser.cookies.set(exposed.signed_owners.cookie, "victim.signature")
        assert "set-cookie" in browser.get("/", headers=DOCUMENT).headers


def test_only_the_document_sets_it_and_only_on_a_server_that_others_can_reach(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    with client(configure(exposed="true")) as browser:
        assert "set-cookie" not in browser.get("/", headers={"accept": "*/*"}).headers
    monkeypatch.setattr("components.shell.owner_cookie.local_only", lambda: True)
    with client(configure(exposed="false")) as browser:
        assert "set-cookie" not in browser.get("/", headers=DOCUMENT).headers


def test_it_is_secure_over_https_also_behind_a_proxy(configure: Configure) -> None:
    with client(configure(exposed="true"), base_url="https://lab.example") as browser:
        assert "Secure" in browser.get("/", headers=DOCUMENT).headers["set-cookie"]
    with client(configure(exposed="true", trust_proxy="true")) as browser:
        answer = browser.get("/", headers={**DOCUMENT, "x-forwarded-proto": "https"})
        assert "Secure" in answer.headers["set-cookie"]
