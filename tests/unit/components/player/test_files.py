"""The player's files: what is vendored is what was published, and nothing points to another host."""

import re
from hashlib import sha256

from components.player.files import FOLDER, version


def test_vendored_files_are_the_published_ones() -> None:
    table = (FOLDER / "vendor" / "README.md").read_text()
    vendored = sorted((FOLDER / "vendor").rglob("*.js"))

    assert [path.parent.name for path in vendored] == re.findall(r"^\| `([\w-]+)`", table, re.MULTILINE)
    for path in vendored:
        assert sha256(path.read_bytes()).hexdigest() in table
        assert (path.parent / "LICENSE").exists()


def test_every_import_names_a_file_that_exists() -> None:
    for path in FOLDER.rglob("*.js"):
        if "vendor" in path.parts:
            continue
        for name in re.findall(r'(?:from|import) "([^"]+)"', path.read_text()):
            assert (path.parent / name).resolve().is_file(), f"{path.name} imports {name}"


def test_a_version_is_the_same_each_time() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", version())
    assert version() == version()
