"""A file that a server keeps open: somebody may remove it or put another one in its place, and no write would fail."""

from pathlib import Path

_SQLITE = "sqlite:///"


class UsedFile:
    """The file that is at this path now."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity = self._present()

    @property
    def gone(self) -> bool:
        """Whether there is none any more, or another one: what is written to the open one is lost with it."""
        return self._present() != self._identity

    def _present(self) -> tuple[int, int] | None:
        try:
            state = self._path.stat()
        except OSError:
            return None
        return state.st_dev, state.st_ino


def database_file(url: str | None) -> Path | None:
    """The file of a database with this URL; `None` if it is on a server or in memory."""
    if url is None or not url.startswith(_SQLITE):
        return None
    path = url.removeprefix(_SQLITE).partition("?")[0]
    return Path(path) if path and not path.startswith(":") else None


def used_file(url: str | None) -> UsedFile | None:
    """The same, once it is open."""
    path = database_file(url)
    return UsedFile(path) if path is not None else None
