"""What to do about a module that is not there: it may be a package to install, or a wrong name."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

_DEPTH = 3
"""How many folders below the project a module is looked for."""
_PACKAGES = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "fitz": "pymupdf",
    "jwt": "pyjwt",
    "pptx": "python-pptx",
    "sklearn": "scikit-learn",
    "tavily": "tavily-python",
    "yaml": "pyyaml",
}
"""Packages that have another name than the module in them; one with the module's name is by somebody else."""


def cure_of(name: str, paths: Iterable[str]) -> str:
    """A sentence for the full name of a module that was not found; `paths` are the folders of the project."""
    first, dot, _ = name.partition(".")
    if first in sys.stdlib_module_names:
        return f"Correct the import: this Python, {sys.executable}, has no “{name}”."
    spec = _found(first)
    if spec is None:
        if (file := next(_files_named(first, paths), None)) is not None:
            return f"{file} is not on the path of imports: import it by its full name, or install its project."
        return f"Install it in the graph's environment: {sys.executable} -m pip install {_package(first)}"
    if not dot:
        return ""
    if spec.origin is None and not _is_inside(spec, paths):
        # Several packages share this name, such as `google`: which of them has the module is not known.
        return "Install the package that has it in the graph's environment."
    if _is_inside(spec, paths):
        return f"Correct the import: “{first}” is in this project, and has no such module."
    return f"Correct the import: the installed “{first}” has no such module; another version may have it."


def cure_of_name(module: str, said: str, paths: Iterable[str]) -> str:
    """A sentence for a name that a module does not have; `said` is what Python says of it."""
    first = module.partition(".")[0]
    if first in sys.stdlib_module_names and (spec := _found(first)) is not None and _is_inside(spec, paths):
        return f"Rename {spec.origin}: it hides the module of Python with that name."
    if "partially initialized" in said:
        return "Two files import each other: move what both need into a third one."
    if first in sys.stdlib_module_names:
        python = ".".join(map(str, sys.version_info[:2]))
        return f"Python {python} has no such name: correct it, or name a newer Python as PYTHON_OF_GRAPH."
    spec = _found(first)
    if spec is None or _is_inside(spec, paths):
        return f"Correct the import: “{module}” is in this project, and has no such name."
    return f"Correct the import: the installed “{first}” has no such name; another version may have it."


def _found(first: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(first)
    except (ImportError, ValueError):  # a module that code made, which has no spec
        return ModuleSpec(first, None, origin=first) if first in sys.modules else None


def _is_inside(spec: ModuleSpec, paths: Iterable[str]) -> bool:
    places = [*(spec.submodule_search_locations or ()), *([spec.origin] if spec.has_location and spec.origin else ())]
    roots = [Path(path).resolve() for path in paths]
    found = [Path(place).resolve() for place in places]
    return any(root in (*one.parents, one) and "site-packages" not in one.parts for root in roots for one in found)


def _files_named(first: str, paths: Iterable[str]) -> Iterator[Path]:
    """The files and folders of the project that would be this module if they were on the path."""
    if not first.isidentifier():  # such as a path in place of a module
        return
    for root in map(Path, paths):
        for depth in range(_DEPTH):
            pattern = "/".join(["[!._]*"] * depth + [first])
            for found in (*root.glob(f"{pattern}.py"), *root.glob(pattern)):
                is_module = found.suffix == ".py" or next(found.glob("*.py"), None) is not None
                if is_module and "site-packages" not in found.parts:
                    yield found


def _package(first: str) -> str:
    return _PACKAGES.get(first, first.replace("_", "-"))
