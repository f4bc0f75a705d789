"""The home page as a script."""

import pytest
from streamlit.testing.v1 import AppTest

from components.features import home
from components.features.home import NEEDS, SAMPLE, SAMPLE_GRAPH
from components.shell.navigation import SECTIONS
from graphs import GRAPHS
from streaming.core.events import MODES
from streaming.providers.catalogue import KEY_ENV
from streaming.recordings.library import open_recording
from streaming.runtime.graph_descriptions import describe
from streaming.services import get_services
from tests.support.app_test import APP, ROOT, assert_completed, mounts, opened, run_in, texts, turned_to


def test_home_helps_to_decide_and_shows_the_models() -> None:
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert not app.exception
    listed = [need for needs in NEEDS.values() for need in needs]
    needs = [need.page for need in listed if not need.query]
    pages = [info.name for infos in SECTIONS.values() for info in infos if info.name != "home"]
    assert sorted(needs) == sorted(pages), "every page is there, once without settings"
    assert len(app.page_link) == len(listed)
    assert "Scripted, no AI" in texts(app)
    assert app.button(key="start_run")
    assert app.button(key="which_mode")


def test_home_leads_to_the_race_of_the_ways_in_which_an_answer_appears() -> None:
    (need,) = [need for need in NEEDS["Decide and prove"] if need.query]
    app = opened(need.page, **need.query)
    assert not app.exception
    assert [app.selectbox(key=f"flush_{n}").value for n in (1, 2, 3)] == ["direct", "every N tokens", "direct"]
    assert [app.selectbox(key=f"how_{n}").value for n in (1, 2, 3)] == ["streaming", "streaming", "blocking (invoke)"]
    assert len({app.selectbox(key=f"model_{n}").value for n in (1, 2, 3)}) == 1


def test_home_explains_the_words_that_it_uses() -> None:
    app = AppTest.from_file(APP, default_timeout=60).run()
    for word in ("LangGraph", "node", "state", "superstep", "stream mode", "TTFT"):
        assert word in texts(app)
    assert texts(app).index("feels fast") < texts(app).index("*nodes*"), "what one gains comes before the words for it"


def test_home_plays_a_recording_of_all_modes_that_all_visitors_share() -> None:
    sources = []
    for _ in range(2):
        app = AppTest.from_file(APP, default_timeout=60).run()
        mount = mounts(app)["mode_lanes"]
        assert mount["settings"]["modes"] == list(MODES)
        sources.append(mount["recordings"][0]["src"])
    assert len(set(sources)) == 1
    assert sources[0].removeprefix("api/recordings/") in get_services().playable_recordings


def test_the_recording_has_all_modes_and_its_picture_is_that_of_its_graph() -> None:
    recording = open_recording(ROOT / "recordings", SAMPLE)
    assert set(recording.header.modes) == set(MODES)
    assert recording.ended.outcome == "completed"
    assert dict(SAMPLE_GRAPH) == describe(GRAPHS[recording.header.graph]).drawing


def test_home_works_without_the_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.features.home.SAMPLE", "none.jsonl")
    home._sample_key.clear()
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert not app.exception
    assert "mode_lanes" not in mounts(app)


def test_home_finds_a_key_in_the_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEY_ENV.values():
        monkeypatch.delenv(name, raising=False)
    app = AppTest.from_file(APP, default_timeout=60)
    assert "key found" not in texts(app.run())
    app.secrets[KEY_ENV["groq"]] = "planted-secret"
    assert texts(app.run()).count("key found") == 1
    assert "planted" not in texts(app)


def test_start_a_run_starts_a_new_one_each_time() -> None:
    app = AppTest.from_file(APP, default_timeout=60).run()
    app.session_state["model"] = "scripted"
    app.session_state["tokens_per_s"] = 2000
    runs = set()
    for _ in range(2):
        app.switch_page(str(ROOT / "pages" / "home.py")).run()
        app.button(key="start_run").click().run()
        # AppTest does not notice that a script has switched the page: its further runs are on the former one.
        assert_completed(turned_to(app, "combined"))
        runs.add(run_in(app))
    assert len(runs) == 2
