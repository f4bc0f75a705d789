"""Each flush strategy draws when it says it does."""

import pytest

from streaming.rendering.flush import FRAME_S, TAIL_BYTES_PER_S, FlushStrategy


def due(pacing: FlushStrategy, *, waited_s: float = 0.0, tokens: int = 1, tail_bytes: int = 0) -> bool:
    return pacing.due(waited_s=waited_s, tokens=tokens, tail_bytes=tail_bytes)


def test_blocks_draws_once_a_frame() -> None:
    assert not due(FlushStrategy(), waited_s=FRAME_S / 2)
    assert due(FlushStrategy(), waited_s=FRAME_S)


def test_blocks_slows_down_for_a_long_tail_so_that_bytes_stay_bounded() -> None:
    assert not due(FlushStrategy(), waited_s=0.05, tail_bytes=TAIL_BYTES_PER_S)
    assert due(FlushStrategy(), waited_s=1.0, tail_bytes=TAIL_BYTES_PER_S)


@pytest.mark.parametrize(("tokens", "expected"), [(9, False), (10, True)])
def test_every_n_tokens_counts_tokens(tokens: int, expected: bool) -> None:
    assert due(FlushStrategy(flush="every N tokens", every_tokens=10), tokens=tokens) is expected


@pytest.mark.parametrize(("waited_s", "expected"), [(0.049, False), (0.05, True)])
def test_every_n_ms_counts_time(waited_s: float, expected: bool) -> None:
    assert due(FlushStrategy(flush="every N ms", every_ms=50), waited_s=waited_s) is expected


def test_the_strategy_every_token_never_waits() -> None:
    assert due(FlushStrategy(flush="every token"))
