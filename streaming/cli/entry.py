"""What a command needs of the process: its services, the graphs, and how an error becomes an exit code."""

import logging
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

import typer

from streaming.cli.safe_text import printable
from streaming.core.errors import BadSettings, InputError, LabError, UnknownGraph

if TYPE_CHECKING:
    from streaming.core.request import GraphSource
    from streaming.own_graphs.own_graphs import OwnGraphs
    from streaming.services import Services

FAILED, WRONG_ARGUMENTS, STOPPED = 1, 2, 130
"""Exit codes; 130 is what shells expect of a program that Ctrl-C has stopped."""


@dataclass(slots=True)
class Entry:
    """`load_graphs` gives the graphs of this repository: the engine must not import them. Services are built late."""

    load_graphs: "Callable[[], Iterable[GraphSource]]"
    services: "Services | None" = None

    def open(self, *, own_graph: str = "") -> "Services":
        """The services, built at the first call; `own_graph` is a graph in the form of the setting `graph`."""
        if self.services is None:
            from streaming.config.settings import load_settings
            from streaming.services import Services

            # The lines of a server's log, such as of a loop that stood still, would be mixed with the answer.
            logging.getLogger("streaming").addHandler(logging.NullHandler())
            changes = {"log_format": "off"} | ({"graph": own_graph} if own_graph else {})
            self.services = Services(load_settings().model_copy(update=changes))
        services = self.services
        if own_graph:
            _check(services.own_graphs)
        services.graphs.load_by(lambda: (*self.load_graphs(), *_known(services.own_graphs), *_remote(services)))
        return services

    def close(self) -> None:
        """Close what has been opened."""
        if self.services is not None:
            self.services.close()


def _check(own: "OwnGraphs") -> None:
    """Raise why the graph of `--graph` is none, in words of that option: nobody has set a setting."""
    try:
        own.check()
    except BadSettings as error:
        raise BadSettings(re.sub(r"^GRAPH: ", "--graph: ", error.message), advice=error.advice) from None


def end_now(_signal: int, _frame: FrameType | None) -> None:
    """End the program, whatever it does: an exception could be raised in any code, which would go on or complain."""
    os._exit(STOPPED)


def end_by_signals() -> None:
    """Let Ctrl-C end the program from here on: it is closing, and what it keeps longer than that is stored already."""
    signal.signal(signal.SIGINT, end_now)


def _known(own: "OwnGraphs") -> "tuple[GraphSource, ...]":
    """The developer's graphs; says on stderr what names none, which need not be the one that is asked for."""
    for trouble in own.troubles:
        print(printable(str(trouble)), file=sys.stderr)
    return own.known()


def _remote(services: "Services") -> "Sequence[GraphSource]":
    """The graphs of LangGraph Servers; says on stderr which server does not answer."""
    found = services.remote_graphs.found()
    for trouble in found.troubles:
        print(printable(trouble), file=sys.stderr)
    return found.graphs


@contextmanager
def sentences() -> Iterator[None]:
    """Print the sentence of an error on stderr, and exit: 2 for wrong arguments, 130 after Ctrl-C, else 1."""
    try:
        yield
    except (InputError, UnknownGraph, BadSettings) as error:
        fail(str(error), code=WRONG_ARGUMENTS)
    except BrokenPipeError:
        # The reader has seen enough, such as `head`; what Python flushes at its end must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(FAILED) from None
    except (LabError, OSError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED) from None


def fail(sentence: str, *, code: int = FAILED) -> None:
    """Print the sentence on stderr and exit."""
    print(printable(sentence), file=sys.stderr)
    raise typer.Exit(code)
