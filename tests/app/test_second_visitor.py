"""On a server that others can reach, no page shows a visitor what another one has done."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from streaming.services import Services
from tests.support.app_test import assert_completed, opened, turned_to
from tests.support.services import Configure

PROMPT = "Planted words of Ada"
LISTS = ("runs", "replay", "race", "home")


@pytest.fixture
def server(configure: Configure) -> Services:
    return configure(exposed="true")


def everything(app: AppTest) -> str:
    """All that the page sends to its browser."""
    return "\n".join(str(element.proto) for element in elements(app._tree))


def elements(block: Any) -> list[Any]:
    """The elements in this part of the page."""
    children = getattr(block, "children", None)
    if children is None:
        return [block]
    return [element for child in children.values() for element in elements(child)]


def test_a_second_visitor_sees_nothing_of_the_first(server: Services) -> None:
    ada = opened("messages", autorun="1", prompt=PROMPT)
    assert_completed(ada)
    run_id = str(ada.session_state["session.runs"]["messages"])
    owner = str(ada.session_state["session.owner"])
    server.run_writer.flush()
    server.run_store.vote(faster={"run": run_id, "name": PROMPT}, slower={"run": "b", "name": "b"}, owner=owner)

    bob = opened("home")
    for page in LISTS:
        shown = everything(turned_to(bob, page))
        assert PROMPT not in shown, page
        assert run_id not in shown, page
        assert owner not in shown, page
    # What is asked is whether the lists would show it.
    assert PROMPT in everything(turned_to(ada, "runs"))
    assert PROMPT in everything(turned_to(ada, "race"))


@pytest.mark.parametrize("change", ["{}x", "%", "{0}.{0}x", "../{}", "\0"])
def test_what_is_nearly_the_id_of_a_run_opens_nothing(server: Services, change: str) -> None:
    ada = opened("messages", autorun="1", prompt=PROMPT)
    run_id = str(ada.session_state["session.runs"]["messages"])
    wrong = change.format(run_id)
    bob = opened("messages", run=wrong, thread=wrong, repeating=wrong, tried=wrong)
    assert not bob.exception
    assert PROMPT not in everything(bob)
