"""What a process tells of the files that it has imported, and what that costs the end of a run."""

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from streaming.own_graphs.worker.imported_files import ImportedFiles

Told = list[tuple[str, int | None]]


@pytest.fixture
def told() -> Told:
    """The files that were told."""
    return []


@pytest.fixture
def files(tmp_path: Path, told: Told) -> ImportedFiles:
    """Those of the project in the temporary folder."""
    return ImportedFiles(str(tmp_path), lambda file, written: told.append((file, written)), lambda _: None)


def imported(name: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of this file, from a loader of the project's own."""
    module = ModuleType(name)
    module.__file__ = str(file)
    monkeypatch.setitem(sys.modules, name, module)


def test_after_an_import_only_the_new_file_is_looked_for_on_the_disk(
    files: ImportedFiles, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run's end waits for it, and LangChain imports some of its modules only in the first run."""
    files.look()
    new, installed = tmp_path / "new.py", tmp_path / "site-packages" / "lazy.py"
    imported("theirs_new", new, monkeypatch)
    imported("theirs_installed", installed, monkeypatch)
    found: list[str] = []
    real = os.path.realpath
    monkeypatch.setattr(os.path, "realpath", lambda path: found.append(str(path)) or real(path))
    files.look()
    assert set(found) == {str(new)}
    assert told == [(real(new), None)]


def test_a_file_for_which_the_reader_was_too_far_behind_is_told_at_the_next_look(
    tmp_path: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = [True]

    def tell(file: str, written: int | None) -> None:
        if behind.pop():
            raise BufferError
        told.append((file, written))

    files = ImportedFiles(str(tmp_path), tell, lambda _: None)
    imported("theirs_new", tmp_path / "new.py", monkeypatch)
    files.look()
    assert told == []
    behind.append(False)
    files.look()
    assert told == [(os.path.realpath(tmp_path / "new.py"), None)]
