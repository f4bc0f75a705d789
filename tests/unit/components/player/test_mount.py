"""What `mount_player` refuses, and that it knows the panels of the browser's side."""

import re

import pytest

from components.player.files import read_asset
from components.player.mount import PANELS, mount_player


def test_the_panels_are_those_of_the_browsers_side() -> None:
    table = read_asset("panels/index.js").split("export const PANELS = {")[1]

    assert re.findall(r"^  (\w+): \w+,$", table, re.MULTILINE) == list(PANELS)


def test_a_panel_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no panel named picture"):
        mount_player([], panels=["tokens", {"panel": "picture"}], key="live")
