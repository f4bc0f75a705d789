"""The home page as a script."""

import pytest
from streamlit.testing.v1 import AppTest

from components.features.home import NEEDS
from streaming.providers.catalogue import KEY_ENV
from tests.support.app_test import APP, ROOT, assert_completed, run_in, texts, turned_to


def test_home_helps_to_decide_and_shows_the_models() -> None:
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert not app.exception
    assert len(app.page_link) == len(NEEDS) == 12
    assert "Scripted, no AI" in texts(app)
    assert app.button(key="start_run")


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
