"""The page about conditional streaming as a script."""

import pytest

from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.rendering.markdown_safety import safe_markdown
from streaming.services import get_services
from tests.support.app_test import assert_completed, in_url, opened, texts


@pytest.mark.parametrize("graph", ["briefing", "research"])
def test_the_phone_gets_a_fraction(graph: str) -> None:
    app = opened("conditional", autorun="1", graph=graph)
    assert_completed(app)
    sent = [caption.value for caption in app.caption if caption.value.startswith("Sent:")]
    shares = [int(line.split("(")[1].split("%")[0]) for line in sent]
    assert shares[0] < 10
    assert shares[2] == 100
    if graph == "briefing":
        assert list(app.table[0].value["name"]) == ["The simple one", "The everyday one", "The thorough one"]


def test_the_reader_gets_only_the_chosen_tags() -> None:
    app = opened("conditional", autorun="1")
    app.button_group(key="tags").set_value(["answer"]).run()
    assert_completed(app)
    assert not app.table, "the table's JSON has another tag"


def test_without_tags_the_reader_gets_no_token() -> None:
    app = opened("conditional", autorun="1", graph="research")
    app.button_group(key="tags").set_value([]).run()
    assert_completed(app)
    assert "The text grows here, token by token." in texts(app)


@pytest.mark.parametrize(
    ("chosen", "heard"),
    [
        ({"nodes": ["read"]}, ("summarise", "review")),
        ({"namespaces": ["(graph)"]}, ("plan", "write")),
        ({"namespaces": ["read › digest"]}, ("summarise", "review")),
        ({"nodes": ["read"], "namespaces": ["(graph)"]}, ()),
    ],
)
def test_the_reader_can_choose_nodes_and_namespaces_of_subgraphs(
    chosen: dict[str, list[str]], heard: tuple[str, ...]
) -> None:
    app = opened("conditional", autorun="1", graph="research", **chosen)
    assert_completed(app)
    run = get_services().engine.get(in_url(app, "run"))
    assert run is not None
    said = {message.node: message.text for message in apply_all(Messages(), run.events).answers()}
    for node, text in said.items():
        shown = [element.value for element in app.markdown].count(safe_markdown(text))
        # The phone gets the answer whatever the reader hears.
        assert shown == (node in heard) + (node == "write"), node
    assert ("The text grows here, token by token." in texts(app)) == (not heard)
