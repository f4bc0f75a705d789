"""Logins that have ended stay in the database, SQLite or PostgreSQL, until their cookies are too old to count."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from streaming.storage import login_store
from streaming.storage.database import Database
from streaming.storage.login_store import KEPT_S, LoginStore
from streaming.storage.schema import ended_logins


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """Two servers' connections to one database."""
    url = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgres")).replace("postgresql://", "postgresql+psycopg://")
    with closing(Database(url)) as one, closing(Database(url)) as other:
        yield one, other


def test_another_server_reads_what_has_ended_and_once_more_changes_nothing(
    databases: tuple[Database, Database],
) -> None:
    one, other = (LoginStore(database) for database in databases)
    for login in ("b", "a", "b"):
        one.end(login)
    assert other.ended() == ["b", "a"]


@pytest.mark.parametrize("many", [True, False])
def test_a_login_of_many_is_forgotten_when_its_cookie_no_longer_counts(
    databases: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch, many: bool
) -> None:
    monkeypatch.setattr(login_store, "KEPT_IN_ANY_CASE", 1 if many else 100)
    now = 1_000_000.0

    def ended() -> list[str]:
        # The database is that of other tests too.
        return [login for login in store.ended() if login not in ("a", "b")]

    store = LoginStore(databases[0], clock=lambda: now)
    store.end("old")
    now += KEPT_S - 1
    store.end("older than half")
    assert ended() == ["old", "older than half"]
    now += 2
    store.end("new")
    assert ended() == (["older than half", "new"] if many else ["old", "older than half", "new"])
    with store._database.writing() as connection:
        connection.execute(sa.delete(ended_logins))
