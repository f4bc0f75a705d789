"""Names of owners that only this server can sign."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.config.signed_owners import SignedOwners, stored_key
from streaming.services import Services
from tests.support.services import Configure


def test_a_signed_name_is_found_again_and_no_two_are_equal() -> None:
    owners = SignedOwners(b"k" * 32)
    first, second = owners.new(), owners.new()
    assert owners.owner_in(first) != owners.owner_in(second)
    assert owners.owner_in(first) == SignedOwners(b"k" * 32).owner_in(first)
    assert len(owners.owner_in(first) or "") >= 16


@pytest.mark.parametrize("change", [lambda name: name[:-1], lambda name: "x" + name, lambda name: name.split(".")[0]])
def test_a_changed_name_is_no_name(change: object) -> None:
    owners = SignedOwners(b"k" * 32)
    signed = change(owners.new())  # type: ignore[operator]
    assert owners.owner_in(signed) is None


OTHER = pytest.param(SignedOwners(b"other").new(), id="signed elsewhere")


@pytest.mark.parametrize("given", [None, "", ".", "me", "me.", "me.ü", OTHER])
def test_a_name_of_somewhere_else_is_no_name(given: str | None) -> None:
    assert SignedOwners(b"k" * 32).owner_in(given) is None


@given(st.text(alphabet=st.characters(codec=None)))
def test_no_text_is_a_name(text: str) -> None:
    assert SignedOwners(b"k" * 32).owner_in(text) is None


def test_a_user_who_logs_in_has_one_name_that_does_not_tell_who_it_is() -> None:
    owners = SignedOwners(b"k" * 32)
    ada = owners.of_user("ada@example.org")
    assert ada == owners.of_user("ada@example.org") != owners.of_user("bob@example.org")
    assert ada != SignedOwners(b"other").of_user("ada@example.org")
    assert "ada" not in ada
    assert len(ada) <= 64, "the column of the history"
    assert owners.owner_in(ada.removeprefix("user-")) is None


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    file = tmp_path / "data" / "cookie.key"
    key = stored_key(file)
    assert stored_key(file) == key == file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_cannot_be_used_gives_a_key_for_this_start(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    assert len(stored_key(tmp_path / "data" / "cookie.key")) == 32
    (tmp_path / "short").write_bytes(b"x")
    assert len(stored_key(tmp_path / "short")) == 32


def test_servers_with_one_secret_know_each_other_s_names(services: Services, configure: Configure) -> None:
    other = services.signed_owners.new()
    first = configure(cookie_secret="a long shared secret").signed_owners
    assert first.owner_in(other) is None
    assert configure(cookie_secret="a long shared secret").signed_owners.owner_in(first.new())
