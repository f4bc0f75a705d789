"""A secret is found wherever a screen would show it, in whichever case, and with whatever Markdown leaves out."""

import json
import random

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from streaming.core.escaped_secrets import in_pieces, without_secrets
from streaming.providers.key_forms import PieceCleaner, forms_of

KEY = "sk-planted-Zq7Xw_93kLmN0pTr5vBy"
FORMS = [form.encode() for form in forms_of([KEY])]
MARKED = {
    "escaped signs": r"sk\-planted\-Zq7Xw\_93kLmN0pTr5vBy",
    "bold in a word": "**sk-planted-Z**q7Xw_93kLmN0pTr5vBy",
    "code in a word": "`sk-planted-Z`q7Xw_93kLmN0pTr5vBy",
    "struck through": "sk-~~planted~~-Zq7Xw_93kLmN0pTr5vBy",
    "a link": "[sk-planted](https://example.org)-Zq7Xw_93kLmN0pTr5vBy",
    "a link with a title": 'sk-[planted](<https://example.org> "one (1)")-Zq7Xw_93kLmN0pTr5vBy',
    "an address with brackets": "[sk-planted](https://example.org/a_(b))-Zq7Xw_93kLmN0pTr5vBy",
    "a link by its name": "[sk-planted][1]-Zq7Xw_93kLmN0pTr5vBy",
    "a picture": "sk-![planted]()-Zq7Xw_93kLmN0pTr5vBy",
    "an address as it is": "<a:sk-planted-Zq7Xw>_93kLmN0pTr5vBy",
    "an address with the key": r"[here](https://example.org/sk\-planted\-Zq7Xw\_93kLmN0pTr5vBy)",
    "entities too": "sk&#45;**planted**-Zq7Xw&UnderBar;93kLmN0pTr5vBy",
    "upper case": KEY.upper(),
    "lower case": KEY.lower(),
    "both": r"SK\-planted\-zq7xw\_93klmn0ptr5vby",
}
LINES = {
    "a hard end of a line": "sk-planted-Zq7Xw  \n_93kLmN0pTr5vBy",
    "a backslash at the end of a line": "sk-planted-Zq7Xw\\\n_93kLmN0pTr5vBy",
    "a quotation": "> sk-planted-Zq7Xw\n> _93kLmN0pTr5vBy",
    "bold lines": "**sk-planted-Zq7X**\n**w\\_93kLmN0pTr5vBy**",
}


@pytest.mark.parametrize("written", [*MARKED.values(), *LINES.values()], ids=[*MARKED, *LINES])
@pytest.mark.parametrize("quoted", range(3), ids=["as it is", "in JSON", "in JSON twice"])
def test_a_key_with_markdown_in_it_is_hidden(written: str, quoted: int) -> None:
    text = f"It says {written}, and more."
    for _ in range(quoted):
        text = json.dumps(text)
    shown = without_secrets(text.encode(), FORMS).decode()
    assert "[key]" in shown
    assert not any(part in shown.lower() for part in ("planted", "7xw", "tr5v"))
    assert "It says " in shown
    assert ", and more." in shown


@pytest.mark.parametrize("written", MARKED.values(), ids=MARKED)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
def test_a_key_with_markdown_in_it_is_taken_out_of_pieces_of_any_size(written: str, size: int) -> None:
    cleaner, text = PieceCleaner([KEY]), f"It *says* {written}, and \\*more* [here](x)."
    shown = "".join(cleaner.feed(text[at : at + size]) for at in range(0, len(text), size)) + cleaner.finish()
    assert shown.count("[key]") == 1
    assert not any(part in shown.lower() for part in ("planted", "7xw", "tr5v"))
    assert shown.startswith("It *says* ")
    assert shown.endswith(", and \\*more* [here](x).")


MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
MARKDOWN.validateLink = lambda _: True  # type: ignore[method-assign]
OPENERS = {
    **{mark: (mark,) for mark in ("*", "**", "_", "`", "``", "~~")},
    **dict.fromkeys(("[", "!["), ("](http://e.org)", "](http://e.org/a_(b))", '](<http://e.org> "t")', "]()", "][1]")),
    **{alone: ("",) for alone in ("\\\n", "  \n", "[x](y)", "[](y)", "](y)", "][", "]", "<a:", ">")},
}


def _shown(text: str) -> str:
    """What a renderer of Markdown shows, without ends of lines."""

    def of(tokens: list[Token]) -> str:
        return "".join(token.content if token.children is None else of(token.children) for token in tokens)

    return of([token for token in MARKDOWN.parse(text) if token.type == "inline"])


