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
