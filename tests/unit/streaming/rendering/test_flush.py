"""Each flush strategy draws when it says it does."""

import pytest

from streaming.rendering.flush import FLUSH_KINDS, FRAME_S, TAIL_BYTES_PER_S, FlushKind, FlushStrategy


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


@pytest.mark.parametrize("flush", FLUSH_KINDS)
def test_the_labels_of_a_run_keep_the_strategy_and_its_n(flush: FlushKind) -> None:
    strategy = FlushStrategy(flush=flush, every_tokens=7, every_ms=70)
    again = FlushStrategy.from_labels(strategy.labels)
    assert again is not None
    assert (again.label, again.labels) == (strategy.label, strategy.labels)


@pytest.mark.parametrize("n", ["", "0", "-1", "1e9", "x", "9" * 30, None, 3.5])
def test_labels_of_a_stranger_give_the_default_n_or_no_strategy(n: object) -> None:
    strategy = FlushStrategy.from_labels({"flush": "every N ms", "every_ms": n})
    assert strategy == FlushStrategy(flush="every N ms")
    assert FlushStrategy.from_labels({"flush": "N", "every_ms": n}) is None


def test_the_strategy_every_token_never_waits() -> None:
    assert due(FlushStrategy(flush="every token"))
