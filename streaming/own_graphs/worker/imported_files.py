"""Which files of the project this process has imported, when each had been written, and where it looked for others."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from typing import Any

from .sought_modules import SoughtModules

_INSTALLED = "site-packages"


class ImportedFiles:
    """Tells each source file below `folder` as soon as it is imported, also by a node while it runs.

    `tell` gets the file without symbolic links, and when it was written (nanoseconds), or `None` if that is not known
    of the code that was imported. `tell_sought` gets the folders and names of modules that imports have looked for.
    """

    def __init__(
        self,
        folder: str,
        tell: Callable[[str, int | None], None],
        tell_sought: Callable[[list[tuple[str, str]]], None],
    ) -> None:
        self._roots = (os.path.join(os.path.abspath(folder), ""), os.path.join(os.path.realpath(folder), ""))
        self._tell, self._tell_sought = tell, tell_sought
        self._sought = SoughtModules(self._roots)
        self._told: dict[str, int | None] = {}
        self._looked_at: set[str] = set()

    def watch(self) -> None:
        """Hear of every import from now on: the loader asks for the times of a file before it reads it."""
        path_stats = SourceFileLoader.path_stats

        def told(loader: SourceFileLoader, path: Any) -> Any:
            with suppress(OSError):
                self._note(str(path), os.stat(path).st_mtime_ns)
            return path_stats(loader, path)

        SourceFileLoader.path_stats = told  # type: ignore[method-assign, assignment]
        sys.meta_path.insert(0, self._sought)

    def look(self) -> None:
        """Tell what was sought, and what was imported in other ways: before `watch`, or by a loader of the project."""
        if sought := self._sought.untold():
            with suppress(BufferError):
                self._tell_sought(sought)
        # A process has thousands of modules, and most runs are the first to import some: each file is looked at once.
        for file in _files_of_modules() - self._looked_at:
            if _INSTALLED in file or os.path.realpath(file) in self._told or self._note(file, None):
                self._looked_at.add(file)

    def _note(self, path: str, written: int | None) -> bool:
        """Tell it if it is one of the project's and not told yet; false if the reader is too far behind for it."""
        if _INSTALLED in path:
            return True
        real = os.path.realpath(path)
        inside = os.path.abspath(path).startswith(self._roots) or real.startswith(self._roots)
        if not inside or self._told.get(real, 0) == written:
            return True
        try:
            self._tell(real, written)
        except BufferError:  # `look` comes back to it
            return False
        self._told[real] = written
        return True


def _files_of_modules() -> set[str]:
    """The Python files of all modules that this process has imported."""
    files = (getattr(module, "__dict__", {}).get("__file__") for module in list(sys.modules.values()))
    return {file for file in files if isinstance(file, str) and file.endswith(".py")}
