"""The files of a graph's project, and whether a change of them concerns the code that a process has imported."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_MAX_FILES, _MAX_ENTRIES = 5000, 50_000
"""How many files are watched, and how many names are looked at for them: a project may be in a folder of data."""
_IGNORED = frozenset({"node_modules", "__pycache__", "site-packages"})

Imported = Mapping[str, int | None]
"""The imported files without symbolic links, with when each had been written; `None` where that is not known."""
Times = Mapping[str, int]
"""When each file was written, in nanoseconds."""


def watched(folder: Path) -> Iterator[tuple[str, int]]:
    """The files whose change may restart the process, with their times in ns; environments are left out."""
    count = entries = 0
    for root, folders, files in os.walk(folder):
        entries += len(folders) + len(files)
        if entries > _MAX_ENTRIES:
            return
        if "pyvenv.cfg" in files:
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _IGNORED]
        for name in files:
            if name.endswith(".py") or name in ("langgraph.json", ".env"):
                count += 1
                if count > _MAX_FILES:
                    return
                path = Path(root, name)
                try:
                    yield str(path), path.stat().st_mtime_ns
                except OSError:
                    continue


def concerns(imported: Imported, before: Times, now: Times) -> bool:
    """Whether the files that changed since `before` may change what a process does; in doubt they do.

    A file that it has not imported does not, unless the code of one that it has imported names it: that may start it.
    A new file always does, because an import may have looked for it.
    """
    if not imported:
        return before != now
    unknown = []
    for path in before.keys() | now.keys():
        time, first = now.get(path), before.get(path)
        if time == first:
            continue
        real = os.path.realpath(path)
        if real in imported:
            written = imported[real]
            if written is None or written != time:
                return True
        elif first is None or not path.endswith(".py"):
            return True
        else:
            unknown.append(Path(path))
    return bool(unknown) and _any_is_named(unknown, imported)


def _any_is_named(files: Iterable[Path], imported: Imported) -> bool:
    """Whether the code of an imported file has the name of one of these, or that of its module in its package."""
    names = [name for file in files for name in (file.name.encode(), f"{file.parent.name}.{file.stem}".encode())]
    return any(name in code for path in imported for code in [_read(path)] for name in names)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""
