"""Reasoning between tags is divided from the text, wherever the chunks cut it."""

from collections.abc import Sequence

import pytest

from streaming.core.think_tags import ThinkTags


def divided(pieces: Sequence[str]) -> tuple[str, str]:
    """The text and the reasoning of a message that came in these pieces."""
    tags = ThinkTags()
    parts = [tags.split(piece) for piece in pieces] + [tags.split("", ends=True)]
    return "".join(text for text, _ in parts), "".join(thought for _, thought in parts)


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        ("<think>\nWhy?\n</think>\n\nSo.", ("So.", "Why?\n")),
        ("  <thinking>Why?</thinking>So.", ("So.", "Why?")),
        ("<think>never closed", ("", "never closed")),
        ("<think></think>So.", ("So.", "")),
        ("So <think>no</think>", ("So <think>no</think>", "")),
        ("<thin air", ("<thin air", "")),
        ("<think>a < b </thin k></think>So.", ("So.", "a < b </thin k>")),
        ("  So.", ("  So.", "")),
        ("", ("", "")),
        ("<THINK>Why?</Think>So.", ("So.", "Why?")),
        ("<thought>Why?</thought>So.", ("So.", "Why?")),
        ("[THINK]Why?[/THINK]So.", ("So.", "Why?")),
        ("◁think▷Why?◁/think▷So.", ("So.", "Why?")),
        ("<think>Why</think>\n<think>not?</think>So.", ("So.", "Whynot?")),
        ("<think>a<think>b</think></think>So.", ("So.", "a<think>b")),
        ("<think>a</think>So <think>no</think>", ("So <think>no</think>", "a")),
        ("<think>a</think>\n<b>So.</b>", ("<b>So.</b>", "a")),
        ("<think>İ</think>So.", ("So.", "İ")),
        ("</think>So.", ("</think>So.", "")),
    ],
)
def test_thinking_is_divided_from_the_text_wherever_the_chunks_cut_it(whole: str, expected: tuple[str, str]) -> None:
    for cut in range(len(whole) + 1):
        assert divided([whole[:cut], whole[cut:]]) == expected
    assert divided(list(whole)) == expected


@pytest.mark.parametrize("tags", ["<think></think>", "<think>a</think>\n", "<think></think></think>"])
def test_of_thousands_of_tags_the_rest_is_text(tags: str) -> None:
    text, thought = divided([tags * 3_000, "So."])
    assert text.endswith(f"{tags.strip()}So." if tags.strip() == tags else f"{tags}So.")
    assert len(text) + len(thought) > len(tags) * 2_890
    assert thought == "a" * len(thought)


def test_space_that_does_not_end_is_text_and_not_held_back() -> None:
    tags = ThinkTags()
    assert tags.split(" " * 500) == ("", "")
    assert tags.split(" " * 501) == (" " * 1_001, "")
    assert tags.split("<think>") == ("<think>", "")
