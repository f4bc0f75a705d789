"""When to draw: how a growing text is flushed to the screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

FlushKind = Literal["direct", "blocks", "every token", "every N tokens", "every N ms", "st.write_stream"]
FLUSH_KINDS: tuple[FlushKind, ...] = get_args(FlushKind)
NATIVE_FLUSH_KINDS: tuple[FlushKind, ...] = tuple(kind for kind in FLUSH_KINDS if kind != "direct")
"""The ways that Streamlit itself offers; `direct` is the player, which draws in the browser what its socket brings."""

FLUSH_MEANINGS: Mapping[FlushKind, str] = MappingProxyType(
    {
        "direct": "the browser follows the run over a connection of its own, and draws each piece as it arrives",
        "blocks": "finished Markdown blocks are sent once and stay; the last, unfinished one is drawn again and again",
        "every token": "the whole text is sent again with each token",
        "every N tokens": "the whole text is sent again after each N tokens",
        "every N ms": "the whole text is sent again when N milliseconds have passed",
        "st.write_stream": "Streamlit's own function: the whole text is sent again with each piece",
    }
)
"""What each way does, as the end of a sentence."""

FRAME_S = 0.008
"""Half a frame of a 60 Hz display. A whole frame adds 15 ms to the median latency at 100 tokens/s (measured)."""

TAIL_BYTES_PER_S = 250_000
"""The bandwidth for sending a long tail (an endless paragraph, a large code block) again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlushStrategy:
    """A flush strategy with its N: `every_tokens` tokens, `every_ms` milliseconds."""

    flush: FlushKind = "blocks"
    every_tokens: int = 10
    every_ms: int = 50

    @property
    def label(self) -> str:
        """The strategy with its N, as in “every 10 tokens”."""
        match self.flush:
            case "every N tokens":
                return f"every {self.every_tokens} tokens"
            case "every N ms":
                return f"every {self.every_ms} ms"
            case _:
                return self.flush

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
