"""Latencies count from the provider's stamp to the first sight of a word, or of one after it."""

import pytest

from bench.tokens.latencies import latencies_ms


def test_a_word_appears_with_the_first_sight_of_it_or_of_a_later_word() -> None:
    sent = [10.0, 10.01, 10.02]
    assert latencies_ms(sent, [(1, 10_004.0), (3, 10_025.0)]) == pytest.approx([4, 15, 5])


def test_a_word_that_never_appeared_is_an_error() -> None:
    with pytest.raises(IndexError):
        latencies_ms([10.0, 10.01], [(1, 10_004.0)])
