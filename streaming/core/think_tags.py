"""Reasoning that a model writes into its text, between tags at the start of the answer."""

import re

_NAMES = ("think", "thinking", "thought", "seed:think")
_PAIRS = (
    *((f"<{name}>", f"</{name}>") for name in _NAMES),
    ("[think]", "[/think]"),
    ("◁think▷", "◁/think▷"),
)
"""DeepSeek, Qwen and most others; Gemini (`thought`), Seed, Magistral, Kimi."""


_MOST_TAGS, _MOST_SPACE = 100, 1_000
"""Of one message, and characters before a tag. What has more is text: each is looked for in all that follows."""


class ThinkTags:
    """Divides the text of one message into text and the reasoning that is between tags at its start, in any case.

    Models write the tags only there; an answer that speaks of `<think>` later keeps it. A tag may be cut anywhere by
    the chunks, so a beginning of one is held back until it is known.
    """

    def __init__(self) -> None:
        self._held = ""
        self._closing = ""
        self._thought = False
        self._passed = False
        self._trims = True
        self._tags = 0

    def split(self, piece: str, *, ends: bool = False) -> tuple[str, str]:
        """The text and the reasoning that this piece adds; with `ends`, nothing is held back."""
        if self._passed:
            return self._trimmed(piece), ""
        self._held += piece
        text, thought = self._divide()
        if ends and self._held:
            rest = self._trimmed(self._held) if self._thought else self._held
            text, thought = (text, thought + rest) if self._closing else (text + rest, thought)
            self._held = ""
        return text, thought

    def _divide(self) -> tuple[str, str]:
        """Read as many tags as are complete; what may be the beginning of another one stays held."""
        thought = ""
        while not self._passed:
            if not self._closing and not self._opens():
                if self._thought and self._repeats_a_close():
                    continue
                return (self._give_up(), thought) if self._held and not self._may_open() else ("", thought)
            found = re.search(re.escape(self._closing), self._held, re.IGNORECASE)
            if found is None:
                keep = _tail_that_may_be(self._closing, self._held)
                piece, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
                return "", thought + self._trimmed(piece)
            thought += self._trimmed(self._held[: found.start()])
            self._held, self._closing, self._thought, self._trims = self._held[found.end() :], "", True, True
        return "", thought

    def _opens(self) -> bool:
        if self._is_too_much():
            return False
        start = self._held.lstrip()
        for opening, closing in _PAIRS:
            if start[: len(opening)].lower() == opening:
                self._held, self._closing = start[len(opening) :], closing
                self._tags += 1
                return True
        return False

    def _is_too_much(self) -> bool:
        space = self._held[: _MOST_SPACE + 1]
        return self._tags >= _MOST_TAGS or (len(space) > _MOST_SPACE and space.isspace())

    def _repeats_a_close(self) -> bool:
        """Whether the next tag closes once more, as some models do that open twice; it is left out."""
        if self._is_too_much():
            return False
        start = self._held.lstrip()
        closing = next((tag for _, tag in _PAIRS if start[: len(tag)].lower() == tag), "")
        if closing:
            self._held = start[len(closing) :]
            self._tags += 1
        return bool(closing)

    def _may_open(self) -> bool:
        if self._is_too_much():
            return False
        start = self._held.lstrip().lower()
        tags = [tag for pair in _PAIRS for tag in (pair if self._thought else pair[:1])]
        return any(tag.startswith(start) for tag in tags)

    def _give_up(self) -> str:
        text, self._held, self._passed, self._trims = self._held, "", True, self._thought
        return self._trimmed(text)

    def _trimmed(self, piece: str) -> str:
        """The piece, without white space at the start of the reasoning and between it and the answer."""
        if self._trims:
            piece = piece.lstrip()
            self._trims = not piece
        return piece


def _tail_that_may_be(tag: str, text: str) -> int:
    """The number of characters at the end of the text that may be the beginning of the tag."""
    longest = min(len(tag) - 1, len(text))
    return next((size for size in range(longest, 0, -1) if tag.startswith(text[-size:].lower())), 0)
