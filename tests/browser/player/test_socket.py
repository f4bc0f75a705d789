"""One socket a tab: what it asks for, and that nothing is lost or drawn twice."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.player import patches

pytestmark = pytest.mark.browser

SOCKET = "ws://live.test/api/live"


class Server:
    """The other end of the socket: it remembers what was asked, and sends what a test tells it to.

    While it refuses, a lost connection stays lost: a busy test may not look in the moment until it is back.
    """

    def __init__(self, page: Page, *, answers: bool = True) -> None:
        self.page = page
        self.answers = answers
        self.refuses = False
        self.asked: list[dict[str, Any]] = []
        self.connections: list[WebSocketRoute] = []
        page.route_web_socket(SOCKET, self._accept)

    def _accept(self, connection: WebSocketRoute) -> None:
        if self.refuses:
            connection.close(code=1012)
            return
        self.connections.append(connection)
        connection.on_message(self._take)

    def _take(self, message: str) -> None:
        asked = json.loads(message)
        if "ping" not in asked:
            self.asked.append(asked)
        elif self.answers:
            self.send(pong=asked["ping"])

    def send(self, **message: Any) -> None:
        self.connections[-1].send(json.dumps(message))

    def wait_until_asked(self, count: int) -> None:
        self._wait_until_there_are(count, self.asked)

    def wait_until_connected(self, count: int) -> None:
        self._wait_until_there_are(count, self.connections)

    def _wait_until_there_are(self, count: int, found: Sequence[Any]) -> None:
        for _ in range(3_000):
            if len(found) >= count:
                return
            self.page.wait_for_timeout(10)
        pytest.fail(f"only {found}")


def open_player(page: Page, *runs: str, panels: tuple[str, ...] = ("tokens",)) -> None:
    page.evaluate("options => open_player(options)", {"runs": runs, "panels": panels, "socket": SOCKET})


def words(text: str) -> list[Any]:
    return [["text", "m", text, 0.1]]


def test_the_socket_is_open_before_a_run_and_then_asks_for_what_is_shown(harness: Page) -> None:
    server = Server(harness)
    open_player(harness)
    server.wait_until_connected(1)
    assert server.asked == []

    expect(harness.get_by_text("Press Run")).to_be_visible()
    harness.evaluate("player.show({ ...player.options, runs: ['a'] })")
    server.wait_until_asked(1)
    expect(harness.get_by_text("Press Run")).to_be_hidden()
    expect(harness.get_by_text("Waiting for the first token")).to_have_count(0)

    assert server.asked == [{"follow": "a", "since": 0, "views": ["answer", "run", "text"]}]
    assert len(server.connections) == 1


def test_the_next_run_is_drawn_as_soon_as_it_starts_and_before_the_script_tells_of_it(harness: Page) -> None:
    server = Server(harness)
    open_player(harness, "a")
    harness.evaluate("player.show({ ...player.options, next_run: 'b' })")
    server.wait_until_asked(2)
    assert server.asked[-1] == {"follow": "b", "since": 0, "views": ["answer", "run", "text"], "ahead": True}
    server.send(run="a", snapshot=True, seq=2, p=[*patches.STARTED, ["msg", "m", {"role": "ai"}], *words("Old")])
    expect(harness.locator(".sl-text")).to_contain_text("Old")

    server.send(run="b", snapshot=True, seq=2, p=[*patches.STARTED, ["msg", "m", {"role": "ai"}], *words("New")])
    expect(harness.locator(".sl-text")).to_contain_text("New")
    server.wait_until_asked(3)
    assert server.asked[-1] == {"leave": "a"}
    # What a script drew before that run started.
    harness.evaluate("player.show({ ...player.options })")
    harness.evaluate("frame()")
    expect(harness.locator(".sl-text")).to_contain_text("New")

    harness.evaluate("player.show({ ...player.options, runs: ['b'], next_run: '' })")
    server.send(run="b", seq=3, p=words(" text"))
    expect(harness.locator(".sl-text")).to_contain_text("New text")
    assert len(server.asked) == 3, "the run was followed already"

    harness.evaluate("player.show({ ...player.options, runs: ['a'] })")
    server.wait_until_asked(5)
    expect(harness.locator(".sl-text")).not_to_contain_text("New")


def test_a_run_that_a_script_tells_of_is_asked_for_though_it_was_followed_ahead(harness: Page) -> None:
    """Behind a proxy another server may hold the socket, where the run never starts."""
    server = Server(harness)
    open_player(harness)
    harness.evaluate("player.show({ ...player.options, next_run: 'b' })")
    server.wait_until_asked(1)
    harness.evaluate("player.show({ ...player.options, runs: ['b'], next_run: '' })")
    server.wait_until_asked(2)
    assert server.asked[-1] == {"follow": "b", "since": 0, "views": ["answer", "run", "text"]}
    server.send(run="b", snapshot=True, seq=2, p=[*patches.STARTED, ["msg", "m", {"role": "ai"}], *words("New")])
    expect(harness.locator(".sl-text")).to_contain_text("New")


def test_frames_that_came_twice_are_drawn_once_and_a_gap_is_asked_for(harness: Page) -> None:
    server = Server(harness)
    open_player(harness, "a")
    server.wait_until_asked(1)
    server.send(run="a", **{"from": 0}, seq=2, p=[*patches.STARTED, ["msg", "m", {"role": "ai"}], *words("one ")])
    server.send(run="a", **{"from": 0}, seq=2, p=words("one "))
    server.send(run="a", seq=3, p=words("two "))
    server.send(run="a", seq=3, p=words("two "))
    server.send(run="a", seq=6, p=words("six"))
    server.wait_until_asked(2)

    assert server.asked[1]["since"] == 3
    expect(harness.locator(".sl-markdown")).to_have_text("one two")


def test_a_number_stands_for_the_run_until_the_socket_is_lost(harness: Page) -> None:
    server = Server(harness)
    open_player(harness, "a")
    server.wait_until_asked(1)
    opening = [*patches.STARTED, ["msg", "m", {"role": "ai"}], *words("one ")]
    server.send(run="a", **{"as": 7, "from": 0}, seq=2, p=opening)
    server.send(run=7, seq=3, p=words("two "))
    server.send(run=8, seq=4, p=words("of another run "))
    expect(harness.locator(".sl-markdown")).to_have_text("one two")

    server.connections[-1].close(code=1012)
    server.wait_until_asked(2)
    server.send(run=7, seq=4, p=words("of another run "))
    server.send(run="a", **{"as": 9}, seq=4, p=words("three"))
    expect(harness.locator(".sl-markdown")).to_have_text("one two three")


def test_a_silent_connection_is_lost_when_the_browser_loses_its_network(harness: Page) -> None:
    server = Server(harness)
    open_player(harness, "a", panels=("status", "tokens"))
    server.wait_until_asked(1)
    server.send(run="a", **{"from": 0}, seq=2, p=[*patches.STARTED, ["msg", "m", {"role": "ai"}], *words("one ")])
    expect(harness.locator(".sl-markdown")).to_have_text("one")

    harness.evaluate("dispatchEvent(new Event('offline'))")
    server.answers, server.refuses = False, True
    harness.evaluate("dispatchEvent(new Event('offline'))")

    expect(harness.get_by_text("Connection lost. Reconnecting…")).to_be_visible()
    server.refuses = False
    server.wait_until_asked(2)
    assert server.asked[1] == {**server.asked[0], "since": 2}


def test_of_several_places_that_follow_a_run_one_tells_that_the_connection_is_lost(harness: Page) -> None:
    server = Server(harness)
    open_player(harness, "a", panels=("tokens",))
    harness.evaluate(
        """socket => ["status", "figures"].forEach((panel) => {
            const place = element.parentElement.appendChild(document.createElement("div"));
            new Player(place).show({ runs: ["a"], panels: [panel], socket });
        })""",
        SOCKET,
    )
    server.wait_until_asked(1)
    server.send(run="a", **{"from": 0}, seq=2, p=[*patches.STARTED, ["msg", "m", {"role": "ai"}], *words("one ")])
    expect(harness.locator(".sl-markdown")).to_have_text("one")

    server.refuses = True
    server.connections[-1].close(code=1012)
    told = harness.locator(".sl-link:visible")
    expect(told).to_have_text("Connection lost. Reconnecting…")
    expect(harness.locator(".sl-column").filter(has=harness.locator(".sl-status")).locator(told)).to_have_count(1)


def test_a_raw_row_opens_the_whole_part(harness: Page) -> None:
    """A row holds the beginning of its part; the rest comes from the server, as long as there is one."""
    server = Server(harness)
    open_player(harness, "a", panels=("raw",))
    server.wait_until_asked(1)
    begun, whole = "[" + "1," * 999 + "…", "[" + "1," * 2_000 + "1]"
    rows = [[seq, 0.1, "values", "", "", "", 4_002, begun, len(whole)] for seq in (4, 5)]
    server.send(run="a", **{"from": 0}, seq=6, p=[*patches.STARTED, ["raw", rows]])
    opened = harness.locator(".sl-raw .sl-detail")

    harness.get_by_role("option").first.click()
    server.wait_until_asked(2)
    assert server.asked[1] == {"part": "a", "seq": 4}
    expect(opened).to_have_text(begun)
    server.send(run="a", part=4, json=whole)
    expect(opened).to_have_text(whole)

    harness.get_by_role("option").nth(1).click()
    server.wait_until_asked(3)
    server.connections[-1].close(code=1012)
    expect(opened).to_have_text(f"{begun} These are the first 2,000 of 4,003 characters.")


def test_after_a_cut_the_rest_is_asked_for(harness: Page) -> None:
    """The player with the run's state says so, and no other one of its page."""
    server = Server(harness)
    open_player(harness, "a", panels=("status", "tokens", "raw"))
    server.wait_until_asked(1)
    raw = ["raw", [[7, 0.1, "messages", "", "n", "one", 9, "{}"]]]
    server.send(run="a", **{"from": 0}, seq=2, p=[*patches.STARTED, ["msg", "m", {"role": "ai"}], *words("one "), raw])
    expect(harness.locator(".sl-markdown")).to_have_text("one")

    server.refuses = True
    server.connections[-1].close(code=1012)
    expect(harness.get_by_text("Connection lost. Reconnecting…")).to_be_visible()
    server.refuses = False
    server.wait_until_asked(2)
    assert server.asked[1] == {"follow": "a", "since": 2, "raw": 8, "views": ["answer", "raw", "run", "text"]}

    server.send(run="a", **{"from": 2}, seq=3, p=words("two"))
    expect(harness.locator(".sl-markdown")).to_have_text("one two")
    expect(harness.get_by_text("Connection lost. Reconnecting…")).to_be_hidden()


