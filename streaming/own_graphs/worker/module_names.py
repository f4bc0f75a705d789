"""The name by which a program imports a file, and the folder in which that works."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

MAX_LEVELS = 4
"""How many folders above a file may belong to its name."""
_PACKAGE = "__init__.py"


def name_of_module(file: Path) -> tuple[Path, str]:
    """The folder to run a program in, and the file's dotted name there, by what the file itself imports.

    A file in a package is named from the package's parent folder. Where no `__init__.py` lies beside it, so is one with
    relative imports, and one that imports its neighbours by the name of a folder above it.
    """
    file = file.absolute()
    folder, parts = in_its_package(file)
    for _ in range(_levels_above(file, folder, len(parts))):
        folder, parts = folder.parent, [folder.name, *parts]
    return folder, ".".join(parts)


def imported(target: str) -> dict[str, str]:
    """The folder and the name by which this process has imported a file, or a module by its name.

    The imports of its neighbours may need more than those of the file itself.
    """
    file = Path(target)
    modules = [(name, module) for name, module in list(sys.modules.items()) if isinstance(module, ModuleType)]
    name = next((name for name, module in modules if vars(module).get("__file__") == target), "")
    if "." in name:
        return {"folder": str(file.parents[name.count(".") + (file.name == _PACKAGE)]), "module": name}
    if not target.endswith(".py"):
        return {"folder": "", "module": target}
    folder, name = name_of_module(file)
    return {"folder": str(folder), "module": name}


def in_its_package(file: Path) -> tuple[Path, list[str]]:
    """The folder above all packages that hold the file, and the names from there to the file."""
    parts, folder = [file.stem], file.parent
    if file.name == _PACKAGE:
        parts, folder = [folder.name], folder.parent
    while (folder / _PACKAGE).is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, parts


def _levels_above(file: Path, folder: Path, known: int) -> int:
    """How many folders more than the `known` names a program has to name for the file's imports."""
    needed = 0
    above = [folder, *folder.parents][:MAX_LEVELS]
    for dots, module, names in _imports(file):
        relative = dots + (file.name != _PACKAGE and dots > 0) - known
        absolute = (level for level, one in enumerate(above, 1) if not dots and _is_of(one, module, names))
        needed = max(needed, relative, *absolute)
    return min(needed, len(above))


def _is_of(folder: Path, module: str, names: list[str]) -> bool:
    """Whether the import names a module in this folder by the folder's own name."""
    first, _, inner = module.partition(".")
    if first != folder.name or not any(_is_module(folder, name) for name in ([inner] if inner else names)):
        return False
    spec = importlib.util.find_spec(first)
    return spec is None or str(folder) in (spec.submodule_search_locations or ())


def _is_module(folder: Path, name: str) -> bool:
    path = folder.joinpath(*name.split("."))
    return path.with_name(f"{path.name}.py").is_file() or path.is_dir()


def _imports(file: Path) -> Iterator[tuple[int, str, list[str]]]:
    """Dots, module and names of each import; none if the file cannot be read."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.level, node.module or "", [one.name for one in node.names]
        elif isinstance(node, ast.Import):
            for one in node.names:
                yield 0, one.name, []
