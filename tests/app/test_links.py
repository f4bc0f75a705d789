"""A link to a run outlives the server: every page shows it from the history, and offers what its thread allows."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from streamlit.testing.v1 import AppTest

from graphs import GRAPHS
from streaming.core.request import RunRequest
from streaming.core.run import Run, short_id
from streaming.services import Services
from tests.support.app_test import assert_completed, clicked, in_url, mounts, opened, run_in, runs_in, texts
from tests.support.graphs import SLOW, finish
from tests.support.services import Configure
from tests.support.waiting import wait_until

PAGES = (
    *("values", "updates", "messages", "custom", "tasks", "checkpoints", "debug", "combined", "lanes"),
    *("async", "parallel", "interrupts", "tools", "subgraphs", "conditional", "faults", "events", "race"),
)

Restart = Callable[[], Services]


@pytest.fixture
def restart(services: Services, configure: Configure) -> Restart:
    """End the server, and start another one on the same data."""

    def start_again() -> Services:
        services.close()
        return configure()

    return start_again


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button if not button.disabled]


def started_run(services: Services) -> Run:
    """A run that has said some words, and goes on for a while."""
    run = services.engine.start(RunRequest(graph=GRAPHS["chat"], model=SLOW, modes=("messages",), prompt="Cats"))
    for _ in run.follow():
        if run.length > 20:
            break
    return run


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_the_run_of_its_link_after_a_restart(restart: Restart, page: str) -> None:
    lanes = {"model_1": "Scripted: fast GPU", "model_2": "Scripted: fast GPU"} if page == "race" else {}
    before = opened(page, autorun="1", **lanes)
    ids, status = run_in(before), {run.status for run in runs_in(before)}
    logs = [run.events for run in runs_in(before)]
    restart()
    after = opened(page, run=ids, autorun="1", **lanes)
    assert not after.exception
    assert run_in(after) == ids
    assert {run.status for run in runs_in(after)} == status
    assert [run.events for run in runs_in(after)] == logs
    assert [mount["runs"] for mount in mounts(after).values()] == [mount["runs"] for mount in mounts(before).values()]
    assert [badge for badge in texts(before).split() if "badge[" in badge] == [
        badge for badge in texts(after).split() if "badge[" in badge
    ]


def test_a_conversation_goes_on_after_a_restart(restart: Restart) -> None:
    before = opened("messages", autorun="1", prompt="Apples")
    before.chat_input(key="say").set_value("And pears").run()
    assert_completed(before)
    restart()
    after = opened("messages", run=run_in(before))
    assert {"Apples", "And pears"} <= {text.value for text in after.text}
    after.chat_input(key="say").set_value("And plums").run()
    assert_completed(after)
    assert not runs_in(after)[0].stored
    assert {"Apples", "And pears", "And plums"} <= {text.value for text in after.text}


def test_an_interrupted_run_is_answered_after_a_restart(restart: Restart) -> None:
    before = opened("interrupts", autorun="1")
    restart()
    after = opened("interrupts", run=run_in(before))
    assert ":orange-badge[Interrupted]" in texts(after)
    clicked(after, "Resume")
    assert_completed(after)
    assert "Published" in [heading.value for heading in after.subheader]


def test_a_checkpoint_is_forked_after_a_restart(restart: Restart) -> None:
    before = opened("checkpoints", autorun="1")
    restart()
    after = opened("checkpoints", run=run_in(before))
    clicked(after, "Resume from here")
    assert_completed(after)
    assert run_in(after) != run_in(before)


def test_the_short_id_of_a_list_opens_its_run_where_a_visitor_may_see_all_of_them(restart: Restart) -> None:
    ids = run_in(opened("messages", autorun="1"))
    here = opened("messages", run=short_id(ids))
    assert run_in(here) == ids, "of a run that the server has"
    restart()
    assert run_in(opened("messages", run=short_id(ids))) == ids, "of a run of the history"
    unknown = opened("messages", run=ids[:7])
    assert "There is no run with this id" in texts(unknown)


def test_a_short_id_gives_no_access_on_a_server_that_others_can_reach(configure: Configure) -> None:
    configure(exposed="true")
    ids = run_in(opened("messages", autorun="1"))
    assert "There is no run with this id" in texts(opened("messages", run=short_id(ids)))


@pytest.mark.parametrize("move", ["Continue", "Retry", "Keep"])
def test_an_answer_that_a_restart_broke_off_is_continued(restart: Restart, services: Services, move: str) -> None:
    run = started_run(services)
    restart()
    after = opened("messages", run=run.id)
    assert ":gray-badge[Cancelled]" in texts(after)
    assert "The server was stopped while the run went on." in texts(after)
    assert {"Continue", "Retry", "Keep"} <= set(buttons(after))
    clicked(after, move)
    assert runs_in(after)[0].status == "Completed"
    assert (":orange-badge[Kept, incomplete]" in texts(after)) == (move == "Keep")
    assert not runs_in(after)[0].stored


def test_a_run_that_another_server_executes_is_stopped_from_here(
    services: Services, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started_run(services)
    here = configure()
    wait_until(lambda: here.run_finder.find(run.id) is not None)
    with monkeypatch.context() as live:
        live.setattr("tests.support.app_test._reported_runs", lambda _: [])
        app = opened("messages", run=run.id)
        assert runs_in(app)[0].stored
        clicked(app, "Stop")
    assert finish(run).status == "Cancelled"


def test_a_run_whose_thread_is_gone_is_shown_and_not_continued(restart: Restart, services: Services) -> None:
    before = opened("messages", autorun="1")
    run = runs_in(before)[0]
    services.engine._submit(services.engine._delete_thread(run.thread_id)).result(timeout=10)
    restart()
    after = opened("messages", run=run.id)
    assert ":green-badge[Completed]" in texts(after)
    assert "Its thread is no longer stored" in texts(after)
    assert after.chat_input(key="say").disabled
    assert "Regenerate" not in buttons(after)
    after.button(key="run").click().run()
    assert_completed(after)


def test_a_link_to_a_run_that_is_not_stored_tells_so_and_starts_none() -> None:
    app = opened("values", run="gone", autorun="1")
    assert not app.exception
    assert "neither on this server nor in its history" in texts(app)
    assert "run" not in app.query_params
    app.run()
    assert "neither on this server" in texts(app), "until a run starts"
    app.button(key="run").click().run()
    assert_completed(app)
    assert "neither on this server" not in texts(app)


def test_a_link_waits_for_a_history_that_cannot_be_opened(services: Services) -> None:
    path = services.settings.data_dir / "runs.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"no database at all, but long enough to look at" * 100)
    app = opened("values", run="kept", autorun="1")
    assert not app.exception
    assert "The history of runs cannot be used" in texts(app)
    assert in_url(app, "run") == "kept"


def test_a_run_of_another_page_is_not_drawn_by_a_page_that_does_not_know_its_graph() -> None:
    lanes = opened("lanes", autorun="1")
    app = opened("interrupts", run=run_in(lanes))
    assert not app.exception
    assert mounts(app)["status"]["runs"] == []


@pytest.mark.parametrize("page", ["checkpoints", "messages", "interrupts"])
@pytest.mark.parametrize("damage", ["'text'", "zeroblob(9)"])
def test_a_page_opens_although_the_checkpoints_of_its_thread_are_damaged(
    restart: Restart, services: Services, page: str, damage: str
) -> None:
    before = opened(page, autorun="1")
    restart()
    with closing(sqlite3.connect(services.settings.data_dir / "threads.sqlite")) as database, database:
        database.execute(f"UPDATE checkpoints SET checkpoint = {damage}")
    after = opened(page, run=run_in(before))
    assert not after.exception
    assert {run.status for run in runs_in(after)} == {run.status for run in runs_in(before)}


def test_the_first_version_of_an_edited_message_is_there_after_a_restart(restart: Restart) -> None:
    before = opened("messages", autorun="1", prompt="Apples")
    next(area for area in before.text_area if area.label == "Your message").set_value("Plums").run()
    clicked(before, "Resend")
    assert_completed(before)
    restart()
    after = opened("messages", run=run_in(before))
    assert "Version 2 of 2" in texts(after)
    clicked(after, "Previous version")
    assert "Apples" in {text.value for text in after.text}
