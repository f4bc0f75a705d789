"""What the setting `GRAPH` names: files, modules and `langgraph.json`, with the folder, environment and interpreter."""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from streaming.core.errors import BadSettings
from streaming.core.names_of_secrets import SECRET_NAME
from streaming.own_graphs.names_in_file import graphs_in

OWN_PREFIX = "own-"
"""With which the names of the developer's graphs begin."""
_SCRIPTS = (".ts", ".tsx", ".mts", ".js", ".mjs", ".cjs")
_OF_THE_SERVER = ("store", "checkpointer", "auth", "http", "webhooks", "ui")
"""Parts of a `langgraph.json` that say how a server keeps and guards its graphs."""
_VENVS = (".venv", "venv")
_PRIVATE_PREFIX = "STREAMING_LAB_"
_FORMS = "Use path/to/langgraph.json (or with :name), path/to/agent.py:graph or package.module:graph."


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One graph of the developer's: `target` is a file or a module, `attribute` the name of the graph in it.

    `folder` is the working directory, `paths` are added to `sys.path`, `variables` to the environment of its process.
    `unused` are the parts of its `langgraph.json` that only LangGraph's server uses, `python` the version it asks for.
    """

    name: str
    target: str
    attribute: str
    folder: Path
    interpreter: str
    paths: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    env_file: Path | None = None
    unused: tuple[str, ...] = ()
    python: str = ""

    @property
    def notice(self) -> str:
        """Which parts of its `langgraph.json` have no effect here, as a sentence; empty for none."""
        return f"Not used here, but by LangGraph's server: {', '.join(self.unused)}." if self.unused else ""

    @property
    def why_interpreter(self) -> str:
        """Why it is this interpreter, if nobody named it but a folder beside the graphs; else empty."""
        beside = next((name for name in _VENVS if str(_python_in(self.folder / name)) == self.interpreter), None)
        told = f"Its interpreter is that of the folder {beside} beside it; PYTHON_OF_GRAPH names another."
        return told if beside else ""

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its process: that of the user, without the settings of this app, and its own variables."""
        ours = {name: value for name, value in os.environ.items() if not name.upper().startswith(_PRIVATE_PREFIX)}
        # Read each time: a key that was missing is added to the file while the server runs.
        from_file = dotenv_values(self.env_file) if self.env_file is not None else {}
        return {**ours, **self.variables, **{name: value for name, value in from_file.items() if value is not None}}

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values of its environment that may be keys."""
        return tuple(value for name, value in self.environment.items() if value and SECRET_NAME.search(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The graphs of a setting, and what is wrong with those of its parts that name none."""

    sources: tuple[Source, ...]
    troubles: tuple[BadSettings, ...] = ()


def find_sources(setting: str, *, interpreter: str = "") -> tuple[Source, ...]:
    """The graphs that the setting names, separated by white space; raises `BadSettings` with the cure."""
    found = look_for_sources(setting, interpreter=interpreter)
    for trouble in found.troubles:
        raise trouble
    return found.sources


def look_for_sources(setting: str, *, interpreter: str = "") -> Found:
    """The graphs that the setting names, and its parts that are wrong: one of these takes no other graph away."""
    named: dict[str, Source] = {}
    troubles = []
    for entry in _entries(setting):
        for source in _found_of(entry, interpreter):
            if isinstance(source, BadSettings):
                troubles.append(source)
                continue
            name, number = source.name, 2
            while name in named:
                name, number = f"{source.name}-{number}", number + 1
            named[name] = replace(source, name=name)
    return Found(sources=tuple(named.values()), troubles=tuple(troubles))


def _found_of(entry: str, interpreter: str) -> Iterator[Source | BadSettings]:
    """The graphs of one part of the setting, and why others of it are none."""
    try:
        yield from _sources(entry, interpreter)
    except BadSettings as error:
        yield error


def _entries(setting: str) -> Iterator[str]:
    """The parts of the setting; words that name a file together are one part, because a path may have spaces."""
    words = setting.split()
    while words:
        size = next((count for count in range(1, len(words) + 1) if _names_file(" ".join(words[:count]))), 1)
        size = next((count for count in range(len(words), size, -1) if _names_graph(" ".join(words[:count]))), size)
        yield " ".join(words[:size])
        del words[:size]


def _names_file(entry: str) -> bool:
    paths = (os.path.expanduser(path) for path in (entry, entry.rpartition(":")[0], f"{entry}/langgraph.json"))
    return any(os.path.isfile(path) for path in paths)


