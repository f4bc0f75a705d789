"""Texts and choices in the URL: defaults and what is too long are not written, and unknown options are ignored."""

from types import SimpleNamespace

import pytest

from components.shell import url_state

DEFAULT = "default"


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    params: dict[str, str] = {}
    monkeypatch.setattr(url_state, "st", SimpleNamespace(query_params=params))
    return params


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("own", "own"),
        (DEFAULT, None),
        ("", None),
        (" \n", None),
        ("a" * url_state.MAX_TEXT_BYTES, "a" * url_state.MAX_TEXT_BYTES),
        ("a" * (url_state.MAX_TEXT_BYTES + 1), None),
        ("ü" * (url_state.MAX_TEXT_BYTES // 6 + 1), None),
        ("\ud800", "\ud800"),
    ],
)
def test_a_text_is_in_the_url_unless_it_is_default_empty_or_too_long(
    url: dict[str, str], text: str, kept: str | None
) -> None:
    for before in ({}, {"prompt": "before"}):
        url.clear()
        url.update(before)
        url_state.sync_text("prompt", text, default=DEFAULT)
        assert url.get("prompt") == kept


def test_the_initial_values_come_from_the_url(url: dict[str, str]) -> None:
    assert url_state.initial_text("prompt", DEFAULT) == DEFAULT
    labels = {"a": "First", "b": "Second"}
    assert url_state.initial_option("when", labels, "b") == "b"
    url.update(prompt="own", when="a")
    assert url_state.initial_text("prompt", DEFAULT) == "own"
    assert url_state.initial_option("when", labels, "b") == "a"
    url["when"] = "First"
    assert url_state.initial_option("when", labels, "b") == "a", "an older link has the label"
    url.update(prompt="", when="unknown")
    assert url_state.initial_text("prompt", DEFAULT) == DEFAULT
    assert url_state.initial_option("when", labels, "b") == "b"
