"""Checks of the installation, each with a sentence that says what to do; keys are named, never shown."""

import os
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from streaming.core.errors import StoreUnavailable
from streaming.providers.catalogue import KEY_ENV
from streaming.providers.embedded.server import WEIGHTS

if TYPE_CHECKING:
    from streaming.services import Services

REPOSITORY = Path(__file__).parents[2]
PINNED = ("requirements.txt", "constraints.txt")
PORT = 8501
DATABASE_S = 5.0
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The result of one check; `ok` is `None` where it is a fact and neither right nor wrong."""

    name: str
    ok: bool | None
    text: str


def checks(services: "Services") -> Iterator[Check]:
    """All checks, each when it is done."""
    new_enough = sys.version_info >= (3, 11)
    yield Check(name="Python", ok=new_enough, text=python_version() + ("" if new_enough else ": 3.11 is needed"))
    yield _packages()
    weights = services.settings.model_file or WEIGHTS
    present = weights.is_file()
    yield Check(name="Embedded model", ok=present, text="present" if present else "missing: run make model")
    yield _data_folder(services.settings.data_dir)
    for name in KEY_ENV.values():
        yield Check(name=name, ok=None, text="set" if os.environ.get(name, "").strip() else "not set")
    yield from _own_graphs(services)
    yield from _servers(services)
    yield _port(int(os.environ.get("STREAMLIT_SERVER_PORT") or PORT))
    yield _history(services)
    trouble = services.engine.checkpointer_error(timeout_s=DATABASE_S)
    yield Check(name="Database of threads", ok=not trouble, text=trouble or "can be used")


def _own_graphs(services: "Services") -> Iterator[Check]:
    """Each graph of the setting `GRAPH` is loaded, because only that shows what is wrong with it."""
    for trouble in services.own_graphs.troubles:
        yield Check(name="Your graphs", ok=False, text=str(trouble))
    for graph in services.own_graphs.graphs():
        yield Check(name=f"Graph {graph.name}", ok=not graph.trouble, text=graph.trouble or f"{graph.place} is loaded")


def _servers(services: "Services") -> Iterator[Check]:
    found = services.remote_graphs.found()
    for trouble in found.troubles:
        yield Check(name="LangGraph Server", ok=False, text=trouble)
    if found.graphs:
        yield Check(name="LangGraph Server", ok=True, text=f"offers {', '.join(one.name for one in found.graphs)}")


def other_versions(lines: list[str]) -> list[str]:
    """The installed packages whose version is not the pinned one of these lines, in words."""
    found = []
    for name, pinned in (match.groups() for line in lines if (match := _PIN.match(line))):
        with suppress(PackageNotFoundError):
            if (installed := version(name)) != pinned:
                found.append(f"{name} {installed} instead of {pinned}")
    return found


def _packages() -> Check:
    lines = [line for name in PINNED for line in (REPOSITORY / name).read_text(encoding="utf-8").splitlines()]
    other = other_versions(lines)
    return Check(name="Packages", ok=not other, text=", ".join(other) or "as they were tested")


def _data_folder(folder: Path) -> Check:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            return Check(name="Data folder", ok=True, text=f"{folder} can be written")
    except OSError as error:
        return Check(name="Data folder", ok=False, text=f"{folder} cannot be written: {error.strerror}")


def _port(port: int) -> Check:
    with socket.socket() as probe:
        probe.settimeout(1)
        used = probe.connect_ex(("127.0.0.1", port)) == 0
    return Check(name=f"Port {port}", ok=None, text="in use: the app may be running" if used else "free")


def _history(services: "Services") -> Check:
    try:
        services.run_store.connect()
    except StoreUnavailable as error:
        return Check(name="Database of runs", ok=False, text=str(error))
    return Check(name="Database of runs", ok=True, text="can be used")
