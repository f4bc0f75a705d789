"""Where the imports of this process have looked for modules: a new file there may be what an import finds next time."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterable
from functools import cache
from typing import Any

_INSTALLED = "site-packages"


class SoughtModules:
    """Notes every import that looks into a folder below one of the `roots`, whether it finds the module or not.

    It is a finder that finds nothing, and the first one that is asked.
    """

    def __init__(self, roots: tuple[str, ...]) -> None:
        self._roots = roots
        self._noted: set[tuple[str, str]] = set()
        self._untold: deque[tuple[str, str]] = deque()
        self._inside = cache(self._folder)

    def find_spec(self, name: str, path: Iterable[str] | None = None, _target: Any = None) -> None:
        """Note where the module will be looked for."""
        for entry in list(sys.path if path is None else path):
            folder = self._inside(entry) if isinstance(entry, str) else ""
            found = (folder, name.rpartition(".")[2])
            if folder and found not in self._noted:
                self._noted.add(found)
                self._untold.append(found)

    def untold(self) -> list[tuple[str, str]]:
        """Folders without symbolic links, and names of modules in them, that were not told before."""
        return [self._untold.popleft() for _ in range(len(self._untold))]

    def _folder(self, entry: str) -> str:
        real = os.path.realpath(entry)
        return real if os.path.join(real, "").startswith(self._roots) and _INSTALLED not in real else ""