def _names_graph(entry: str) -> bool:
    """Whether this names a graph of a `langgraph.json` that is there: the name may have spaces too."""
    file, only = _json_of(entry)
    if file is None or not only:
        return False
    try:
        return only in (_content(file).get("graphs") or ())
    except BadSettings:
        return False


def files_that_name_graphs(setting: str) -> tuple[Path, ...]:
    """Each `langgraph.json` of the setting, whether it is there or not."""
    return tuple(file for file, _ in map(_json_of, _entries(setting)) if file is not None)


def _json_of(entry: str) -> tuple[Path | None, str]:
    """The `langgraph.json` that the entry names, and the one of its graphs that it names, if it does."""
    path = Path(entry).expanduser()
    if path.is_dir() and (path / "langgraph.json").is_file():
        path = path / "langgraph.json"
    if path.suffix == ".json":
        return path.absolute(), ""
    # A drive letter of Windows has a colon too.
    target, _, attribute = entry.rpartition(":")
    return (Path(target).expanduser().absolute(), attribute) if target.endswith(".json") else (None, "")


def _sources(entry: str, interpreter: str) -> Iterator[Source | BadSettings]:
    file_of_graphs, only = _json_of(entry)
    if file_of_graphs is not None:
        yield from _from_json(file_of_graphs, interpreter, only=only)
        return
    path = Path(entry).expanduser()
    target, colon, attribute = entry.rpartition(":")
    if target.endswith(".ipynb") or entry.endswith(".ipynb"):
        raise BadSettings(
            f"GRAPH: {target or entry} is a notebook, and a graph is loaded from a Python file.",
            advice=f"Write one with: jupyter nbconvert --to script {target or entry}",
        )
    if path.suffix == ".py" and not path.is_file():
        raise BadSettings(f"GRAPH: there is no file {path.absolute()}.", advice=_FORMS)
    if not colon or not target or not _is_name(attribute):
        raise BadSettings(f"GRAPH: “{entry}” does not name a graph.", advice=_objects_of(entry, path) or _FORMS)
    if target.endswith(".py") or "/" in target or "\\" in target:
        file = Path(target).expanduser().absolute()
        folder = _project_of(file)
        env_file: Path | None = folder / ".env"
    else:
        file, folder = None, Path.cwd()
        # That of this app, if it is started in its own folder: its keys are in the environment already.
        env_file = None
    yield _source(file, target, attribute, folder, interpreter, label=attribute, env_file=env_file, entry=entry)


def _objects_of(entry: str, file: Path) -> str:
    """What to write in place of the file alone; empty if it is no Python file, or has no graph that can be seen."""
    named = [f"{entry}:{name}" for name in graphs_in(file)] if file.suffix == ".py" else []
    return f"Name the object too: {' or '.join(named)}" if named else ""


def _is_name(attribute: str) -> bool:
    """Whether this is the name of a graph, or of one that an object holds, such as `agent.graph`."""
    return all(part.isidentifier() for part in attribute.split("."))


def _project_of(file: Path) -> Path:
    """The folder with the project's `pyproject.toml`, environment or `.env` above this file; else its own folder."""
    marks = ("pyproject.toml", "langgraph.json", "requirements.txt", ".env", *_VENVS)
    for folder in list(file.parents)[:4]:
        if any((folder / mark).exists() for mark in marks):
            return folder
    return file.parent


def _source(
    file: Path | None,
    target: str,
    attribute: str,
    folder: Path,
    interpreter: str,
    *,
    label: str,
    entry: str,
    variables: Mapping[str, str] | None = None,
    env_file: Path | None = None,
    paths: tuple[str, ...] = (),
) -> Source:
    if file is not None and not file.is_file():
        raise BadSettings(f"GRAPH: there is no file {file}.", advice=f"It comes from “{entry}”: correct the path.")
    generic = label in ("graph", "make_graph", "agent", "app")
    stem = file.stem if file is not None else target.rpartition(".")[2]
    words = f"{stem}-{label}" if generic and stem != label else label
    return Source(
        name=OWN_PREFIX + (re.sub(r"[\W_]+", "-", words.lower()).strip("-") or "graph"),
        target=str(file) if file is not None else target,
        attribute=attribute,
        folder=folder,
        interpreter=_interpreter(folder, interpreter),
        paths=paths or _with_src(folder),
        variables=variables or {},
        env_file=env_file,
    )


