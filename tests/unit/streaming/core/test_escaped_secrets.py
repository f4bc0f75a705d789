"""Secrets are found whichever of their characters are escaped."""

import html
import json
import random
from urllib.parse import quote

import pytest

from streaming.core.escaped_secrets import TooManyEscapes, without_secrets

SECRET = "sk-Ab/Cd+EfGh=IjKl<0123>&'mnop"
WAYS = (
    lambda char: f"\\u{ord(char):04x}",
    lambda char: f"\\u{ord(char):04X}",
    lambda char: f"\\\\u{ord(char):04X}",
    lambda char: f"\\x{ord(char):02x}",
    lambda char: f"%{ord(char):02x}",
    lambda char: f"%25{ord(char):02X}",
    lambda char: f"&#{ord(char)};",
    lambda char: f"&#x{ord(char):X};",
    lambda char: f"&amp;#{ord(char)};",
    html.escape,
    str,
)


@pytest.mark.parametrize("seed", range(50))
def test_a_secret_of_characters_that_are_written_in_any_way_is_hidden(seed: int) -> None:
    chance = random.Random(seed)
    written = "".join(chance.choice(WAYS)(char) for char in SECRET)
    text = f"100%% of &c. \\n {written} and \\u00e9 {written}."
    assert without_secrets(text.encode(), [SECRET.encode()]) == b"100%% of &c. \\n [key] and \\u00e9 [key]."


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


def test_other_text_stays_as_it_is() -> None:
    text = rb"%41 \u0041 \\n &amp; &#65; %zz &#999; &; \ % & \x4 caf\u00e9"
    assert without_secrets(text, [b"another secret"]) == text
    assert without_secrets(text, []) == text


def test_secrets_that_overlap_are_one() -> None:
    assert without_secrets(b"a %61bcde%66gh z", [b"abcdef", b"cdefgh"]) == b"a [key] z"


def test_beyond_a_number_of_escapes_a_piece_is_refused() -> None:
    with pytest.raises(TooManyEscapes):
        without_secrets(b"%41" * 11, [b"secret"], most_escapes=10)
