"""When to draw: how a growing text is flushed to the screen."""

from dataclasses import dataclass
from typing import Literal, get_args

FlushKind = Literal["direct", "blocks", "every token", "every N tokens", "every N ms", "st.write_stream"]
FLUSH_KINDS: tuple[FlushKind, ...] = get_args(FlushKind)
NATIVE_FLUSH_KINDS: tuple[FlushKind, ...] = tuple(kind for kind in FLUSH_KINDS if kind != "direct")
"""The ways that Streamlit itself offers; `direct` is the player, which draws in the browser what its socket brings."""

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
