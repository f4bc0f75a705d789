"""`python -m streaming`: the command line, with the graphs of this repository."""

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from streaming.cli.app import app
from streaming.cli.entry import STOPPED, Entry, end_by_signals

if TYPE_CHECKING:
    from streaming.core.request import GraphSource


def all_graphs() -> "Iterable[GraphSource]":
    """The graphs, imported when one is needed, because that takes a second."""
    graphs: Iterable[GraphSource] = import_module("graphs").ALL
    return graphs


def main() -> int:
    """Run the command of the arguments and return its exit code."""
    entry = Entry(load_graphs=all_graphs)
    try:
        app(obj=entry)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    except KeyboardInterrupt:  # before or after a command
        return STOPPED
    finally:
        end_by_signals()
        entry.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
