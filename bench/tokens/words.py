"""What the provider is asked for: its model names carry the answer's length and pace, so that every app can send them.

`words-300-at-100` is 300 words, 100 of them each second; 0 is as fast as the connection takes them. `-held-50` keeps
each word for 50 ms between its stamp and its socket, which every measured latency must then show. The last part makes
the name unique, so the provider's stamps of one answer can be found again.
"""

import re
from dataclasses import dataclass
from itertools import count

PARAGRAPH = 40
MAX_COUNTED_RATE = 300
"""Words per second up to which bytes are counted: Chromium reports each frame to the benchmark, which costs CPU."""
REST_S = 0.3
"""Between the last word and the end of an answer whose bytes are counted: what is drawn after the end is no word."""
_NAME = re.compile(r"words-(\d+)-at-(\d+)(?:-held-(\d+))?(?:-n\d+)?")
_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer: number of words, words per second, and milliseconds that each word is held after its stamp."""

    words: int
    rate: int
    held_ms: int = 0

    @property
    def seconds(self) -> float:
        """How long the provider writes."""
        return self.words / self.rate if self.rate else 0.0

    @property
    def rest_s(self) -> float:
        """Seconds from the last word to the end of the answer."""
        return REST_S if 0 < self.rate <= MAX_COUNTED_RATE else 0.0

    def new_name(self) -> str:
        """A model name that asks for this answer, different at each call."""
        held = f"-held-{self.held_ms}" if self.held_ms else ""
        return f"words-{self.words}-at-{self.rate}{held}-n{next(_numbers)}"


def parse(name: str) -> Answer:
    """The answer that a model name asks for; raises `ValueError` for another name."""
    if (found := _NAME.fullmatch(name)) is None:
        raise ValueError(f"{name!r} does not name an answer")
    words, rate, held = (int(part or 0) for part in found.groups())
    return Answer(words=words, rate=rate, held_ms=held)


def word(number: int) -> str:
    """Word number 1, 2, … with the white space before it; a paragraph has forty words."""
    before = "" if number == 1 else "\n\n" if number % PARAGRAPH == 1 else " "
    return f"{before}w{number:05d}"
