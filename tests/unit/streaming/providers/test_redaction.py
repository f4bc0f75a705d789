"""Redaction removes keys from texts and errors."""

import pytest
from pydantic import TypeAdapter, ValidationError

from streaming.providers.redaction import redact, redact_error
from tests.support.provider_runs import KEY


def test_redaction_removes_known_and_likely_keys_and_truncates() -> None:
    said = redact("secret-1 and gsk_abcdef123456 " + "x" * 500, ["secret-1"])
    assert "secret-1" not in said
    assert "gsk_abc" not in said
    assert len(said) <= 200


@pytest.mark.parametrize("between", ["\0", "\x1b", "\x85"])
def test_a_key_with_characters_between_that_are_not_shown_is_a_key(between: str) -> None:
    assert redact(f"wrong key {between.join(KEY)}", [KEY]) == "wrong key [key]"


def test_a_redacted_error_keeps_its_type_and_status() -> None:
    error = ValueError(f"no: {KEY}")
    error.body = {"code": 401, "message": [KEY]}  # type: ignore[attr-defined]
    error.__cause__ = UnicodeDecodeError("utf-8", KEY.encode(), 0, 1, "bad")
    cleaned = redact_error(error, [KEY])
    assert cleaned is error
    assert cleaned.body == {"code": 401, "message": ["[key]"]}  # type: ignore[attr-defined]
    assert KEY not in f"{cleaned!r} {cleaned.__cause__!r}"


def test_an_error_that_cannot_be_changed_is_replaced() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(int).validate_python(KEY)
    cleaned = redact_error(caught.value, [KEY])
    assert isinstance(cleaned, ValueError)
    assert KEY not in f"{cleaned!r} {cleaned}"


@pytest.mark.parametrize("name", ["key-split1", "key_points", "key-value-store-of-all", "monkey-0123456789abcdef"])
def test_a_name_that_begins_as_a_key_is_none(name: str) -> None:
    assert redact(f"the model {name} failed") == f"the model {name} failed"


@pytest.mark.parametrize(
    "key",
    ["key-3ax6xnjp29jd6fds4gc373sgvjxteol0", "key_0123456789ab", "key-**********yz", "sk-abcdef", "pk_abcdef"],
)
def test_what_has_the_form_of_a_key_is_hidden(key: str) -> None:
    assert redact(f"the key {key} failed") == "the key [key] failed"


def test_a_long_text_of_what_may_begin_a_key_stays() -> None:
    """A search that read on from each would take a minute."""
    text = "key-" * 25_000
    assert redact(text, max_chars=len(text)) == text