def _with_src(folder: Path) -> tuple[str, ...]:
    """The project's folder, and the one from which its packages would be installed."""
    return tuple(str(path) for path in (folder, folder / "src") if path is folder or path.is_dir())


def _interpreter(folder: Path, chosen: str) -> str:
    if chosen:
        path = Path(chosen).expanduser()
        if path.is_dir():
            path = _python_in(path)
        if not path.is_file():
            raise BadSettings(
                f"PYTHON_OF_GRAPH: there is no interpreter {chosen}.", advice="Name one, or leave it out."
            )
        # Not resolved: the link in a virtual environment is what makes it one.
        return str(path.absolute())
    return next(
        (str(_python_in(folder / name)) for name in _VENVS if _python_in(folder / name).is_file()), sys.executable
    )


def _python_in(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _from_json(path: Path, interpreter: str, *, only: str = "") -> Iterator[Source | BadSettings]:
    """The graphs of a `langgraph.json`, or the one that is named `only`; why one of them is none."""
    content = _content(path)
    folder = path.parent
    graphs = content.get("graphs")
    if not isinstance(graphs, Mapping) or not graphs:
        raise BadSettings(f"GRAPH: {path} names no graph.", advice='Add "graphs": {"agent": "./agent.py:graph"}.')
    variables, env_file = _environment_of(content.get("env"), path)
    paths = tuple(str(part) for part in _dependencies(content.get("dependencies"), folder))
    python = {key: value for key, value in graphs.items() if not _path_of(value).rpartition(":")[0].endswith(_SCRIPTS)}
    if not python:
        raise BadSettings(f"GRAPH: all graphs of {path} are JavaScript.", advice="Only Python's can be loaded.")
    if only and only not in python:
        raise BadSettings(f"GRAPH: {path} has no graph “{only}”.", advice=f"It has {', '.join(map(str, python))}.")
    unused = tuple(name for name in _OF_THE_SERVER if content.get(name))
    for key, value in python.items():
        if only and key != only:
            continue
        target, _, attribute = _path_of(value).rpartition(":")
        is_file = target.endswith(".py") or "/" in target
        try:
            if not target or not _is_name(attribute):
                raise BadSettings(
                    f"GRAPH: the graph “{key}” in {path} has no path with a name.",
                    advice=f'Write "{key}": "./agent.py:graph".',
                )
            source = _source(
                (folder / target).absolute() if is_file else None,
                target,
                attribute,
                folder,
                interpreter,
                label=str(key),
                variables=variables,
                env_file=env_file,
                entry=str(path),
                paths=paths,
            )
        except BadSettings as error:
            yield error
            continue
        yield replace(source, unused=unused, python=str(content.get("python_version") or ""))


def _path_of(graph: Any) -> str:
    """The `file:name` of an entry of `graphs`."""
    return str((graph.get("path") if isinstance(graph, Mapping) else graph) or "")


def _content(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadSettings(f"GRAPH: {path} cannot be read ({error.strerror}).", advice="Correct the path.") from None
    except UnicodeDecodeError:
        raise BadSettings(f"GRAPH: {path} is not UTF-8.", advice="Save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise BadSettings(
            f"GRAPH: {path}, line {error.lineno}, column {error.colno}: {error.msg}.", advice="Correct the JSON there."
        ) from None
    if not isinstance(content, dict):
        raise BadSettings(f"GRAPH: {path} holds no JSON object.", advice='It begins with {"graphs": …}.')
    return content


def _dependencies(named: Any, folder: Path) -> list[Path]:
    """The project's folder and the local dependencies; packages of a registry are the environment's business."""
    local = [folder / str(part) for part in named or [] if str(part).startswith(".")]
    parts = [folder, *(part.resolve() for part in local if part.is_dir())]
    return list(dict.fromkeys(Path(path) for part in parts for path in _with_src(part)))


def _environment_of(env: Any, path: Path) -> tuple[dict[str, str], Path | None]:
    """The variables and the env file of a `langgraph.json`; the file may be created later if it is not named."""
    if isinstance(env, Mapping):
        return {str(name): str(value) for name, value in env.items()}, None
    file = path.parent / str(env or ".env")
    if env and not file.is_file():
        raise BadSettings(f"GRAPH: {path} names the env file {file}, which does not exist.", advice="Create it.")
    return {}, file
