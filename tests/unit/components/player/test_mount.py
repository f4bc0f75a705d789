"""What `mount_player` refuses, and that it knows the panels of the browser's side."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from components.player.files import read_asset
from components.player.mount import PANELS, mount_player


def test_the_panels_are_those_of_the_browsers_side() -> None:
    table = read_asset("panels/index.js").split("export const PANELS = {")[1]

    assert re.findall(r"^  (\w+): \w+,$", table, re.MULTILINE) == list(PANELS)


def test_a_panel_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no panel named picture"):
        mount_player([], panels=["tokens", {"panel": "picture"}], key="live")


def test_a_page_mounts_the_player_and_goes_on() -> None:
    def page() -> None:
        import streamlit as st

        from components.player.mount import mount_player

        st.text(f"ended {mount_player(['r1'], key='live', labels=['Left'])}")

    app = AppTest.from_function(page, default_timeout=30).run()

    assert not app.exception
    assert app.text[0].value == "ended None"


def test_a_key_may_have_several_underscores_in_a_row_as_ids_of_runs_do() -> None:
    def page() -> None:
        from components.player.mount import mount_player

        for key in ("status.a__b", "status.a_b", "status.a___b", "status.__"):
            mount_player(["r1"], key=key)

    app = AppTest.from_function(page, default_timeout=30).run()

    assert not app.exception
    assert len(app.get("bidi_component")) == 4
