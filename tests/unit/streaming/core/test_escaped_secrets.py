"""Secrets are found whichever of their characters are escaped."""

import base64
import html
import json
import random
from urllib.parse import quote

import pytest

from streaming.core.escaped_secrets import TooManyEscapes, in_pieces, without_secrets
from streaming.providers.key_forms import forms_of

SECRET = "sk-Ab/Cd+EfGh=IjKl<0123>&'mnop"
WAYS = (
    lambda char: f"\\u{ord(char):04x}",
    lambda char: f"\\u{ord(char):04X}",
    lambda char: f"\\\\u{ord(char):04X}",
    lambda char: f"\\x{ord(char):02x}",
    lambda char: f"\\u{{{ord(char):x}}}",
    lambda char: f"\\\\u{{00{ord(char):X}}}",
    lambda char: f"%u00{ord(char):02x}",
    lambda char: f"%{ord(char):02x}",
    lambda char: f"%25{ord(char):02X}",
    lambda char: f"&#{ord(char)};",
    lambda char: f"&#x{ord(char):X};",
    lambda char: f"&amp;#{ord(char)};",
    lambda char: f"\\{ord(char):x} ",
    lambda char: f"\\\\{ord(char):06X} ",
    lambda char: f"\\{ord(char):03o}",
    lambda char: f"\\o{{{ord(char):o}}}",
    lambda char: {"-": "&hyphen;", "/": "&sol;", "+": "&plus;", "=": "&amp;equals;"}.get(char, char),
    html.escape,
    str,
)


@pytest.mark.parametrize("seed", range(50))
def test_a_secret_of_characters_that_are_written_in_any_way_is_hidden(seed: int) -> None:
    chance = random.Random(seed)
    written = "".join(chance.choice(WAYS)(char) for char in SECRET)
    # A space after an escape of CSS is part of it.
    text = f"100%% of &c. \\n {written}, and \\u00e9 {written}."
    assert without_secrets(text.encode(), [SECRET.encode()]) == b"100%% of &c. \\n [key], and \\u00e9 [key]."


@pytest.mark.parametrize(
    "written",
    [
        SECRET.replace("/", "\\/"),
        json.dumps(SECRET)[1:-1].replace("+", "\\u002B"),
        quote(SECRET, safe="").replace("%2F", "%2f"),
        html.escape(SECRET),
    ],
    ids=["PHP", ".NET", "URL", "HTML"],
)
def test_the_habits_of_servers_hide_no_secret(written: str) -> None:
    assert without_secrets(f'{{"error": "{written}"}}'.encode(), [SECRET.encode()]) == b'{"error": "[key]"}'


@pytest.mark.parametrize(
    "between", ["\u200b", "\u200d", "\u00ad", "\ufeff", "\u2060", "\\u200b", "\\u00AD", "\\\\ufeff"]
)
def test_characters_that_no_screen_shows_hide_no_secret(between: str) -> None:
    text = f"“So: {between.join(SECRET)}”, {between} é…"
    assert without_secrets(text.encode(), [SECRET.encode()]).decode() == f"“So: [key]”, {between} é…"


def test_other_text_stays_as_it_is() -> None:
    text = rb"%41 \u0041 \\n &amp; &#65; %zz &#999; &; \ % & \x4 caf\u00e9 \2d \163 \o163 &hyphen; 0o163 0b0111"
    assert without_secrets(text, [b"another secret"]) == text
    assert without_secrets(text, []) == text


def test_secrets_that_overlap_are_one() -> None:
    assert without_secrets(b"a %61bcde%66gh z", [b"abcdef", b"cdefgh"]) == b"a [key] z"


@pytest.mark.parametrize("piece", [b"%41", b"\\n  a", b"\n a", b"ab cd ", b"ab, 0xcd:", b"%zz", b"&", b"\\\\"])
def test_beyond_a_number_of_escapes_lines_or_groups_a_piece_is_refused(piece: bytes) -> None:
    with pytest.raises(TooManyEscapes):
        without_secrets(piece * 21, [b"secret"], most=10)


