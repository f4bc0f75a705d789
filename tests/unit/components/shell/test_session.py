"""Who can reach the server decides what a visitor sees and what he may make it call."""

import pytest

from components.shell.session import local_only
from tests.conftest import Configure


@pytest.mark.parametrize(
    ("address", "hosts", "exposed", "local"),
    [
        ("127.0.0.1", ["localhost", "127.0.0.1"], "", True),
        ("localhost", ["[::1]"], "false", True),
        ("0.0.0.0", ["localhost"], "", False),
        (None, ["localhost"], "", False),
        ("127.0.0.1", ["localhost", "lab.example"], "", False),
        ("127.0.0.1", [], "", False),
        ("127.0.0.1", ["localhost"], "true", False),
    ],
)
def test_a_server_behind_a_proxy_is_not_local(
    monkeypatch: pytest.MonkeyPatch,
    configure: Configure,
    address: str | None,
    hosts: list[str],
    exposed: str,
    local: bool,
) -> None:
    options = {"server.address": address, "server.allowedHosts": hosts}
    monkeypatch.setattr("components.shell.session.st.get_option", options.__getitem__)
    configure(exposed=exposed)
    assert local_only() is local
