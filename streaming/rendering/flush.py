"""When to draw: how a growing text is flushed to the screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Self, get_args

FlushKind = Literal["direct", "blocks", "every token", "every N tokens", "every N ms", "st.write_stream"]
FLUSH_KINDS: tuple[FlushKind, ...] = get_args(FlushKind)
NATIVE_FLUSH_KINDS: tuple[FlushKind, ...] = tuple(kind for kind in FLUSH_KINDS if kind != "direct")
"""The ways that Streamlit itself offers; `direct` is the player, which draws in the browser what its socket brings."""

FLUSH_NAMES: Mapping[FlushKind, str] = MappingProxyType(
    {kind: "last block only" if kind == "blocks" else kind for kind in FLUSH_KINDS}
)
"""What a reader sees; links and stored runs have the kind itself."""

FLUSH_MEANINGS: Mapping[FlushKind, str] = MappingProxyType(
    {
        "direct": "the browser follows the run over a connection of its own, and draws each piece as it arrives",
        "blocks": "only the last, unfinished block of the text (a paragraph, a list, a table) is sent again with its "
        "tokens; a finished one is sent once and stays",
        "every token": "the whole text is sent again with each token",
        "every N tokens": "the whole text is sent again after each N tokens",
        "every N ms": "the whole text is sent again when N milliseconds have passed",
        "st.write_stream": "Streamlit's own function: the whole text is sent again with each piece",
    }
)
"""What each way does, as the end of a sentence."""

_N_OF: Mapping[FlushKind, str] = MappingProxyType({"every N tokens": "every_tokens", "every N ms": "every_ms"})
"""The field with the N of a strategy."""

FRAME_S = 0.008
"""Half a frame of a 60 Hz display. A whole frame adds 15 ms to the median latency at 100 tokens/s (measured)."""

_DIGITS = 5
"""Of the N of a strategy."""

TAIL_BYTES_PER_S = 250_000
"""The bandwidth for sending a long tail (an endless paragraph, a large code block) again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlushStrategy:
    """A flush strategy with its N: `every_tokens` tokens, `every_ms` milliseconds."""

    flush: FlushKind = "blocks"
    every_tokens: int = 10
    every_ms: int = 50

    @classmethod
    def from_labels(cls, labels: Mapping[str, Any]) -> Self | None:
        """The strategy of a run with these labels or settings; `None` if they name none. They may be of a stranger."""
        if labels.get("flush") not in FLUSH_KINDS:
            return None
        numbers = {name: _number(labels.get(name)) for name in _N_OF.values()}
        return cls(flush=labels["flush"], **{name: value for name, value in numbers.items() if value})

    @property
    def n(self) -> int | None:
        """Its N; `None` if it has none."""
        return getattr(self, _N_OF[self.flush]) if self.flush in _N_OF else None

    @property
    def labels(self) -> dict[str, str]:
        """What a run's labels keep of it: its name, and its N if it has one."""
        return {"flush": self.flush, **({} if self.n is None else {_N_OF[self.flush]: str(self.n)})}

    @property
    def label(self) -> str:
        """What a reader sees: the strategy with its N, as in “every 10 tokens”."""
        return FLUSH_NAMES[self.flush] if self.n is None else self.stored

    @property
    def stored(self) -> str:
        """What the history keeps: the kind, with its N."""
        return self.flush if self.n is None else self.flush.replace("N", str(self.n))

    @property
    def pause_s(self) -> float | None:
        """The time after which text that waits is drawn, however little it is; `None` if only tokens count."""
        match self.flush:
            case "blocks":
                return FRAME_S
            case "every N ms":
                return self.every_ms / 1000
            case _:
                return None

    def due(self, *, waited_s: float, tokens: int, tail_bytes: int) -> bool:
        """Whether to draw now.

        `waited_s` is the time since the last drawing, `tokens` the number of tokens since then, `tail_bytes` the size
        of the text that would be sent again.
        """
        match self.flush:
            case "blocks":
                return waited_s >= max(FRAME_S, tail_bytes / TAIL_BYTES_PER_S)
            case "every N tokens":
                return tokens >= self.every_tokens
            case "every N ms":
                return waited_s >= self.every_ms / 1000
            case "every token" | "st.write_stream":
                return True
            case "direct":
                raise ValueError("the player decides for itself when to draw")


def _number(value: object) -> int | None:
    """A number from 1 to 99,999 that was stored as text; `None` for anything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and 1 <= len(text) <= _DIGITS and int(text) else None
