"""A provider chooses only charsets that are read quickly."""

import codecs

import pytest

from streaming.providers.charsets import KNOWN, with_known_charset


@pytest.mark.parametrize(
    "said",
    [
        "application/json; charset=punycode",
        "application/json; charset=idna",
        'application/json; Charset="PunyCode"',
        "application/json; charset*=utf-8''punycode",
        "application/json; charset*0=puny; charset*1=code",
        "application/json; charset=unicode_escape; charset=utf-8",
        "application/json" + "; a" * 30_000,
    ],
)
def test_another_charset_is_read_as_utf_8(said: str) -> None:
    assert with_known_charset(said, is_error=True) == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "said", ["", "text/event-stream", "application/json; charset=Shift_JIS", 'a/b; charset="utf-8"']
)
def test_a_known_one_stays(said: str) -> None:
    assert with_known_charset(said, is_error=True) == said


def test_all_of_them_exist() -> None:
    assert all(codecs.lookup(name) for name in KNOWN)


def test_only_an_error_is_read_in_another_charset_than_utf_8() -> None:
    assert with_known_charset("text/plain; charset=utf-16be", is_error=False) == "text/plain; charset=utf-8"
    assert with_known_charset("text/event-stream", is_error=False) == "text/event-stream"