@pytest.mark.parametrize("piece", [b"a long text, and more ", b"\xc3\xa9", b"A" * 100, b"[]", b"12345.6"])
def test_any_other_piece_may_be_long(piece: bytes) -> None:
    assert without_secrets(piece * 21, [b"secret"], most=10) == piece * 21


LINES = ("\n", "\r\n", "\\n", "\\r\\n", "\\\\n", "\n    ", "\\n\t")


@pytest.mark.parametrize("size", [7, 64, 76])
@pytest.mark.parametrize("end", LINES)
def test_a_secret_over_several_lines_is_hidden_wherever_they_end(end: str, size: int) -> None:
    secret = "abcdefgh+/ijkl" * 7
    for start in range(size):
        text = "x" * start + secret
        written = end.join(text[at : at + size] for at in range(0, len(text), size)).replace("/", "\\/")
        shown = without_secrets(written.encode(), [secret.encode()]).decode()
        assert shown.replace(end, "").replace("[key]", "") == "x" * start


SEPARATORS = (" ", ":", "-", ", ", ", 0x", "\n", " 0x", "\\n")


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("digits", [2, 4, 8])
@pytest.mark.parametrize("upper", [False, True])
def test_hexadecimal_digits_in_groups_are_hidden(separator: str, digits: int, upper: bool) -> None:
    secret = SECRET.encode().hex()
    secret = secret.upper() if upper else secret
    written = separator.join(secret[at : at + digits] for at in range(0, len(secret), digits))
    assert without_secrets(f"dump of {written}.".encode(), [secret.encode()]) == b"dump of [key]."


def test_text_of_nothing_but_what_may_be_between_characters_stays_as_it_is() -> None:
    for text in (b"\n", b" \t", b"\\", b"0x ", b"ab ", b"\\r"):
        text = text * 200_000
        assert without_secrets(text, [SECRET.encode(), SECRET.encode().hex().encode()]) == text


@pytest.mark.parametrize("place", [0, 10_000, 50_000, 99_990])
def test_a_key_beside_and_within_a_picture_is_hidden(place: int) -> None:
    picture = b"iVBORw0KGg" * 10_000
    escaped = "".join(f"&amp;#x{ord(char):06x};" for char in SECRET).encode()
    beside = b'{"picture": "' + picture + escaped + picture + b'"}'
    assert without_secrets(beside, [SECRET.encode()]) == b'{"picture": "' + picture + b"[key]" + picture + b'"}'
    within = picture[:place] + SECRET.encode() + picture[place:]
    assert without_secrets(within, [SECRET.encode()]) == picture[:place] + b"[key]" + picture[place:]


FORMS = [form.encode() for form in forms_of([SECRET])]
WRITTEN = {
    "as it is": SECRET.encode(),
    "escaped": "".join(f"&amp;#x{ord(char):06x};" for char in SECRET).encode(),
    "in lines": b"\\n    ".join(base64.b64encode(SECRET.encode())[at : at + 4] for at in range(0, 40, 4)),
    "in groups": SECRET.encode().hex(" ").encode(),
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_no_secret_is_cut_where_the_data_is_read_in_pieces(written: bytes) -> None:
    for before in range(3_000 - len(written), 3_003, 1 + len(written) // 24):
        data = b"a" * before + b"." + written + b"." + b"b" * 4_000
        pieces = list(in_pieces(data, FORMS, 3_000))
        assert b"".join(pieces) == without_secrets(data, FORMS)
        assert len(pieces) > 2 - (before < 100)


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_pieces_stay_small_where_there_are_many_secrets(written: bytes) -> None:
    data = (written + b", ") * 100
    pieces = list(in_pieces(data, FORMS, 3_000))
    assert b"".join(pieces) == without_secrets(data, FORMS)
    assert max(map(len, pieces)) < 6_000
