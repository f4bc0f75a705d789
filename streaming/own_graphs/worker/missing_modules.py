"""What to do about a module that is not there: it may be a package to install, or a wrong name."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

_DEPTH = 3
"""How many folders below the project a module is looked for."""
_NAMES = re.compile(r"""(?:^|["'])\s*([A-Za-z0-9][\w.-]*)""", re.MULTILINE)
"""The words of a file of requirements that may be packages."""
_OF_LANGCHAIN = ("langchain_", "langgraph_", "langsmith")
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
        return _cure_of_absent(first, tuple(paths))
    if not dot:
        return ""
    if spec.origin is None and not _is_inside(spec, paths):
        # Several packages share this name, such as `google`: which of them has the module is not known.
        return "Install the package that has it in the graph's environment."
    if _is_inside(spec, paths):
        return f"Correct the import: “{first}” is in this project, and has no such module."
    return f"Correct the import: the installed “{first}” has no such module; another version may have it."


def _cure_of_absent(first: str, paths: tuple[str, ...]) -> str:
    """Nothing has this name. A package is named only where it is known to be the one: another may be by a stranger."""
    package = _package(first)
    install = f"{sys.executable} -m pip install"
    if _was_here(first, paths):
        return f"“{first}” was a module of this project: restore its file, or correct the import."
    if first in _PACKAGES or first.startswith(_OF_LANGCHAIN) or _normal(package) in _required(paths):
        return f"Install it in the graph's environment: {install} {package}"
    return (
        "If it is a module of this project, restore its file or correct the import. If it is a package, look up by "
        f"which name it is published, for one called “{package}” may be by somebody else, and install that: "
        f"{install} NAME"
    )


def _was_here(first: str, paths: Iterable[str]) -> bool:
    """Whether Python has once compiled a module of this name in the project."""
    if not first.isidentifier():
        return False
    folders = (folder for root in map(Path, paths) for folder in (root, *root.glob("[!._]*/")))
    return any(next(folder.glob(f"__pycache__/{first}.*.pyc"), None) is not None for folder in folders)


def _required(paths: Iterable[str]) -> set[str]:
    """The packages that the project's files seem to require, by their normal names."""
    files = (file for root in map(Path, paths) for file in (root / "pyproject.toml", *root.glob("requirements*.txt")))
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file()]
    return {_normal(name) for text in texts for name in _NAMES.findall(text)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


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
