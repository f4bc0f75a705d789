"""Takes keys out of the texts in plain values that follow one another, where a key comes in pieces."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from streaming.core.nested_texts import texts_in
from streaming.providers.key_forms import PieceCleaner

MAX_CHARS, MAX_TEXTS = 4_000, 20
"""A value with more text, or with more texts, is no piece: the transport takes whole keys out of it."""
MAX_PLACES = 200
"""Of so many places of a stream the texts are remembered, the latest ones, and those of which an end waits."""

Place = tuple[Any, ...]


class ValueCleaner:
    """For values of one stream; a text continues the one before it at the same place of the same series.

    An end that may begin a key waits for the next text there, as `PieceCleaner` does.
    """

    def __init__(self, of_keys: PieceCleaner) -> None:
        self._of_keys = of_keys
        self._cleaners: dict[Place, PieceCleaner] = {}

    def feed(self, series: Place, value: Any) -> Any:
        """The value without keys."""
        texts = list(islice(texts_in(value), MAX_TEXTS + 1))
        if len(texts) > MAX_TEXTS or sum(map(len, texts)) > MAX_CHARS:
            return value
        return self._cleaned(series, value)

    def holds(self, series: Place) -> bool:
        """Whether an end of this series is held back."""
        return any(cleaner.holds for place, cleaner in self._cleaners.items() if place[: len(series)] == series)

    def finish(self, series: Place) -> Iterator[Any]:
        """What was held back of this series, each text at its place in a value of its own."""
        for place in [place for place in self._cleaners if place[: len(series)] == series]:
            value: Any = self._cleaners.pop(place).finish()
            if not value:
                continue
            for name in reversed(place[len(series) :]):
                value = [value] if name is None else {name: value}
            yield value

    def _cleaned(self, place: Place, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(place, value)
        if isinstance(value, Mapping):
            return {name: self._cleaned((*place, name), item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._cleaned((*place, None), item) for item in value]
        return value

    def _text(self, place: Place, text: str) -> str:
        cleaner = self._cleaners.pop(place, None)
        if cleaner is None:
            self._make_room()
            if len(self._cleaners) >= MAX_PLACES:
                return text
            cleaner = self._of_keys.for_another_text()
        self._cleaners[place] = cleaner
        return cleaner.feed(text)

    def _make_room(self) -> None:
        if len(self._cleaners) >= MAX_PLACES:
            oldest = next((place for place, cleaner in self._cleaners.items() if not cleaner.holds), None)
            self._cleaners.pop(oldest or (), None)
