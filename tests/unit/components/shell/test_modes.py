"""The colours of the stream modes."""

import colorsys

from components.charts.group_colours import PALETTE
from components.shell.modes import FAILED_HEX, MODE_HEX, mode_badge
from streaming.cli.consoles import MODE_STYLE

SAME = 20
"""Degrees of hue within which two saturated colours look alike."""


def hue(colour: str) -> float:
    return 360 * colorsys.rgb_to_hls(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))[0]


def test_red_means_that_something_failed_and_nothing_else() -> None:
    for colour in (*MODE_HEX.values(), *PALETTE):
        apart = abs(hue(colour) - hue(FAILED_HEX))
        assert min(apart, 360 - apart) > SAME, colour
    assert "red" not in "".join(MODE_STYLE.values())
    assert not any("red" in mode_badge(mode) for mode in MODE_HEX)


def test_each_mode_has_a_colour_and_a_badge_of_its_own() -> None:
    assert len(set(MODE_HEX.values())) == len(MODE_HEX)
    assert len({mode_badge(mode).replace(mode, "") for mode in MODE_HEX}) == len(MODE_HEX)
    assert len(set(MODE_STYLE.values())) == len(MODE_STYLE)
