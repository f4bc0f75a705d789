"""The server's end: everything is closed, whatever fails."""

from typing import Any

import pytest

import server


class Part:
    """Something that the server closes; `fails` while it does."""

    def __init__(self, name: str, closed: list[str], *, fails: bool = False) -> None:
        self._name, self._closed, self._fails = name, closed, fails

    def start(self) -> None:
        pass

    def close(self) -> None:
        self._closed.append(self._name)
        if self._fails:
            raise TimeoutError

    stop = close


async def test_a_lab_that_cannot_be_closed_keeps_neither_history_nor_telemetry_from_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed: list[str] = []
    monkeypatch.setattr(server, "warm_up", lambda: None)
    monkeypatch.setattr(server, "get_embedded_server", lambda: Part("model", closed))
    monkeypatch.setattr(server, "get_engine", lambda: Part("lab", closed, fails=True))
    monkeypatch.setattr(server, "close_history", Part("history", closed).close)
    monkeypatch.setattr(server, "get_telemetry", lambda load: Part("telemetry", closed))
    app: Any = None
    with pytest.raises(TimeoutError):
        async with server.lifespan(app):
            pass
    assert closed == ["model", "lab", "history", "telemetry"]
