"""What LangChain and this package import only when a graph runs: the first of two runs would be the slower one."""

from __future__ import annotations

import importlib
from contextlib import suppress

_BY_LANGCHAIN = (
    "langchain_core.messages.block_translators.langchain_v0",
    "langchain_core.tracers.context",
    "langchain_core.tracers.run_collector",
    "langchain_core.tracers.stdout",
)


def import_what_runs_need() -> None:
    """Import it now, as far as the installed versions have it."""
    from . import event_streams  # noqa: F401

    for name in _BY_LANGCHAIN:
        with suppress(ImportError):
            importlib.import_module(name)
