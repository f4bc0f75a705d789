"""The name by which a program imports a file, and the folder in which that works."""

from __future__ import annotations

import re
from pathlib import Path

_RELATIVE = re.compile(r"^\s*from\s+\.", re.MULTILINE)


def name_of_module(file: Path) -> tuple[Path, str]:
    """The folder to run a program in, and the file's dotted name there, as the graph's own process imports it.

    A file in a package is named from the package's parent folder; so is one with relative imports beside which no
    `__init__.py` lies.
    """
    file = file.absolute()
    folder, parts = in_its_package(file)
    if len(parts) == 1 and _imports_its_neighbours(file):
        return folder.parent, f"{folder.name}.{file.stem}"
    return folder, ".".join(parts)


def in_its_package(file: Path) -> tuple[Path, list[str]]:
    """The folder above all packages that hold the file, and the names from there to the file."""
    parts, folder = [file.stem], file.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, parts


def _imports_its_neighbours(file: Path) -> bool:
    try:
        return _RELATIVE.search(file.read_text(encoding="utf-8", errors="replace")) is not None
    except OSError:
        return False
