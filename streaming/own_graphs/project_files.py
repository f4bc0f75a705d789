"""The files of a graph's project, and whether a change of them concerns the code that a process has imported."""

import os
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cache
from pathlib import Path

_MAX_FILES, _MAX_ENTRIES = 5000, 50_000
"""How many files are watched, and how many names are looked at for them: a project may be in a folder of data."""
_MAX_TOLD = 3
_IGNORED = frozenset({"node_modules", "__pycache__", "site-packages"})
_LISTING = (b"iter_modules", b"walk_packages")
"""Functions that find modules which no import names."""

Imported = Mapping[str, int | None]
"""The imported files without symbolic links, with when each had been written; `None` where that is not known."""
Sought = Set[tuple[str, str]]
"""Folders without symbolic links, and names of modules that imports have looked for in them."""
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
                # Not by `Path`: a run waits for this, and a project may have thousands of files.
                path = os.path.join(root, name)
                try:
                    yield path, os.stat(path).st_mtime_ns
                except OSError:
                    continue


def changed_files(imported: Imported, sought: Sought, before: Times, now: Times) -> list[str]:
    """The files that changed since `before` and may change what a process does, sorted; in doubt they do.

    A file that it has not imported may not, unless the code of one that it has imported names it: that may start it.
    A new one may too where an import has looked for it, or where code lists the modules of a folder.
    """
    changed = sorted(path for path in before.keys() | now.keys() if now.get(path) != before.get(path))
    if not imported:
        return changed
    code = cache(lambda: [_read(path) for path in imported])

    def concerns(path: str) -> bool:
        real = os.path.realpath(path)
        if real in imported:
            written = imported[real]
            return written is None or written != now.get(path)
        if not path.endswith(".py"):
            return True
        is_new = path not in before
        if is_new and (_is_sought(Path(real), sought, before) or _has(code(), _LISTING)):
            return True
        return _has(code(), _names_of(Path(path)))

    return [path for path in changed if concerns(path)]


def told_changes(changes: Mapping[str, bool]) -> str:
    """These files, and whether each is new, in words that may begin a sentence; empty without any."""
    first = list(changes.items())[:_MAX_TOLD]
    parts = [f"{name} is new" if is_new else f"{name} changed" for name, is_new in first]
    if more := len(changes) - len(first):
        parts.append(f"{more} more")
    return ", ".join(parts)


def _is_sought(file: Path, sought: Sought, before: Times) -> bool:
    """Whether an import has looked for this new file, or for a package in a folder that came with it."""
    module = file.parent if file.name == "__init__.py" else file.with_suffix("")
    while True:
        folder = str(module.parent)
        if (folder, module.name) in sought:
            return True
        inside = os.path.join(os.path.realpath(folder), "")
        if module.parent == module or any(os.path.realpath(path).startswith(inside) for path in before):
            return False
        module = module.parent


def _names_of(file: Path) -> list[bytes]:
    """The file's name, and that of its module in its package."""
    return [file.name.encode(), f"{file.parent.name}.{file.stem}".encode()]


def _has(code: Iterable[bytes], words: Iterable[bytes]) -> bool:
    return any(word in text for text in code for word in words)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""
