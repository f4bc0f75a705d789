"""The log: one line in each form, without keys, passwords and terminal codes."""

import io

import pytest

from streaming.observability.logs import logger

KEY = "sk-planted-0123456789"


@pytest.mark.parametrize("form", ["json", "console"])
def test_keys_passwords_and_terminal_codes_never_reach_the_log(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "an odd key")
    file = io.StringIO()
    log = logger(form, file)
    log.info(
        "x", a=f"with {KEY} in it", b="an odd key", c="postgresql://me:planted@db/x", d="Bearer abc.def", e="\x1b[2Jz"
    )
    try:
        raise ValueError(KEY)
    except ValueError:
        log.exception("failed")
    text = file.getvalue()
    assert text.count("\n") >= 2
    for secret in (KEY, "an odd key", "planted@", "abc.def"):
        assert secret not in text
    assert "\x1b[2J" not in text
    assert "\\u001b[2J" not in text


def test_log_that_is_off_writes_nothing() -> None:
    file = io.StringIO()
    logger("off", file).error("x")
    assert file.getvalue() == ""
