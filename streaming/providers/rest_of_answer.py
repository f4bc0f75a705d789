"""The rest of an answer, as it is joined to the part that was received before."""


class RestOfAnswer:
    """Joins the pieces of the rest to the kept part: where that ends with a space, the rest begins with none."""

    def __init__(self, kept: str) -> None:
        self._spaced = kept.endswith(" ")

    def add(self, piece: str) -> str:
        """The text that this piece adds to the answer."""
        if not self._spaced:
            return piece
        text = piece.lstrip(" ")
        self._spaced = not text
        return text
