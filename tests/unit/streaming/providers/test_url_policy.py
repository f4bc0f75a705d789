"""A server that can be reached from outside calls only allowed hosts."""

import pytest

from streaming.core.errors import AddressRefused
from streaming.providers.url_policy import check_base_url, secrets_in_url

ALLOWED = {"allowed.example", "with-port.example:8000", "any-port.example:*", "[::1]:8080"}


@pytest.mark.parametrize("url", ["http://localhost:11434/v1", "https://api.example.com/v1", "http://[::1]:8080/v1"])
def test_a_local_server_calls_any_url(url: str) -> None:
    check_base_url(url, exposed=False)


@pytest.mark.parametrize(
    "url", ["", "file:///etc/passwd", "gopher://x", "localhost:11434", "http://", "http://[", "//x/y"]
)
@pytest.mark.parametrize("exposed", [False, True])
def test_an_invalid_url_is_refused(url: str, exposed: bool) -> None:
    with pytest.raises(AddressRefused, match="is not a URL"):
        check_base_url(url, exposed=exposed)


@pytest.mark.parametrize("url", ["http://x:99999999/v1", "http://x:0", "http://x:port/v1"])
def test_an_invalid_port_is_named(url: str) -> None:
    with pytest.raises(AddressRefused, match="port"):
        check_base_url(url, exposed=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "http://localhost:22",
        "http://127.0.0.1",
        "http://allowed.example@evil.example/v1",
        "http://evil.example/?allowed.example",
        "http://allowed.example.evil.example",
        "http://allowed.example:22",
        "https://allowed.example:80/v1",
        "http://with-port.example/v1",
        "http://with-port.example:8001/v1",
        "http://[::1]:8081/v1",
        "http://allowed.example./v1",
    ],
)
def test_an_exposed_server_calls_only_allowed_hosts(url: str) -> None:
    with pytest.raises(AddressRefused, match="does not call"):
        check_base_url(url, exposed=True, allowed_hosts=ALLOWED)


@pytest.mark.parametrize(
    "url",
    [
        "https://ALLOWED.example/v1",
        "http://allowed.example:80/v1",
        "http://with-port.example:8000/v1",
        "http://any-port.example:9/v1",
        "http://[::1]:8080/v1",
    ],
)
def test_a_host_is_allowed_with_its_port(url: str) -> None:
    check_base_url(url, exposed=True, allowed_hosts=ALLOWED)


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("http://host/v1", []),
        ("http://host/v1?code=a%2Bb&api-version=2024-10-21", ["a+b"]),
        ("http://me:pass%40word@host/v1?sig=x", ["pass@word", "x"]),
        ("http://only-a-key@host", ["only-a-key"]),
        ("http://[::1/v1?code=a", []),
    ],
)
def test_what_may_be_a_key_in_a_url(url: str, secrets: list[str]) -> None:
    assert secrets_in_url(url) == secrets
