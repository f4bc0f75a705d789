"""A session whose browser does not reach the app's routes gets the same page, fed through Streamlit."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from components.shell.session import STORED, UNREACHABLE
from tests.support.app_test import APP, QUICK, assert_completed, run_in, texts, turned_to


def opened_without(*routes: str, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.run()
    app.session_state[f"{STORED}{UNREACHABLE}"] = frozenset(routes)
    for name, value in {**QUICK, **query}.items():
        app.query_params[name] = value
    return turned_to(app, "messages")


def mounted(app: AppTest, module: str) -> list[dict[str, Any]]:
    contents = [json.loads(element.proto.json) for element in app.get("bidi_component") if element.proto.json]
    return [content for content in contents if content.get("module") == module]


def test_a_session_without_the_socket_mounts_a_feed_of_the_pages_run() -> None:
    app = opened_without("socket", autorun="1")
    assert_completed(app)
    feeds = mounted(app, "feed_component.js")
    assert len(feeds) == 1
    runs = feeds[0]["player"]["runs"]
    assert [run["run"] for run in runs] == [run_in(app)]
    assert any(patch[0] == "over" for frame in runs[0]["frames"] for patch in frame["p"])
    assert all(mount["fed"] and not mount["inline"] for mount in mounted(app, "component.js"))
    assert "fed through Streamlit" in texts(app)


def test_a_session_without_the_script_gets_it_with_one_component() -> None:
    app = opened_without("script")
    assert not app.exception
    assert [element.proto.component_name for element in app.get("bidi_component")].count(
        "streaming_lab_player_script"
    ) == 1
    assert all(mount["inline"] and not mount["fed"] for mount in mounted(app, "component.js"))


def test_a_session_that_reaches_all_has_neither() -> None:
    app = opened_without(autorun="1")
    assert_completed(app)
    assert mounted(app, "feed_component.js") == []
    assert "fed through Streamlit" not in texts(app)
