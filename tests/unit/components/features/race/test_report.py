"""The report of a race: one page with the verdict, every setting of each lane, and the player."""

import json
import re
from dataclasses import replace

from components.features.race.report import headline_html, html_report
from components.player.page_that_plays import FirstText
from streaming.recordings.format import Recording
from streaming.recordings.library import open_recording, recording_names
from tests.support.app_test import ROOT

FOLDER = ROOT / "recordings"
KEY = "sk-planted-0123456789abcdefghij"
FULL_ID = "planted-id-of-a-run-0123456789"
MOST_BYTES = 300_000


def recording() -> Recording:
    found = open_recording(FOLDER, recording_names(FOLDER)[0])
    return replace(found, header=replace(found.header, run_id=FULL_ID, prompt=f"<b>{KEY}</b> {FULL_ID}"))


def report() -> str:
    rows = [{"lane": 1, "note": f"{KEY} <i>"}]
    return html_report("Report of a race", f"1. a won <s> {KEY}", [(recording(), "1. a")], tables={"Figures": rows})


def test_the_verdict_comes_first_and_every_setting_of_a_lane_is_named() -> None:
    page, header = report(), recording().header
    assert page.index("1. a won") < page.index('id="player"') < page.index("<h2>Figures</h2>")
    settings = page[page.index("<h2>Configuration</h2>") :]
    for name in ("graph", "provider", "model", "stream modes", "prompt", "temperature", *header.environment):
        assert f"<td>{name}</td>" in settings, name


def test_a_phone_has_room_for_the_figures_of_each_lane_and_a_reader_for_their_meaning() -> None:
    others = ("fastest", "longest freeze", "repaints", "text sent", "parts")
    rows = [{"lane": n, "first text": f"{n}00 ms", **dict.fromkeys(others, "–")} for n in (1, 2)]
    runs = [(recording(), f"{n}. way") for n in (1, 2)]
    page = html_report("Report of a race", "", runs, tables={"Figures": rows})
    assert "<th></th><th>lane 1</th><th>lane 2</th>" in page
    assert "<tr><td>first text</td><td>100 ms</td><td>200 ms</td></tr>" in page
    figures = (
        "fastest",
        "first text",
        "arrived",
        "end",
        "decode speed",
        "longest freeze",
        "repaints",
        "text sent",
        "parts",
    )
    ways = "streaming and blocking (invoke)", "direct, last block only, every …", "Medians, brackets and confidence"
    for name in (*figures, "TTFT and Wait", *ways):
        assert f"<dt>{name}</dt>" in page
    assert "see flush strategy" not in page, "which is in no report"


def test_a_report_of_repeats_says_when_text_arrived_and_nothing_of_drawing() -> None:
    rows = [{"lane": n, "first text arrived": f"{n}00 ms", "confidence": "96.9%"} for n in (1, 2)]
    runs, firsts = [(recording(), f"{n}. way") for n in (1, 2)], [FirstText(None, 0.1), FirstText(None, 0.2)]
    page = html_report("Report of repeats", "", runs, tables={"Medians": rows}, firsts=firsts)
    data = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
    assert data
    names = json.loads(data[1])["figures"]["names"]
    assert "came_s" in names
    assert "shown_s" not in names
    for name in ("first text", "repaints", "longest freeze", "text sent"):
        assert f"<dt>{name}</dt>" not in page, name
    for name in ("arrived", "×", "Medians, brackets and confidence"):
        assert f"<dt>{name}</dt>" in page, name


def test_votes_have_a_column_for_each_configuration() -> None:
    votes = [{"configuration": name, "felt faster": n, "felt slower": 3 - n} for n, name in enumerate(("a", "b"), 1)]
    page = html_report("Report of a blind test", "", [(recording(), "1. a")], tables={"Votes": votes})
    assert "<th></th><th>a</th><th>b</th>" in page
    assert "<tr><td>felt slower</td><td>2</td><td>1</td></tr>" in page


def test_only_the_first_sentence_of_the_verdict_is_set_large() -> None:
    page = html_report("Report of a race", "Lane 1 won. All ended <i>.", [(recording(), "1. a")], tables={})
    assert '<p class="verdict">Lane 1 won.</p><p>All ended &lt;i&gt;.</p>' in page


def test_the_headline_is_the_first_sentence_and_no_markup() -> None:
    assert headline_html("Lane 1 won <i>. Lane 2 did not.") == '<p class="verdict">Lane 1 won &lt;i&gt;.</p>'


def test_only_settings_that_differ_are_open() -> None:
    one = recording()
    other = replace(one, header=replace(one.header, prompt="another"))
    page = html_report("Report of a race", "", [(one, "1. a"), (other, "2. b")], tables={})
    settings = page[page.index("<h2>Configuration</h2>") :]
    shown, folded = settings.split("<details>")
    assert "<td>prompt</td>" in shown
    assert "<td>temperature</td>" not in shown
    assert "<td>temperature</td>" in folded
    assert "<details><summary>All settings" in report()


def test_no_key_no_full_id_and_no_markup_of_a_value_gets_into_it() -> None:
    page = report()
    assert KEY not in page
    assert FULL_ID not in page
    for markup in ("<b>", "<s>", "<i>"):
        assert markup not in page.split("<body>")[1].split('<script type="application/json"')[0]


def test_it_is_small_and_its_policy_allows_nothing_else() -> None:
    page = report()
    data = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
    assert data
    assert len(page.encode()) - len(data[1].encode()) < MOST_BYTES
    assert "default-src 'none'" in page
    assert " style=" not in page.split("<body>")[1].split('<script type="application/json"')[0]
