"""The rest of an answer, as it is joined to the part that was received before."""

_SHORTEST = 20
"""Characters; a shorter beginning that is also the end of the part is chance, or meant."""
_END = 2_000
"""Characters of the part's end in which a repetition may begin, beside its start; in all of it the search is slow."""


class RestOfAnswer:
    """Joins the pieces of the rest to the kept part, without what the rest repeats of the part's end.

    What may be the beginning of a repetition is held back until that is known: mostly a word or two. With `exact`, the
    model continues the part itself, so it repeats only what it means to. In either case a space is not doubled.
    """

    def __init__(self, kept: str, *, exact: bool = False) -> None:
        self._kept, self._end = kept, kept[-_END:]
        self._held = ""
        self._joined = exact
        self._spaced = kept.endswith(" ")

    def add(self, piece: str) -> str:
        """The text that this piece adds to the answer."""
        if self._joined:
            return self._without_second_space(piece)
        self._held += piece
        return "" if self._may_repeat() else self.end()

    def end(self) -> str:
        """The text that is still held back."""
        held, self._held, self._joined = self._held, "", True
        return self._without_second_space(held[self._repeated(held) :])

    def _may_repeat(self) -> bool:
        last_place = len(self._end) - _SHORTEST
        return last_place >= 0 and (self._kept.startswith(self._held) or 0 <= self._end.find(self._held) <= last_place)

    def _repeated(self, text: str) -> int:
        """The length of the longest beginning of the text that is also the end of the part; 0 if that is short."""
        lengths = range(min(len(text), len(self._end)), _SHORTEST - 1, -1)
        if len(self._kept) >= _SHORTEST and text.startswith(self._kept):
            return len(self._kept)
        return next((length for length in lengths if self._end.endswith(text[:length])), 0)

    def _without_second_space(self, piece: str) -> str:
        if not self._spaced:
            return piece
        text = piece.lstrip(" ")
        self._spaced = not text
        return text