def test_a_snapshot_takes_the_place_of_what_was_drawn(harness: Page) -> None:
    server = Server(harness)
    open_player(harness, "a")
    server.wait_until_asked(1)
    start = [*patches.STARTED, ["msg", "m", {"role": "ai"}]]
    server.send(run="a", snapshot=True, seq=2, p=[*start, *words("old **text**")])
    expect(harness.locator(".sl-markdown")).to_have_text("old text")

    server.send(run="a", snapshot=True, seq=9, p=[*start, *words("new")])

    expect(harness.locator(".sl-markdown")).to_have_text("new")
    expect(harness.locator(".sl-markdown strong")).to_have_count(0)


def test_mounts_of_one_page_share_the_socket_and_follow_a_run_once_for_all_they_show(harness: Page) -> None:
    server = Server(harness)
    open_player(harness, "a")
    server.wait_until_asked(1)
    harness.evaluate("""() => {
        const other = document.createElement("div");
        document.body.append(other);
        window.second = new Player(other);
        second.show({ ...player.options, panels: ["figures"] });
    }""")
    server.wait_until_asked(2)
    assert server.asked[1] == {"follow": "a", "since": 0, "views": ["answer", "figures", "run", "text"]}
    assert len(server.connections) == 1

    harness.evaluate("second.destroy()")
    harness.evaluate("player.destroy()")
    server.wait_until_asked(3)
    assert server.asked[2] == {"leave": "a"}


