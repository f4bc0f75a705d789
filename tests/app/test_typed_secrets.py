"""A secret that is typed into the form of a graph of one's own is for the graph alone."""

import json
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest
from streamlit.testing.v1 import AppTest

from components.features.report import html_report
from components.player.page_that_plays import render_page_that_plays
from streaming.core.events import Custom, Values
from streaming.core.run import Run
from streaming.recordings.export import export_recording
from streaming.recordings.format import dump_recording, recording_of
from streaming.services import get_services
from tests.support.app_test import assert_completed, opened, programs, run_in, runs_in, texts, turned_to
from tests.support.services import Configure

VAULT = Path(__file__).parents[1] / "support" / "own_graphs" / "vault.py"
TYPED = {"input.token": "hunter-twelve", "input.marked": "plain-marked-one", "context.key": "of-the-context"}


def secret_field(app: AppTest, name: str) -> object:
    return next(field for field in app.text_input if (field.key or "").endswith(f".{name.partition('.')[2]}"))


def filled(configure: Configure, topic: str = "bees") -> AppTest:
    configure(graph=f"{VAULT}:graph")
    app = opened("your_graph")
    for name, value in TYPED.items():
        secret_field(app, name).set_value(value)
    next(area for area in app.text_area if (area.key or "").endswith("input.topic")).set_value(topic)
    return app


def ran(configure: Configure, topic: str = "bees") -> tuple[AppTest, Run]:
    app = filled(configure, topic)
    app.button(key="run").click().run()
    assert not app.exception
    return app, runs_in(app)[0]


def in_the_database(run: Run) -> str:
    """All that the database has, its compressed columns too."""
    get_services().run_writer.flush()
    files = [file for file in get_services().settings.data_dir.rglob("*") if file.is_file()]
    written = b"".join(file.read_bytes() for file in files)
    assert run.id.encode() in written
    for file in files:
        if not file.read_bytes().startswith(b"SQLite"):
            continue
        with closing(connect(file)) as database:
            tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
            rows = [row for table in tables for row in database.execute(f"select * from {table}")]
        for value in (value for row in rows for value in row):
            written += zlib.decompress(value) if isinstance(value, bytes) and value[:1] == b"x" else b""
    return written.decode(errors="replace")


WHERE: dict[str, Callable[[AppTest, Run], str]] = {
    "the page": lambda app, _: texts(app),
    "the address": lambda app, _: json.dumps(dict(app.query_params)),
    "links and code": lambda app, _: "\n".join(block.value for block in app.code),
    "events": lambda _, run: repr(run.events),
    "the request": lambda _, run: repr(run.request),
    "a recording": lambda _, run: dump_recording(recording_of(run)).decode(),
    "an export": lambda _, run: export_recording(recording_of(run)).decode(),
    "a report": lambda _, run: html_report(recording_of(run)),
    "a page that plays": lambda _, run: render_page_that_plays([(recording_of(run), "a")]),
    "the database": lambda _, run: in_the_database(run),
}


@pytest.mark.parametrize("topic", ["bees", "fail", "crash", "ask"])
def test_a_typed_secret_reaches_the_graph_and_is_nowhere_else(configure: Configure, topic: str) -> None:
    app, run = ran(configure, topic)
    assert run.ended is not None
    found = {where: [name for name, value in TYPED.items() if value in read(app, run)] for where, read in WHERE.items()}
    assert not any(found.values()), found
    if topic == "fail":
        assert "not [key] [key] [key]" in run.ended.reason
    elif topic == "crash":
        assert "It wrote last: [key] [key] [key]" in run.ended.reason
    else:
        states = [entry.event.state for entry in run.events if isinstance(entry.event, Values)]
        assert states[-1]["said"] == "[key] [key] [key]"
        assert states[-1]["length"] == len(" ".join(TYPED.values())), "the graph had all three"
        pieces = [entry.event.data["piece"] for entry in run.events if isinstance(entry.event, Custom)]
        assert "".join(pieces).endswith("[key]"), "a letter at a time"
        assert len("".join(pieces)) <= len("[key]") + 3


