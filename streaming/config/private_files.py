"""Files that only the server's own account may read: prompts and answers are in them in plain text."""

from pathlib import Path


def make_private(file: Path) -> None:
    """Create this file and its folder with access for the owner alone; what exists keeps its rights.

    SQLite gives the files beside a database the rights of the database.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.name.startswith(":"):  # SQLite's name of a database in memory
        file.touch(mode=0o600)
