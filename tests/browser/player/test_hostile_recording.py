"""No string of a recording becomes an element, a request or a dialog, whichever panel draws it."""

from itertools import chain

import pytest
from playwright.sync_api import Dialog, Page, Request, expect

from components.player.mount import PANELS
from streaming.live.patches import VIEWS
from streaming.live.view import patches_of
from tests.browser.player.drive import feed, open_player
from tests.support.hostile import HOSTILE, hostile_recording

pytestmark = pytest.mark.browser

# What the panels draw with, and what Markdown may become.
ELEMENTS = """
a article bdi blockquote br button canvas circle code dd del details div dl dt em g h1 h2 h3 h4 h5 h6 hr i input
li ol p path pre rect section span strong summary svg table tbody td text th thead title tr tspan ul
"""
# The elements and the addresses of the page; a handler or an address that loads is reported with its element.
DRAWN = """() => {
    const all = [...element.querySelectorAll("*")];
    const unsafe = (name) => name.startsWith("on") || ["src", "srcset", "data", "action", "xlink:href"].includes(name);
    return {
        names: [...new Set(all.map((each) => each.localName))],
        links: all.filter((each) => each.hasAttribute("href")).map((each) => each.getAttribute("href")),
        unsafe: all.filter((each) => each.getAttributeNames().some(unsafe)).map((each) => each.outerHTML),
    };
}"""


@pytest.mark.parametrize("text", HOSTILE)
def test_no_string_of_a_recording_does_anything_but_show(harness: Page, text: str) -> None:
    requests: list[str] = []
    dialogs: list[str] = []

    def on_request(request: Request) -> None:
        requests.append(request.url)

    def on_dialog(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    harness.on("request", on_request)
    harness.on("dialog", on_dialog)
    events = hostile_recording(text, spoken=text).events
    found = list(chain.from_iterable(batch for _, batch in patches_of(events, about={"graph": text}, views=VIEWS)))
    assert {patch[0] for patch in found} >= set().union(*VIEWS.values()) - {"whole"}
    graph = {"panel": "diagram", "nodes": ["__start__", text, "__end__"], "edges": [["__start__", text, True]]}
    arrival = {"panel": "branches", "order": "by arrival"}
    open_player(harness, *(name for name in PANELS if name != "diagram"), graph, arrival, labels=[text], idle=text)
    feed(harness, found)
    expect(harness.get_by_text(text[:12]).first).to_be_attached()
    # The whole of a row is drawn with a click.
    for label in ("Raw parts", "Trace"):
        harness.get_by_role("listbox", name=label).get_by_role("option").first.click()
    drawn = harness.evaluate(DRAWN)
    harness.remove_listener("request", on_request)
    harness.remove_listener("dialog", on_dialog)

    assert set(drawn["names"]) <= set(ELEMENTS.split())
    assert drawn["unsafe"] == []
    assert [link for link in drawn["links"] if not link.startswith(("https://", "http://", "mailto:"))] == []
    assert requests == []
    assert dialogs == []
