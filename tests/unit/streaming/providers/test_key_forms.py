"""The forms of keys that are hidden."""

import base64
import json
import textwrap

import pytest

from streaming.core.escaped_secrets import without_secrets
from streaming.providers.key_forms import PieceCleaner, forms_of
from streaming.providers.redaction import redact
from tests.support.provider_runs import KEY

CERTIFICATE = """-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASC
BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj
-----END PRIVATE KEY-----"""


def test_a_key_of_several_lines_is_hidden_line_by_line() -> None:
    said = redact("It wrote: " + " | ".join(CERTIFICATE.splitlines()), [CERTIFICATE])
    assert "MIIE" not in said
    assert "BKcw" not in said
    assert redact("-----BEGIN PRIVATE KEY-----", [CERTIFICATE]).startswith("-----BEGIN")


def test_a_key_in_a_path_of_a_url_is_hidden_whether_its_slashes_are_escaped_or_not() -> None:
    key = "abc/def+ghi=jkl"
    assert {"abc/def%2Bghi%3Djkl", "abc%2Fdef%2Bghi%3Djkl"} <= set(forms_of([key]))


def test_short_lines_and_short_keys_are_ordinary_text() -> None:
    assert not any(len(form) < 8 for form in forms_of(["short", "a longer key\nyes", "0123456789abcdef"]))
    assert "yes" not in forms_of(["a longer key\nyes"])


def test_the_digits_of_a_percent_encoding_and_the_letters_of_a_key_have_cases_of_their_own() -> None:
    assert {"sk-Ab%2fCd123", "sk-Ab%252fCd123", "sk%2dAb%2fCd123"} <= set(forms_of(["sk-Ab/Cd123"]))


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "abcd", "a:b:c:d"])
def test_base32_and_lines_of_base64_are_hidden_wherever_the_key_begins(before: str) -> None:
    key = "sk-planted-0123456789-ABCdef/+" * 3
    text = f"{before}{key} and more".encode()
    for written in (base64.b32encode(text).decode(), base64.b32encode(text).decode().lower()):
        shown = redact(written, [key])
        assert "[key]" in shown
        assert len(shown) < len(written) - len(key) * 8 / 5 + 12
        cleaner = PieceCleaner([key])
        pieces = "".join(map(cleaner.feed, textwrap.wrap(written, 5))) + cleaner.finish()
        # Its first three characters may have been passed on.
        assert len(pieces) <= len(shown) + 3
    for written in (base64.encodebytes(text).decode(), textwrap.indent(base64.encodebytes(text).decode(), "    ")):
        assert len(redact(written, [key])) < len(written) - len(key) * 4 / 3 + 12


WRITTEN = (
    KEY.replace("-", "\\u002d"),
    KEY.replace("-", "&#45;"),
    KEY.replace("-", "&amp;#x2D;"),
    KEY.replace("-", "%2d"),
)


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 30])
def test_a_key_that_is_escaped_in_part_is_taken_out_of_pieces_of_any_size(written: str, size: int) -> None:
    cleaner, text = PieceCleaner([KEY]), f"100 % é & more: {written}, {written} and \\sk-pl & Co."
    shown = "".join(cleaner.feed(text[at : at + size]) for at in range(0, len(text), size)) + cleaner.finish()
    # Of a key, at most the first three characters were passed on.
    assert all(part not in shown for part in (written[10:], "planted", "key-", "0123"))
    assert shown.count("[key]") == 2
    assert shown.startswith("100 % é & more: ")
    assert shown.endswith("and \\sk-pl & Co.")


def test_hexadecimal_digits_of_both_cases_are_hidden() -> None:
    digits = "".join(digit.upper() if at % 3 else digit for at, digit in enumerate(KEY.encode().hex()))
    forms = [form.encode() for form in forms_of([KEY])]
    assert without_secrets(f"É {digits}, É".encode(), forms) == "É [key], É".encode()


SAID = b"The key =" + KEY.encode() + b" is wrong."
ENCODED = {
    "octal": "".join(f"\\{byte:03o}" for byte in SAID),
    "octal in JSON": json.dumps("".join(f"\\{byte:03o}" for byte in SAID)),
    "octal in part": KEY.replace("-", "\\055"),
    "quoted-printable": "=\r\n".join(textwrap.wrap("".join(f"={byte:02X}" for byte in SAID), 75)),
    "quoted-printable in JSON": json.dumps("=\n".join(textwrap.wrap("".join(f"={byte:02x}" for byte in SAID), 75))),
    "UTF-16 in hexadecimal": SAID.decode().encode("utf-16").hex(),
    "UTF-16 in hexadecimal, the other way": SAID.decode().encode("utf-16-be").hex().upper(),
    "UTF-16 in groups of hexadecimal": SAID.decode().encode("utf-16").hex(" "),
    **{
        f"UTF-16 in base64 {at}": base64.b64encode(b"x" * at + SAID.decode().encode("utf-16-le")).decode()
        for at in range(3)
    },
    **{f"base85 {at}": base64.b85encode(b"x" * at + SAID).decode() for at in range(4)},
    **{f"ASCII85 {at}": base64.a85encode(b"x" * at + SAID).decode() for at in range(4)},
    **{f"ASCII85 in JSON {at}": json.dumps(base64.a85encode(b"x" * at + SAID).decode()) for at in range(4)},
    **{
        f"base64 twice {one} {two}": base64.b64encode(b"x" * one + base64.b64encode(b"x" * two + SAID)).decode()
        for one in range(3)
        for two in range(3)
    },
}


@pytest.mark.parametrize("name", ENCODED)
def test_a_key_in_the_encodings_of_libraries_is_hidden(name: str) -> None:
    shown = redact(f"It says: {ENCODED[name]}", [KEY])
    assert "[key]" in shown
    # What else the sentence says stays, and at each end some bits of the key.
    assert len(shown) < len(ENCODED[name]) * (1 - len(KEY) / len(SAID)) + 45
