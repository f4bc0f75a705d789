"""What looks like a key is left out of a URL, and what people write is not."""

from typing import Any

import pytest

from streaming.providers.likely_keys import looks_like_key, without_likely_keys


@pytest.mark.parametrize(
    "text",
    [
        "sk-proj-abcdefghijklm",
        "ask with gsk_abcdefghijkl please",
        "Bearer abc",
        "https://me:word@host/path",
        "AIzaSyD4x9Qw2Er5Ty7Ui8Op0As1Df3Gh6Jk9Lz",
        "AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x",
        "0123456789abcdef0123456789abcdef",
        "my planted secret word",
    ],
)
def test_a_text_that_looks_like_a_key_is_known(text: str) -> None:
    assert looks_like_key(text, ["planted secret"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "What do bees do in Winter 2026, and why?",
        "https://example.com/Articles/2026/The-10-best-ways-to-stream-tokens.html",
        "0bd9e9c7-8b3e-4c6d-9d51-5f2a1c0e7b42",
        "ConversationSummaryBufferMemory",
        "Donaudampfschifffahrtsgesellschaft",
        "a\r\nb",
    ],
)
def test_an_ordinary_text_is_none(text: str) -> None:
    assert not looks_like_key(text)


@pytest.mark.parametrize(
    ("value", "kept", "left_out"),
    [
        ({"n": 7, "api_key": "word", "max_tokens": 50}, {"n": 7, "max_tokens": 50}, ["input.api_key"]),
        ({"a": {"b": ["x", "sk-abcdefghij"], "c": 1}}, {"a": {"c": 1}}, ["input.a.b"]),
        ({"sk-abcdefghij": 1, "a": True}, {"a": True}, ["input.…"]),
        ("sk-abcdefghij", None, ["input"]),
        ({"password": "", "token": None}, {"password": "", "token": None}, []),
    ],
)
def test_parts_that_look_like_keys_are_left_out_and_named(value: Any, kept: Any, left_out: list[str]) -> None:
    assert without_likely_keys(value, name="input") == (kept, left_out)
