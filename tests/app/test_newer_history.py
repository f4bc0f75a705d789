"""A history that a newer version of the app has written: a sentence tells so before Run, and runs go on."""

import sqlite3
from contextlib import closing

import pytest

from streaming.services import Services
from tests.support.app_test import assert_completed, opened, texts
from tests.support.services import Configure

NEWER = "was written by a newer version of this app"


@pytest.fixture(autouse=True)
def _newer_history(services: Services, configure: Configure) -> None:
    services.run_store.connect()
    services.close()
    with closing(sqlite3.connect(services.settings.data_dir / "runs.sqlite")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    configure().warm_up()


@pytest.mark.parametrize("page", ["home", "values", "messages", "race", "runs", "replay", "faults"])
def test_every_kind_of_page_opens(page: str) -> None:
    app = opened(page)
    assert not app.exception
    if page in ("runs", "replay"):
        assert NEWER in texts(app)


def test_a_page_tells_before_run_that_it_will_not_be_stored_and_the_run_goes_on() -> None:
    app = opened("values")
    assert "A run will not be stored." in texts(app)
    assert NEWER in texts(app)
    app.button(key="run").click().run()
    assert_completed(app)