def test_a_run_that_is_gone_says_so_and_ends(harness: Page) -> None:
    server = Server(harness)
    open_player(harness, "a")
    server.wait_until_asked(1)

    server.send(run="a", gone="There is no such run here, or no longer.")

    expect(harness.get_by_text("There is no such run here, or no longer.")).to_be_visible()
    harness.wait_for_function("ended.length === 1")


def told(page: Page) -> Any:
    return page.evaluate("told")


def listen(page: Page) -> None:
    """Hear what a mount would tell Python."""
    page.evaluate(f"window.told = []; socketTo('{SOCKET}').reach.tellers.add((reached) => told.push(reached))")


def test_a_socket_that_opens_and_never_sends_is_told_until_the_way_has_changed(harness: Page) -> None:
    harness.clock.install()
    server = Server(harness, answers=False)
    open_player(harness, "a")
    server.wait_until_asked(1)
    listen(harness)
    harness.clock.run_for(7_000)
    assert told(harness) == [False]
    harness.clock.run_for(2_500)
    assert told(harness) == [False, False], "the first one may not have been heard"

    harness.evaluate(f"socketTo('{SOCKET}').useChannel()")
    harness.clock.run_for(20_000)
    assert told(harness) == [False, False]


def test_frames_from_streamlit_take_the_place_of_the_sockets_and_the_other_way_round(harness: Page) -> None:
    harness.clock.install()
    server = Server(harness)
    open_player(harness, "a")
    server.wait_until_asked(1)
    listen(harness)
    start = [*patches.STARTED, ["msg", "m", {"role": "ai"}]]
    server.send(run="a", **{"from": 0}, seq=2, p=[*start, *words("one ")])
    drawn = harness.locator(".sl-markdown")
    harness.clock.run_for(100)
    expect(drawn).to_have_text("one")

    frames = [{"snapshot": True, "seq": 3, "p": [*start, *words("one two ")]}]
    frames.append({"from": 3, "seq": 4, "p": words("three ")})
    take = "frames => { const s = socketTo('%s'); s.useChannel(); s.takeChannel([{run: 'a', edition: 'e', frames}], \
        (runs) => told.push(runs)); }"
    harness.evaluate(take % SOCKET, frames)
    harness.evaluate(take % SOCKET, frames)
    harness.clock.run_for(100)
    expect(drawn).to_have_text("one two three")
    harness.evaluate(take % SOCKET, [{"from": 7, "seq": 8, "p": words("eight ")}])
    assert told(harness) == [["a"]], "a frame is missing, and a snapshot is asked for"
    harness.clock.run_for(100)
    expect(drawn).to_have_text("one two three")

    connections = len(server.connections)
    harness.clock.run_for(31_000)
    server.wait_until_connected(connections + 1)
    harness.wait_for_function("told.at(-1) === true")
    harness.evaluate(f"socketTo('{SOCKET}').useSocket()")
    server.wait_until_asked(2)
    assert server.asked[-1]["since"] == 0
    server.send(run="a", snapshot=True, seq=8, p=[*start, *words("one two three eight")])
    harness.clock.run_for(100)
    expect(drawn).to_have_text("one two three eight")


def test_a_socket_that_cannot_be_opened_again_is_told(harness: Page) -> None:
    harness.clock.install()
    server = Server(harness)
    open_player(harness, "a")
    server.wait_until_asked(1)
    server.send(run="a", **{"from": 0}, seq=1, p=patches.STARTED)
    harness.clock.run_for(100)
    listen(harness)
    harness.unroute_all()
    harness.route_web_socket(SOCKET, lambda connection: connection.close(code=1001))
    server.connections[-1].close(code=1001)
    for _ in range(40):
        harness.clock.run_for(1_000)
    assert told(harness)[0] is False
