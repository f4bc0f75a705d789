"""Every page that runs a graph, as a script: empty, run, and loaded again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from components.shell.navigation import SECTIONS
from tests.support.app_test import (
    assert_completed,
    clicked,
    in_url,
    metrics,
    mounts,
    opened,
    programs,
    run_in,
    runs_in,
    texts,
)
from tests.support.services import Configure

SINGLE_RUN = ("values", "updates", "messages", "custom", "tasks", "checkpoints", "debug", "combined")
WHY = "Why it streamed like this"
PAGES = sorted(info.name for pages in SECTIONS.values() for info in pages)
WITHOUT_RUN = ("home", "pitfalls", "replay", "runs")
SHAPES = Path(__file__).parents[1] / "support" / "own_graphs" / "shapes.py"
TECHNIQUES = ("async", "parallel", "tools", "subgraphs", "conditional", "events", "wires")

CHATS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("messages", lambda prompt: f"*{prompt}*: for this I have no text"),
    ("tools", lambda prompt: "Here is what the tools found"),
)


@pytest.mark.parametrize("page", SINGLE_RUN)
def test_run_completes_and_every_mount_follows_it(page: str) -> None:
    app = opened(page)
    app.button(key="run").click().run()
    assert_completed(app)
    found = mounts(app)
    assert {"figures", "raw"} <= set(found)
    assert all(mount["runs"] == [run_in(app)] for mount in found.values())
    assert app.query_params["run"]
    assert WHY not in [header.value for header in app.subheader], "the page asks for its modes on purpose"
    assert "Stop" not in [button.label for button in app.button], "Stop goes when the run is over"


@pytest.mark.parametrize("page", [*TECHNIQUES, "interrupts"])
def test_a_finished_run_is_drawn_again_after_a_reload(page: str) -> None:
    first = opened(page, autorun="1")
    again = opened(page, run=in_url(first, "run"))
    assert not again.exception
    assert texts(again).count("-badge[Completed]") == texts(first).count("-badge[Completed]")
    assert metrics(again) == metrics(first)


@pytest.mark.parametrize(("page", "answer"), CHATS)
def test_an_earlier_message_can_be_edited_and_both_versions_stay(page: str, answer: Callable[[str], str]) -> None:
    app = opened(page, flush="blocks", autorun="1", prompt="Apples")
    app.chat_input(key="say").set_value("And pears").run()
    assert_completed(app)
    edits = [area for area in app.text_area if area.label == "Your message"]
    assert [area.value for area in edits] == ["Apples", "And pears"]
    # The click comes with the text: the page has not been drawn in between.
    edits[1].set_value("And plums")
    next(button for button in reversed(app.button) if button.label == "Resend").click().run()
    assert_completed(app)
    assert "And pears" not in [text.value for text in app.text]
    assert answer("And plums") in texts(app)
    assert "Version 2 of 2" in texts(app)
    clicked(app, "Previous version")
    assert "And pears" in [text.value for text in app.text]


@pytest.mark.parametrize("page", SINGLE_RUN)
def test_before_the_first_run_a_page_is_empty_and_shows_its_code(page: str) -> None:
    app = opened(page)
    assert not app.exception
    assert all(mount["runs"] == [] for mount in mounts(app).values())
    assert "astream(" in programs(app)[1]
    assert "figures" in mounts(app)


@pytest.mark.parametrize("page", [*TECHNIQUES, "interrupts"])
def test_a_technique_page_shows_its_code_before_the_first_run(page: str) -> None:
    app = opened(page)
    assert not app.exception
    assert "run" not in app.query_params
    assert any("GRAPH.to_input" in code.value for code in app.code)


@pytest.mark.parametrize("page", TECHNIQUES)
def test_every_run_of_a_technique_page_completes(page: str) -> None:
    app = opened(page)
    app.button(key="run").click().run()
    assert_completed(app)
    assert WHY not in [header.value for header in app.subheader]
    assert "Stop" not in [button.label for button in app.button]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_opens_with_run_disabled(page: str, monkeypatch: pytest.MonkeyPatch, configure: Configure) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    if page == "your_graph":
        configure(graph=f"{SHAPES}:compiled")
    for model in ("local", "openai", "scripted"):
        app = opened(page, model=model)
        assert not app.exception
        starts = [button for button in app.button if button.key == "run" or str(button.key).startswith("run_")]
        assert not any(button.disabled for button in starts), model
        assert starts or page in WITHOUT_RUN


def test_run_with_an_input_that_cannot_be_read_says_so_and_starts_nothing(configure: Configure) -> None:
    configure(graph=f"{SHAPES}:compiled")
    app = opened("your_graph")
    next(area for area in app.text_area if str(area.key).endswith("configurable.raw")).set_value("{")
    app.button(key="run").click().run()
    assert not app.exception
    assert "Configurable: JSON: " in app.toast[0].value.replace("\\", "")
    assert "run" not in app.query_params


@pytest.mark.parametrize("page", [*SINGLE_RUN, "tools", "race"])
@pytest.mark.parametrize("limit", ["5", "100"])
def test_a_low_limit_of_tokens_breaks_no_page(configure: Configure, page: str, limit: str) -> None:
    configure(max_tokens=limit)
    models = {"model_1": "Scripted: fast GPU", "model_2": "Scripted: fast GPU"} if page == "race" else {}
    app = opened(page, autorun="1", **models)
    assert not app.exception
    assert {run.status for run in runs_in(app)} == {"Completed"}
