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


CODES = [ord(char) for char in KEY]
LISTS = {
    "decimal": str(CODES),
    "decimal in words": " ".join(map(str, CODES)),
    "decimal in lines": json.dumps(CODES, indent=8),
    "decimal in lines of a string": json.dumps(json.dumps(CODES, indent=2)),
    "binary": " ".join(f"{code:08b}" for code in CODES),
    "binary, seven digits": " ".join(f"{code:07b}" for code in CODES),
    "binary of Python": ", ".join(map(bin, CODES)),
    "binary without gaps": "".join(f"{code:08b}" for code in CODES),
    "octal": " ".join(f"{code:03o}" for code in CODES),
    "octal of Python": ", ".join(map(oct, CODES)),
    "code points": " ".join(f"U+{code:04X}" for code in CODES),
    "code points in a list": ", ".join(f"U+{code:04X}" for code in CODES),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_key_in_a_list_of_numbers_is_hidden(name: str) -> None:
    shown = redact(f"It is {LISTS[name]}, or 12, 34 and U+0041.", [KEY])
    assert "[key]" in shown
    assert shown.startswith("It is ")
    assert shown.endswith(", or 12, 34 and U+0041.")
    assert len(shown) < 50


HEALTHY = {
    "a table": "\n".join(f"| {row} | {row * 7} | {row / 3:.2f} | 0{row:o} |" for row in range(30, 130)),
    "numbers of tokens": str([(at * 37) % 50_000 for at in range(500)]),
    "codes of another text": str([ord(char) for char in "The quick brown fox jumps over the lazy dog" * 3]),
    "bits": " ".join(f"{at:08b}" for at in range(256)),
    "octal in code": 'os.chmod(path, 0o755); print("\\033[31m\\163\\153\\055\\033[0m")',
    "CSS": '.a::before { content: "\\201C \\73 \\6b \\2d "; margin: 0 -2px } .\\31 23 { width: 50% }',
    "code points": "U+0073 U+006B U+002D are the letters of sk-, U+0041 is A",
    "entities": "well&hyphen;known &dash; 3 &plus; 4 &equals; 7 &lowbar;x&lowbar; 50&percnt;",
    "paths": "C:\\temp\\7zip\\2d\\a.txt \\\\server\\55",
    "emoji and Persian": "\U0001f468\u200d\U0001f469\u200d\U0001f467 می\u200cخواهم co\u00adoperate \ufeff",
}


@pytest.mark.parametrize("name", HEALTHY)
@pytest.mark.parametrize("key", [KEY, "not-needed", "lm-studio", "1234567890"])
def test_healthy_text_of_such_forms_stays_whole_and_in_pieces(name: str, key: str) -> None:
    text = HEALTHY[name]
    assert without_secrets(text.encode(), [form.encode() for form in forms_of([key])]) == text.encode()
    for size in (1, 3, 8):
        cleaner = PieceCleaner([key])
        shown = "".join(cleaner.feed(text[at : at + size]) for at in range(0, len(text), size)) + cleaner.finish()
        assert shown == text


@pytest.mark.parametrize("between", ["\u200b", "\u200d\u2060", "\u00ad", "\ufeff", "\\u200b"])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_key_with_what_no_screen_shows_is_taken_out_of_pieces_of_any_size(between: str, size: int) -> None:
    cleaner, text = PieceCleaner([KEY]), f"é{between} So: {between.join(KEY)}, and {between}é {KEY}."
    shown = "".join(cleaner.feed(text[at : at + size]) for at in range(0, len(text), size)) + cleaner.finish()
    assert shown.count("[key]") == 2
    assert all(part not in shown.replace(between, "") for part in ("sk-p", "planted", "0123"))
    assert shown.startswith(f"é{between} So: ")
    assert f", and {between}é " in shown


def test_a_long_text_of_what_may_begin_a_form_stays_as_it_is() -> None:
    forms = [form.encode() for form in forms_of([KEY])]
    for piece in ("\\0000", "\\o{", "&hyphe", " 0b01", "0b 0o ", "U+007", "115, 107, ", "\\2d ", "a\u200b", "\\7"):
        data = (piece * 40_000).encode()
        assert without_secrets(data, forms) == data
