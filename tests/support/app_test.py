"""Opening a page of the app as a script, and reading what it shows."""

import json
import re
from pathlib import Path
from typing import Any, TypeVar

from streamlit.testing.v1 import AppTest

from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.rendering.markdown_safety import safe_markdown
from streaming.services import get_services

ROOT = Path(__file__).parents[2]
APP = str(ROOT / "components" / "main.py")
QUICK = {"model": "scripted", "ttft_ms": "0", "tokens_per_s": "5000"}

END_S = 30.0

E = TypeVar("E")

_run_once = AppTest._run


def run_until_end(app: AppTest, widget_state: Any = None, timeout: float | None = None) -> AppTest:
    """Run the script; where it left its runs to the player, wait for their end, and run it again as the player does."""
    _run_once(app, widget_state, timeout)
    awaited = _reported_runs(app)
    if not awaited:
        return app
    for run in awaited:
        for _ in run.follow():
            assert run.age_s < END_S, "the run does not end"
    return app.run(timeout=timeout)


def _reported_runs(app: AppTest) -> list[Run]:
    """The runs whose end the player will report."""
    ids = {run_id for player in players(app) if player["reports"] for run_id in player["runs"]}
    return [run for run_id in sorted(ids) if (run := get_services().engine.get(run_id)) is not None]


def opened(page: str, **query: str | list[str]) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.run()
    for name, value in {**QUICK, **query}.items():
        app.query_params[name] = value
    return turned_to(app, page)


def turned_to(app: AppTest, page: str) -> AppTest:
    """The same session on another page."""
    return app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()


def clicked(app: AppTest, label: str) -> AppTest:
    """The page after a click on the first button with this label."""
    return next(button for button in app.button if button.label == label).click().run()


def texts(app: AppTest) -> str:
    shown = [*app.markdown, *app.error, *app.warning, *app.info, *app.caption, *app.text]
    return "\n".join(str(element.value) for element in shown)


def programs(app: AppTest) -> list[str]:
    """The code on the page, without the links to share."""
    return [block.value for block in app.code if block.language == "python"]


def html_texts(app: AppTest) -> str:
    """What the page draws as HTML: timelines and tables."""
    return "\n".join(element.proto.body for element in app.get("html"))


def players(app: AppTest) -> list[dict[str, Any]]:
    """The data of each mount of the player, in the order of the page."""
    return mounted(app, "component.js", "replay_component.js")


def mounted(app: AppTest, *modules: str) -> list[dict[str, Any]]:
    """The data of each mount of these modules, in the order of the page."""
    contents = [json.loads(element.proto.json) for element in app.get("bidi_component") if element.proto.json]
    return [content["player"] for content in contents if content.get("module") in modules]


def mounts(app: AppTest) -> dict[str, dict[str, Any]]:
    """What the page has mounted of the player: the data of each mount, by the name of its panel."""
    found: dict[str, dict[str, Any]] = {}
    for player in players(app):
        for panel in player["panels"]:
            name = panel if isinstance(panel, str) else panel["panel"]
            found[name] = {**player, "settings": {} if isinstance(panel, str) else panel}
    return found


def reveals(app: AppTest) -> list[dict[str, Any]]:
    """What the page brings into sight."""
    return mounted(app, "reveal.js")


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def in_url(app: AppTest, name: str) -> str:
    """A query parameter of the page's URL."""
    value = app.query_params[name]
    return value[0] if isinstance(value, list) else value


def shared_links(app: AppTest) -> list[str]:
    """The links that the page offers to share: that of its controls, and that of what ran, if anything did.

    They are beside the run's state and below the code.
    """
    controls = re.compile(r"(/?\?\S+)?")
    return list(dict.fromkeys(block.value for block in app.code if controls.fullmatch(block.value)))


def run_in(app: AppTest) -> str:
    """The ids of the page's runs, as they are in its URL."""
    return in_url(app, "run")


def runs_in(app: AppTest) -> list[Run]:
    """The page's runs; every one of them is known."""
    runs = [get_services().engine.get(run_id) for run_id in run_in(app).split(".")]
    assert all(runs)
    return [run for run in runs if run is not None]


def events_in(app: AppTest, kind: type[E]) -> list[E]:
    """The events of this type in the page's first run, in order."""
    events: list[Any] = [entry.event for entry in runs_in(app)[0].events]
    return [event for event in events if isinstance(event, kind)]


def assert_completed(app: AppTest) -> None:
    """Every run of the page has completed, and the page shows so."""
    assert not app.exception, app.exception
    assert ":green-badge[Completed]" in texts(app), texts(app)[:2000]
    ended = {run.request.api: run.ended for run in runs_in(app)}
    assert {run.status for run in runs_in(app)} == {"Completed"}, ended


def assert_spoken(app: AppTest) -> None:
    """The page shows the whole text of each message of its first run, in whatever pieces it was drawn."""
    shown = "".join("".join(str(element.value) for element in app.markdown).split())
    messages = apply_all(Messages(), runs_in(app)[0].events).answers()
    assert messages
    for message in messages:
        assert "".join(safe_markdown(message.text).split()) in shown, message.node
