"""Times as texts."""

import pytest

from streaming.core.duration import duration_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.0421, "42 ms"),
        (0.35146, "352 ms"),  # the player gets 0.3515
        (0.3525, "353 ms"),
        (0.99951, "1.00 s"),
        (1.234, "1.23 s"),
        (12.345, "12.3 s"),
        (100.2, "1 min 40 s"),
    ],
)
def test_a_time_reads_as_the_player_writes_it(seconds: float | None, text: str) -> None:
    assert duration_text(seconds) == text