def test_the_page_tells_what_was_typed_by_dots_the_link_what_it_lacks_and_the_program_what_to_set(
    configure: Configure,
) -> None:
    app, _ = ran(configure)
    assert '"token": "••••••"' in texts(app)
    assert "`input.token`, `input.marked`, `context.key`, as it is secret" in texts(app)
    [program] = [code for code in programs(app) if "asyncio.run" in code]
    assert "import os  # set first what was typed as a secret: TOKEN, MARKED, KEY\n" in program
    assert "'token': os.environ[\"TOKEN\"]" in program
    compile(program, "program", "exec")


def test_the_json_shows_no_secret_and_sends_those_of_the_form_unless_it_names_them(configure: Configure) -> None:
    app = filled(configure)
    by = next(one for one in app.segmented_control if one.key.endswith("input.by"))
    by.set_value("JSON").run()
    raw = next(area for area in app.text_area if (area.key or "").endswith("input.raw"))
    assert json.loads(raw.value) == {"topic": "bees", "length": 0}
    assert "Secret, so not in this JSON, and sent as typed in the form: `token`, `marked`" in texts(app)
    raw.set_value('{"topic": "wasps", "marked": "another-one"}')
    app.button(key="run").click().run()
    assert_completed(app)
    [run] = runs_in(app)
    assert {secret.path: secret.value for secret in run.request.secrets if secret.path[0] != "configurable"} == {
        ("input", "token"): TYPED["input.token"],
        ("input", "marked"): "another-one",
        ("context", "key"): TYPED["context.key"],
    }
    next(one for one in app.segmented_control if one.key.endswith("input.by")).set_value("Form").run()
    fields = {name: secret_field(app, name).value for name in ("input.token", "input.marked")}
    assert fields == {"input.token": TYPED["input.token"], "input.marked": "another-one"}


def test_a_run_goes_on_with_the_secret_while_the_session_lives(configure: Configure) -> None:
    app, first = ran(configure, "ask")
    turned_to(app, "pitfalls")
    turned_to(app, "your_graph")
    next(area for area in app.text_area if (area.key or "").endswith(".text")).set_value("bees").run()
    app.button(key="resume").click().run()
    assert_completed(app)
    [run] = runs_in(app)
    assert run.thread_id == first.thread_id
    assert {secret.value for secret in run.request.secrets if secret.path} >= {TYPED["context.key"]}
    assert TYPED["context.key"] not in repr(run.events)


def test_after_a_reload_the_fields_are_empty_and_the_page_says_what_to_type_again(configure: Configure) -> None:
    app, run = ran(configure, "ask")
    said = "To go on, type it again in *Input*: `token`, `marked`, `key`"
    assert said not in texts(app)
    again = opened("your_graph", run=run_in(app))
    assert [secret_field(again, name).value for name in TYPED] == [""] * len(TYPED)
    assert said in texts(again)
    next(area for area in again.text_area if (area.key or "").endswith(".text")).set_value("bees").run()
    again.button(key="resume").click().run()
    assert "typed again\\: key" in "\n".join(str(toast.value) for toast in again.toast)
    assert runs_in(again) == [run], "nothing was started"
    secret_field(again, "context.key").set_value("typed-once-more").run()
    again.button(key="resume").click().run()
    assert_completed(again)
    [after] = runs_in(again)
    assert {secret.value for secret in after.request.secrets if secret.path[:1] == ("context",)} == {"typed-once-more"}


def test_a_lane_of_the_race_begins_with_the_secret_and_tells_it_by_dots(configure: Configure) -> None:
    app = filled(configure).run()
    app.query_params["graph_1"] = "own-vault-graph"
    turned_to(app, "race")
    assert not app.exception
    assert secret_field(app, "input.token").value == TYPED["input.token"]
    assert "••••••" in texts(app)
    assert not [value for value in TYPED.values() if value in texts(app)]
