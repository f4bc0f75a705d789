"""The panel `diagram`: where nodes and edges are, and how nodes light up."""

import random
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from graphs import GRAPHS, TECHNIQUES
from streaming.core.graph_description import Drawing
from streaming.runtime.graph_descriptions import describe
from tests.browser.player import patches
from tests.browser.player.drive import feed, open_player

pytestmark = pytest.mark.browser

LONG = "supervisor_of_the_whole_research_department_and_its_long_tail"
BRACKETS = "a <b>bold</b> [x] {y}"


def graph_of(names: list[str], *edges: tuple[str, str, bool]) -> Drawing:
    return {"nodes": ["__start__", *names, "__end__"], "edges": list(edges)}


def random_graph(nodes: int, seed: int) -> Drawing:
    """A graph with forks, joins, conditions and loops, whose nodes can all be reached."""
    source = random.Random(seed)
    names = [f"node {n}" for n in range(nodes)]
    edges = [("__start__", names[0], False)]
    edges += [(names[source.randrange(max(0, n - 6), n)], names[n], n % 5 == 0) for n in range(1, nodes)]
    edges += [(names[n], names[source.randrange(nodes)], True) for n in range(0, nodes, 7)]
    edges += [(names[n], "__end__", n % 2 == 0) for n in range(nodes // 2, nodes, 5)]
    return graph_of(names, *edges)


NAMES = graph_of(
    ["end", BRACKETS, LONG, "class", "规划节点很长的名字需要换行显示出来", "x"],
    ("__start__", "end", False),
    ("end", BRACKETS, True),
    ("end", LONG, True),
    ("end", "class", True),
    (BRACKETS, "end", False),
    (LONG, "end", False),
    ("class", "x", False),
    ("x", "x", True),
    ("x", "class", True),
    ("end", "__end__", True),
)
DRAWN: dict[str, Drawing] = {
    **{name: describe(graph).drawing for name, graph in (GRAPHS | TECHNIQUES).items()},
    "names": NAMES,
    "no edges": {"nodes": ["one", "two"], "edges": []},
    "no way in": {"nodes": ["one", "two"], "edges": [("one", "two", False), ("two", "one", False)]},
    **{f"{nodes} random nodes": random_graph(nodes, seed) for seed, nodes in enumerate((5, 9, 16, 40))},
}

PARTNER = {"a": "f", "b": "e", "c": "d"}

# Boxes of the nodes, and of each edge a point every `step` pixels; without `step` no points.
MEASURE = """(step) => {
    const box = (element) => { const { x, y, width, height } = element.getBBox(); return { x, y, width, height }; };
    const centre = (node) => { const { e, f } = node.transform.baseVal.consolidate().matrix; return { x: e, y: f }; };
    const [, , width, height] = element.querySelector("svg").getAttribute("viewBox").split(" ").map(Number);
    const nodes = [...element.querySelectorAll(".sl-diagram-node")].map((node) => {
        const shape = box(node.querySelector(".sl-diagram-box, circle"));
        const { x, y } = centre(node);
        const text = node.querySelector("text")?.getBBox().width ?? 0;
        return { name: node.dataset.node, ...shape, x: x + shape.x, y: y + shape.y, text };
    });
    const edges = [...element.querySelectorAll(".sl-diagram-edge")].map((edge) => {
        const line = edge.querySelector(".sl-diagram-line");
        const length = line.getTotalLength();
        const points = [];
        for (let at = 0; step && at <= length; at += step) {
            const { x, y } = line.getPointAtLength(at);
            points.push([x, y]);
        }
        const { from, to } = edge.dataset;
        return { from, to, points, conditional: edge.classList.contains("sl-conditional"),
                 back: edge.classList.contains("sl-back") };
    });
    return { width, height, nodes, edges };
}"""


def draw(page: Page, graph: Drawing, **settings: Any) -> None:
    open_player(page, {"panel": "diagram", **graph, **settings})
    feed(page, [])


def span(node: str, state: str, start: float = 0, end: float | None = None, *, ns: str = "") -> list[Any]:
    return ["span", f"{ns}{node}{start}", {"node": node, "ns": ns, "start": start, "end": end, "state": state}]


def lit(page: Page) -> dict[str, str]:
    """The state of each node that is lit."""
    found: dict[str, str] = page.evaluate("""() => Object.fromEntries(
        [...element.querySelectorAll("[data-state]")].map((node) => [node.dataset.node, node.dataset.state]))""")
    return found


def apart(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(
        one["x"] + one["width"] <= other["x"]
        or other["x"] + other["width"] <= one["x"]
        or one["y"] + one["height"] <= other["y"]
        or other["y"] + other["height"] <= one["y"]
    )


def inside(point: list[float], box: dict[str, Any]) -> bool:
    x, y = point
    return bool(box["x"] < x < box["x"] + box["width"] and box["y"] < y < box["y"] + box["height"])


@pytest.mark.parametrize("direction", ["TD", "LR"])
def test_each_node_and_edge_is_drawn_and_no_edge_passes_a_node(harness: Page, direction: str) -> None:
    for name, graph in DRAWN.items():
        harness.evaluate("element.replaceChildren()")
        draw(harness, graph, direction=direction)
        check_drawn(name, graph, harness.evaluate(MEASURE, 5))


def check_drawn(name: str, graph: Drawing, drawn: dict[str, Any]) -> None:
    """Each node and edge is there, in the picture and apart."""
    nodes = drawn["nodes"]
    assert sorted(node["name"] for node in nodes) == sorted(graph["nodes"]), name
    assert {(edge["from"], edge["to"]) for edge in drawn["edges"]} == {edge[:2] for edge in graph["edges"]}, name
    for index, node in enumerate(nodes):
        assert node["text"] <= node["width"], name
        assert 0 <= node["x"] <= drawn["width"] - node["width"], name
        assert 0 <= node["y"] <= drawn["height"] - node["height"], name
        assert all(apart(node, other) for other in nodes[:index]), name
    for edge in drawn["edges"]:
        others = [node for node in nodes if node["name"] not in (edge["from"], edge["to"])]
        crossed = {node["name"] for node in others for point in edge["points"] if inside(point, node)}
        assert not crossed, f"{name}: {edge['from']} to {edge['to']} passes {crossed}"
        assert all(0 <= x <= drawn["width"] and 0 <= y <= drawn["height"] for x, y in edge["points"]), name


def test_edges_go_down_except_those_of_loops(harness: Page) -> None:
    draw(harness, DRAWN["approval"])

    drawn = harness.evaluate(MEASURE)

    top = {node["name"]: node["y"] for node in drawn["nodes"]}
    assert all(edge["back"] == (top[edge["to"]] <= top[edge["from"]]) for edge in drawn["edges"])
    assert [(edge["from"], edge["to"]) for edge in drawn["edges"] if edge["back"]] == [("decide", "draft")]
    assert top["__start__"] == min(top.values())
    assert top["__end__"] == max(top.values())


def test_edges_with_a_condition_are_dashed_and_others_are_not(harness: Page) -> None:
    draw(harness, DRAWN["agent"])
    dashed = """() => Object.fromEntries([...element.querySelectorAll(".sl-diagram-edge")].map((edge) => [
        `${edge.dataset.from} ${edge.dataset.to}`,
        getComputedStyle(edge.querySelector(".sl-diagram-line")).strokeDasharray !== "none"]))"""

    expected = {"__start__ model": False, "model __end__": True, "model tools": True, "tools model": True}
    assert harness.evaluate(dashed) == expected


def test_edges_that_need_not_cross_do_not(harness: Page) -> None:
    draw(harness, graph_of(list("abcdef"), ("a", "f", False), ("b", "e", False), ("c", "d", False)))

    left = {node["name"]: node["x"] for node in harness.evaluate(MEASURE)["nodes"]}

    assert sorted("abc", key=lambda name: left[name]) == sorted("abc", key=lambda name: left[PARTNER[name]])


def test_names_are_text_and_a_shortened_one_is_whole_in_its_title(harness: Page) -> None:
    draw(harness, NAMES)

    expect(harness.locator(".sl-diagram b")).to_have_count(0)
    expect(harness.locator(f"[data-node='{BRACKETS}'] text")).to_have_text("a <b>bold</b> [x] {y}")
    expect(harness.locator(f"[data-node={LONG}] text")).to_contain_text("…")
    expect(harness.locator(f"[data-node={LONG}] title")).to_have_text(LONG)
    expect(harness.locator("[data-node=__end__] title")).to_have_text("end")


def test_nodes_light_up_as_they_run_and_end(harness: Page) -> None:
    draw(harness, DRAWN["rag"])
    assert lit(harness) == {}

    feed(harness, [["clock", 0.1], span("route", "running"), ["active", ["route"]]])
    assert lit(harness) == {"route": "running"}

    searches = [span("search_streaming", "failed", 1, 2), span("search_langgraph", "running", 1)]
    feed(harness, [span("route", "done", 0, 1), *searches, span("search_ux", "cached", 1, 1.2), ["active", []]])
    expected = {"route": "done", "search_streaming": "failed", "search_langgraph": "running", "search_ux": "cached"}
    assert lit(harness) == expected

    feed(harness, [span("search_langgraph", "cut", 1, 2), ["run", {"status": "Failed"}], ["over"]])
    assert lit(harness) == expected | {"search_langgraph": "cut"}


def test_an_interrupt_is_shown_where_it_waits(harness: Page) -> None:
    draw(harness, DRAWN["approval"])

    feed(harness, [span("draft", "done", 0, 1), span("review_text", "interrupted", 1, 1), ["over"]])

    assert lit(harness) == {"draft": "done", "review_text": "interrupted"}
    expect(harness.get_by_role("listitem").filter(has_text="review_text")).to_have_text(
        "review_text: waiting for an answer"
    )


def test_without_spans_the_nodes_that_run_or_are_known_to_have_finished_are_lit(harness: Page) -> None:
    draw(harness, DRAWN["joke"])

    feed(harness, [["clock", 0.1], ["active", ["refine_topic"]]])
    assert lit(harness) == {"refine_topic": "running"}

    feed(harness, [["active", ["generate_joke"]]])
    assert lit(harness) == {"generate_joke": "running"}

    feed(harness, [["finished", ["refine_topic"]], ["active", ["generate_joke"]]])
    assert lit(harness) == {"refine_topic": "done", "generate_joke": "running"}

    feed(harness, [["run", {"status": "Failed"}], ["over"]])
    assert lit(harness) == {"refine_topic": "done"}


def test_a_node_that_may_have_run_unseen_is_not_drawn_like_one_that_was_not_reached(harness: Page) -> None:
    draw(harness, DRAWN["agent"], unsure=True)
    note = harness.locator(".sl-diagram-note")
    height = "note => note.getBoundingClientRect().height"
    before = note.evaluate(height)
    feed(harness, [["run", {"modes": ["custom"]}], ["clock", 0.1], ["active", ["model"]]])
    assert lit(harness) == {"model": "running"}
    expect(note).to_have_text("")

    feed(harness, [["active", []], ["seen", {"nodes": ["model"], "unsure": True}], ["over"]])

    assert lit(harness) == {"model": "seen", "tools": "unknown"}
    expect(harness.locator("[data-node=tools] title")).to_have_text("tools: not known whether it ran")
    expect(note).to_have_text("“?”: custom does not tell whether it ran.")
    assert note.evaluate(height) == before > 0


def test_nodes_of_subgraphs_light_no_node_of_the_same_name(harness: Page) -> None:
    draw(harness, DRAWN["research"])

    feed(harness, [["clock", 0.1], span("read", "running"), span("write", "running", ns="read:1")])

    assert lit(harness) == {"read": "running"}


def test_one_of_several_tasks_of_a_node_decides_its_state_and_a_later_turn_of_a_loop_replaces_it(harness: Page) -> None:
    draw(harness, DRAWN["ideas"])
    tasks = [["span", f"t{n}", {"node": "think", "ns": "", "start": 0, "end": 1, "state": "done"}] for n in range(3)]
    feed(harness, [["clock", 0.1], *tasks, ["span", "t1", {"state": "failed"}]])
    assert lit(harness) == {"think": "failed"}
    expect(harness.locator("[data-node=think] title")).to_have_text("think: failed (1 of 3 tasks)")

    feed(harness, [span("think", "done", 2, 3)])
    assert lit(harness) == {"think": "done"}


def test_another_run_starts_with_nothing_lit(harness: Page) -> None:
    draw(harness, DRAWN["joke"])
    feed(harness, [["clock", 0.1], span("refine_topic", "done", 0, 1)])
    assert lit(harness) == {"refine_topic": "done"}

    harness.evaluate("async () => { player.clear(); await frame(); await frame(); }")

    assert lit(harness) == {}
    expect(harness.get_by_role("listitem").first).to_have_text("refine_topic: nothing known")


def test_the_picture_keeps_its_size_while_a_run_streams(harness: Page) -> None:
    draw(harness, graph_of(["plan", "write"], ("__start__", "plan", False), ("plan", "write", False)))
    sizes = """() => [...element.querySelectorAll(".sl-diagram, .sl-diagram-frame, .sl-diagram-box")].map((found) => {
        const { x, y, width, height } = found.getBoundingClientRect();
        return [x, y, width, height];
    })"""
    before = harness.evaluate(sizes)

    for part in (patches.BEFORE_TEXT, patches.TEXT, patches.ENDED):
        feed(harness, part)
        assert harness.evaluate(sizes) == before
    assert lit(harness) == {"plan": "done", "write": "done"}


def test_a_picture_a_little_higher_than_its_frame_is_drawn_smaller_and_keeps_its_end(harness: Page) -> None:
    draw(harness, DRAWN["report"], height=340)
    frame = harness.get_by_role("region", name="Graph")
    assert frame.evaluate("e => e.querySelector('svg').viewBox.baseVal.height > e.clientHeight")
    assert frame.evaluate("e => e.scrollHeight <= e.clientHeight"), "the end mark is cut"


def test_two_hundred_nodes_scroll_to_the_running_one_until_the_reader_scrolls(harness: Page) -> None:
    names = [f"node {n}" for n in range(200)]
    draw(harness, graph_of(names, *[(one, other, False) for one, other in pairwise(names)]))
    frame = harness.get_by_role("region", name="Graph")
    assert frame.evaluate("e => [e.clientHeight, e.scrollHeight > 9000]") == [440, True]
    in_sight = """([name]) => {
        const node = document.querySelector(`[data-node="${name}"]`).getBoundingClientRect();
        const frame = document.querySelector(".sl-diagram-frame").getBoundingClientRect();
        return node.top >= frame.top && node.bottom <= frame.bottom;
    }"""

    feed(harness, [["clock", 0.1], ["active", ["node 150"]]])
    assert harness.evaluate(in_sight, ["node 150"])

    frame.focus()
    frame.press("Home")
    feed(harness, [["active", ["node 20"]]])
    assert not harness.evaluate(in_sight, ["node 20"])


def test_a_graph_of_two_hundred_nodes_with_loops_is_laid_out(harness: Page) -> None:
    graph = random_graph(200, seed=3)
    draw(harness, graph)

    drawn = harness.evaluate(MEASURE)

    assert len(drawn["nodes"]) == 202
    assert all(apart(node, other) for index, node in enumerate(drawn["nodes"]) for other in drawn["nodes"][:index])


def test_the_picture_has_a_name_and_its_states_are_in_a_list(harness: Page) -> None:
    draw(harness, DRAWN["joke"])
    feed(harness, [["clock", 0.1], span("refine_topic", "done", 0, 1), span("generate_joke", "running", 1)])

    picture = harness.get_by_role("group", name="Graph of 2 nodes: refine_topic, generate_joke")
    expect(picture).to_be_visible()
    rows = harness.get_by_role("list", name="Nodes").get_by_role("listitem")
    expect(rows).to_have_text(["refine_topic: done", "generate_joke: running"])


def test_a_mount_without_a_graph_is_an_empty_picture(harness: Page) -> None:
    open_player(harness, "diagram")
    feed(harness, patches.WHOLE_RUN)

    expect(harness.get_by_role("group", name="Empty graph")).to_be_attached()


@pytest.fixture
def calm_harness(chromium: Browser, harness_url: str) -> Iterator[Page]:
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(harness_url)
    page.wait_for_function("window.ready")
    yield page
    context.close()


def test_a_running_node_pulses_unless_less_motion_is_wanted(harness: Page, calm_harness: Page) -> None:
    animation = "() => getComputedStyle(document.querySelector('[data-state] .sl-diagram-halo')).animationName"
    for page, expected in ((harness, "sl-pulse"), (calm_harness, "none")):
        draw(page, DRAWN["joke"])
        feed(page, [["clock", 0.1], ["active", ["refine_topic"]]])
        assert page.evaluate(animation) == expected


def test_a_node_that_ran_before_in_the_thread_says_so_until_it_runs_again(harness: Page) -> None:
    drawing = graph_of(["plan", "write"], ("__start__", "plan", False), ("plan", "write", False))
    open_player(harness, {"panel": "diagram", **drawing, "earlier": ["plan"]})
    nodes = harness.get_by_role("list", name="Nodes").get_by_role("listitem")
    expect(nodes).to_have_text(["plan: ran in an earlier run of this thread", "write: nothing known"])
    expect(harness.locator('[data-node="plan"] title')).to_have_text("plan: ran in an earlier run of this thread")
    expect(harness.locator('[data-node="plan"]')).to_have_attribute("data-state", "earlier")
    feed(harness, patches.BEFORE_TEXT)
    expect(nodes).to_have_text(["plan: done", "write: running"])
