"""The page that shows one run in several protocols, as a script."""

from streaming.wires.catalogue import WIRES
from tests.support.app_test import assert_completed, opened, texts


def test_a_run_is_shown_in_every_protocol() -> None:
    app = opened("wires", autorun="1")
    assert_completed(app)
    table = app.table[0].value
    assert list(table["protocol"]) == [kind.label for kind in WIRES.values()]
    assert len(set(table["first text at"])) == 1, "all protocols come from the same log entry"
    assert (table["events"] > 10).all()
    for kind, events in zip(WIRES.values(), app.dataframe, strict=True):
        assert len(events.value) > 10
        assert kind.lost[0] in texts(app)


def test_a_recording_is_shown_in_every_protocol_and_long_lists_say_that_they_are_cut() -> None:
    app = opened("wires", source="A recording", recording="shipped:report-in-all-seven-modes-scripted.jsonl")
    assert not app.exception
    assert list(app.table[0].value["protocol"]) == [kind.label for kind in WIRES.values()]
    assert "The first 200 of 300 events." in texts(app)
    assert len(app.dataframe[1].value) == 200


def test_the_clients_are_those_of_the_chosen_protocol() -> None:
    app = opened("wires", wire="vercel")
    assert not app.exception
    codes = [code.value for code in app.code]
    assert sum("as=vercel" in code for code in codes) == 4
    assert not any("as=ag-ui" in code for code in codes)
