"""The login, with a real browser, the real app, and a small identity provider on loopback."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.app_server import free_port, running_app
from tests.support.browser_checks import QUICK, run_id, state
from tests.support.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, running_identity_provider

pytestmark = pytest.mark.browser

USER = "_streamlit_user"
TOKEN = "planted-api-token-0123456789"
"""Of programs, for `/api`."""


@dataclass(frozen=True, slots=True)
class Lab:
    """A server with a login, and who logs people in."""

    url: str
    log: Path
    provider: IdentityProvider


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("login")
    port = free_port()
    secrets = folder / "secrets.toml"
    with running_identity_provider() as provider:
        provider.redirect_uri = f"http://127.0.0.1:{port}/oauth2callback"
        values = {
            "redirect_uri": provider.redirect_uri,
            "cookie_secret": "planted-cookie-secret-0123456789",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "server_metadata_url": f"{provider.url}/.well-known/openid-configuration",
        }
        secrets.write_text("[auth]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
        settings = {
            "STREAMING_LAB_LOGIN": "true",
            "STREAMING_LAB_API_TOKEN": TOKEN,
            "STREAMLIT_SECRETS_FILES": str(secrets),
        }
        with running_app(folder / "log.txt", port=port, settings=settings) as url:
            yield Lab(url, folder / "log.txt", provider)


@pytest.fixture(scope="module")
def own_context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser of its own, with a cache of its own."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


@pytest.fixture
def visitor(own_context: BrowserContext) -> Iterator[Page]:
    """A page in a browser that nobody has logged in to."""
    own_context.clear_cookies()
    page = own_context.new_page()
    yield page
    page.close()


def log_in(page: Page, lab: Lab, user: str) -> None:
    lab.provider.user = user
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def cookie(page: Page) -> str:
    found = [one["value"] for one in page.context.cookies() if one["name"] == USER]
    return found[0] if found else ""


def api(lab: Lab, path: str, value: str) -> int:
    return httpx.get(f"{lab.url}{path}", cookies={USER: value} if value else None).status_code


LONG = "model=scripted&ttft_ms=50&tokens_per_s=20&tokens=400&autorun=1"
OPEN_SOCKET = """url => new Promise(done => {
    const socket = new WebSocket(url);
    socket.onopen = () => done("open");
    socket.onclose = () => done("closed");
})"""


def test_two_users_of_one_browser(lab: Lab, visitor: Page) -> None:
    socket = f"ws://{urlsplit(lab.url).netloc}/api/live"

    # Nobody sees a page, or anything of the server, before the login.
    visitor.goto(f"{lab.url}/messages?{QUICK}")
    expect(visitor.get_by_role("button", name="Log in")).to_be_visible()
    assert visitor.locator(".st-key-run, .st-key-prompt").count() == 0
    assert visitor.evaluate(OPEN_SOCKET, socket) == "closed"
    for path in ("/api/metrics", "/api/openapi.json", "/api/runs/some-run", "/api/runs/some-run/events"):
        assert api(lab, path, "") == 401
    assert httpx.post(f"{lab.url}/api/runs", json={"graph": "chat", "prompt": "x"}).status_code == 401
    assert httpx.get(f"{lab.url}/healthz").status_code == 200
    assert httpx.get(f"{lab.url}/api/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200

    # With it, the app works as without one, and the API too.
    log_in(visitor, lab, "ada")
    visitor.goto(f"{lab.url}/messages?{QUICK}&prompt=Of+Ada")
    expect(state(visitor, "Completed")).to_be_visible()
    assert visitor.evaluate(OPEN_SOCKET, socket) == "open"
    run = run_id(visitor)
    assert api(lab, f"/api/runs/{run}", cookie(visitor)) == 200
    visitor.goto(f"{lab.url}/runs")
    expect(visitor.get_by_text("The newest 1 of 1 stored runs")).to_be_visible()

    # A cookie of another's making, of another name or of a part counts as none.
    name, _, rest = cookie(visitor).partition(".")
    forged = [f"{name[:-2]}xx.{rest}", cookie(visitor)[:-3], name, "chunks-999999999", "x" * 3000, TOKEN]
    tokens = next(one["value"] for one in visitor.context.cookies() if one["name"] == f"{USER}_tokens")
    assert [api(lab, f"/api/runs/{run}", value) for value in (*forged, tokens)] == [401] * 7

    visitor.get_by_role("button", name="Log out").click()
    expect(visitor.get_by_role("button", name="Log in")).to_be_visible()
    assert cookie(visitor) == ""
    assert visitor.evaluate(OPEN_SOCKET, socket) == "closed"

    # Runs are listed for their user, not for the browser.
    log_in(visitor, lab, "bob")
    visitor.goto(f"{lab.url}/runs")
    expect(visitor.get_by_text("No run is stored yet")).to_be_visible()


FOLLOW = """([url, run]) => new Promise(done => {
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send(JSON.stringify({ follow: run }));
    socket.onmessage = () => done();
    window.refused = new Promise(closed => { socket.onclose = closed; }).then(event => event.code);
})"""
STREAM = """async run => {
    const { body } = await fetch(`/api/runs/${run}/events`);
    const reader = body.getReader();
    await reader.read();
    window.ended = (async () => { while (!(await reader.read()).done); return true; })();
}"""


def test_a_logout_in_one_tab_ends_the_others(lab: Lab, visitor: Page, own_context: BrowserContext) -> None:
    visitor.goto(lab.url)
    log_in(visitor, lab, "ada")
    visitor.goto(f"{lab.url}/messages?{LONG}&prompt=Of+Ada")
    expect(state(visitor, "Running")).to_be_visible()
    run = run_id(visitor)
    visitor.evaluate(FOLLOW, [f"ws://{urlsplit(lab.url).netloc}/api/live", run])
    visitor.evaluate(STREAM, run)
    kept = cookie(visitor)

    other = own_context.new_page()
    other.goto(f"{lab.url}/runs")
    other.get_by_role("button", name="Log out").click()
    expect(other.get_by_role("button", name="Log in")).to_be_visible()

    # The tab of the run asks for a login too, and nothing that it has opened goes on.
    expect(visitor.get_by_role("button", name="Log in")).to_be_visible()
    expect(visitor.locator(".sl-player, .st-key-run")).to_have_count(0)
    assert visitor.evaluate("refused") == 1008
    assert visitor.evaluate("ended")
    assert api(lab, f"/api/runs/{run}", kept) == 401
    # A copy of the cookie opens no page.
    own_context.add_cookies([{"name": USER, "value": kept, "url": lab.url}])
    other.goto(f"{lab.url}/runs")
    expect(other.get_by_role("button", name="Log in")).to_be_visible()
    log_in(other, lab, "ada")
    assert api(lab, f"/api/runs/{run}", cookie(other)) == 200
    other.close()


WRONG: dict[str, dict[str, Any]] = {
    "nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "issuer": {"iss": "http://evil.example"},
    "audience": {"aud": "another-app"},
    "expired": {"exp": 1_000_000_000, "iat": 999_999_000},
}


def test_tokens_that_are_refused(lab: Lab, visitor: Page) -> None:
    visitor.goto(lab.url)
    with visitor.expect_request(lambda request: "/auth/login" in request.url) as asked:
        visitor.get_by_role("button", name="Log in").click()
    login = asked.value.url

    def logged_in() -> bool:
        with httpx.Client(follow_redirects=True) as client:
            client.get(login)
            return USER in client.cookies

    assert logged_in()
    for name, claims in WRONG.items():
        lab.provider.claims = claims
        assert not logged_in(), name
    lab.provider.claims = {}
    lab.provider.key = RSAKey.generate_key(2048, {"kid": "1"})
    assert not logged_in(), "another key"
    lab.provider.key = lab.provider.published
    with httpx.Client() as client:
        # A callback without the state that this browser was given, and one that comes twice.
        to_provider = client.get(login).headers["location"]
        callback = httpx.get(to_provider).headers["location"]
        httpx.get(callback)
        assert USER not in httpx.get(callback).cookies
        assert USER not in client.get(f"{callback.partition('?')[0]}?code=x&state=y").cookies
    log = lab.log.read_text()
    assert not [word for word in (CLIENT_SECRET, "planted-cookie-secret", TOKEN, "planted-access") if word in log]