def _marked(chance: random.Random) -> str:
    """The key with signs at some places, most of which are closed again."""
    parts, last, closers = [], 0, list[str]()
    for place in [*sorted(chance.sample(range(len(KEY) + 1), chance.choice((1, 2, 4, 8)))), len(KEY)]:
        parts += ["\\" * (not char.isalnum() and chance.random() < 0.3) + char for char in KEY[last:place]]
        last = place
        if closers and chance.random() < 0.6:
            parts.append(closers.pop())
        else:
            opener = chance.choice([*OPENERS])
            parts.append(opener)
            closers.append(chance.choice(OPENERS[opener]))
    return "A " + "".join(parts + closers[::-1]) + chance.choice((" B", "\n\n[1]: http://e.org"))


@pytest.mark.parametrize("seed", range(4))
def test_no_key_is_left_that_a_renderer_of_markdown_would_show(seed: int) -> None:
    chance, readable = random.Random(seed), 0
    for _ in range(300):
        text = _marked(chance)
        if KEY not in _shown(text):
            continue
        readable += 1
        assert KEY not in _shown(without_secrets(text.encode(), FORMS).decode()), text
        if "\n" not in text:
            cleaner = PieceCleaner([KEY])
            assert KEY[3:] not in _shown("".join(map(cleaner.feed, text)) + cleaner.finish()), text
    assert readable > 30


def _without(key: str, text: str) -> list[str]:
    """The text without the key, as a whole and in pieces."""
    cleaner = PieceCleaner([key])
    in_pieces = "".join(map(cleaner.feed, text)) + cleaner.finish()
    return [without_secrets(text.encode(), [form.encode() for form in forms_of([key])]).decode(), in_pieces]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("lm_studio", "lmstudio-community/model, LM Studio and **lm** *studio*"),
        ("lm-studio", "LM-Studio is a name of its own"),
        ("not_needed", "It is notneeded, **not** _needed_, and not*needed*"),
        ("1234567890", "count = 1_234_567_890"),
        ("a_long_name_of_16", "alongnameof16 in a_long_nameof16 and a*long*name*of*16"),
        ("key-0123-4567-89ab", "[key]-0123-4567-89a and [key]"),
    ],
)
def test_what_only_looks_like_a_key_without_its_signs_stays(key: str, text: str) -> None:
    assert _without(key, text) == [text, text]


def test_a_short_key_is_found_with_signs_but_in_its_own_case_only() -> None:
    assert _without("my_pass-9", r"It is my\_pass\-9, not MY\_PASS\-9.")[0] == r"It is [key], not MY\_PASS\-9."


def test_what_was_hidden_is_no_part_of_another_key() -> None:
    key = "key-0123-4567-89ab"
    text = key + "-0123-4567-89ab" * 2_000
    assert without_secrets(text.encode(), [key.encode()]) == b"[key]" + b"-0123-4567-89ab" * 2_000


HOSTILE = ("*", "a*", "](", "][", "](a(", "](a(b)", "[x](y", "](((", "s*", KEY[:20] + "*", " ", "  \n", "\\_", "<")


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_text_of_signs_stays_as_it_is(piece: str) -> None:
    """A search that began at each sign would take hours for these."""
    text = (piece * (600_000 // len(piece))).encode()
    assert b"".join(in_pieces(text, FORMS, 200_000)) == text


@pytest.mark.parametrize("piece", ["*", "sk-p*", "](", "[sk-pl](", "\\", "s*"])
def test_an_end_that_waits_is_bounded(piece: str) -> None:
    cleaner, held, most = PieceCleaner([KEY]), 0, 0
    for char in (piece * 2_000)[:3_000]:
        held += 1 - len(cleaner.feed(char))
        most = max(most, held)
    assert most <= 16 * len(KEY)


def test_a_key_with_more_signs_than_wait_between_pieces_is_still_found_in_one() -> None:
    text = ("*" * 30).join(KEY)
    assert without_secrets(text.encode(), FORMS) == b"[key]"


UNSEEN = [chr(code) for code in (0x202A, 0x202E, 0x2066, 0x206F, 0x180E, 0x034F, 0xFE0F, 0xE0041)]
ENTITIES = ["&shy;", "&NoBreak;", "&zwj;", "&zwnj;", "&ZeroWidthSpace;", "&#8203;", "&#x200b;", "&#173;", "&amp;#8203;"]


@pytest.mark.parametrize("sign", [*UNSEEN, *ENTITIES], ids=ascii)
def test_a_key_with_a_sign_that_no_screen_shows_is_hidden(sign: str) -> None:
    key = "sk-planted-Zq7Xw_93kLmN0pTr5vBy"
    for text in (f"A {key[:12]}{sign}{key[12:]} B", f"A {sign.join(key)} B"):
        assert without_secrets(text.encode(), [key.encode()]) == b"A [key] B", text
