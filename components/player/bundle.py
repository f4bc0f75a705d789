"""Joins the player's modules to one script, so that a browser loads one file and not one after the other.

The sources stay plain modules without a build step. Each becomes a function that returns its exports, in the order of
their dependencies; comments, except licences, indentation, most line breaks and spaces beside signs are left out. Only
the forms of `import` and `export` that the sources use are known: any other one is refused, so that nothing is joined
wrongly.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from components.player.files import FOLDER

ENTRIES = ("component.js", "feed_component.js", "follow_page.js", "replay_component.js", "reveal.js")
"""The modules that a mount names; the script exports them as `modules`, by name."""

_IMPORT = re.compile(r'^import (?:(?P<default>\w+)|\{(?P<names>[^}]*)\}) from "(?P<path>[^"]+)";?[ \t]*$', re.MULTILINE)
_LOAD = re.compile(r'^import "(?P<path>[^"]+)";?[ \t]*$', re.MULTILINE)
_REEXPORT = re.compile(r'^export \{(?P<names>[^}]*)\} from "(?P<path>[^"]+)";?[ \t]*$', re.MULTILINE)
_EXPORT_LIST = re.compile(r"^export \{(?P<names>[^}]*)\};?[ \t]*$", re.MULTILINE)
_DECLARED = re.compile(r"^export (?P<kind>async function|function|class|const) (?P<name>\w+)", re.MULTILINE)
_UNKNOWN = re.compile(r"^(?:import|export)\b.*$|^.*\bimport(?:\s*\(|\.meta\b).*$", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_LINE_IN_STRING = re.compile(r"^[^`\n]*`(?:[^`\n]*`[^`\n]*`)*[^`\n]*$|\\$", re.MULTILINE)
"""Where a string of several lines may begin or end: an odd number of backticks, or a backslash at the end."""
_JOINED = re.compile(r"^((?!.*//).*[;{,])\n", re.MULTILINE)
"""A line that goes on in the next one without a line break: not one in which a comment may begin."""
_SPACED = re.compile(
    r'(?P<text>"(?:[^"\\\n]|\\.)*"|`(?:[^`\\\n]|\\.)*`)'
    r"| (?P<sign>=>|===|!==|&&|\|\||\?\?|=|\+=|-=|<=|>=) |(?<=\)) (?=\{)"
)
"""A text, which stays as it is, or a sign with spaces beside it."""
_COMMENT = re.compile(r"^[ \t]*/\*(?!!)(?:(?!\*/)[\s\S])*\*/[ \t]*\n|^[ \t]*//.*\n", re.MULTILINE)


class UnknownModuleSyntax(Exception):
    """A module has an `import` or `export` that the joiner does not know, or modules import each other in a circle."""


@cache
def player_script() -> str:
    """The script of all mounts: one module that exports `modules`, a record of each entry's exports by its name."""
    exported = ", ".join(f'"{name}": {_variable(name)}' for name in ENTRIES)
    return f"{join(ENTRIES)}export const modules = {{ {exported} }};\n"


def join(entries: Sequence[str], *, folder: Path = FOLDER, without: Iterable[str] = ()) -> str:
    """The entries and all that they import as one script; the exports of an entry `a/b.js` are the constant `$a_b`.

    Modules in `without` export nothing: what imports them gets `undefined`, and must not use it.

    Raises `UnknownModuleSyntax`, which names file and line.
    """
    done = {name: f"const {_variable(name)} = {{}};\n" for name in without}
    for entry in entries:
        _add(entry, done, (), folder)
    return "".join(done.values())


def _add(name: str, done: dict[str, str], importing: tuple[str, ...], folder: Path) -> None:
    if name in done:
        return
    if name in importing:
        raise UnknownModuleSyntax(f"{' imports '.join([*importing, name])}: modules in a circle cannot be joined.")
    written = (folder / name).read_text(encoding="utf-8")
    source = _COMMENT.sub("", written)
    for pattern in (_IMPORT, _LOAD, _REEXPORT):
        for found in pattern.finditer(source):
            _add(_resolve(name, found["path"]), done, (*importing, name), folder)
    done[name] = _module(name, source, written)


def _module(name: str, source: str, written: str) -> str:
    exports: list[str] = []

    def imported(found: re.Match[str]) -> str:
        names = f"default: {found['default']}" if found["default"] else _renamed(found["names"])
        return f"const {{ {names} }} = {_variable(_resolve(name, found['path']))};"

    def passed_on(found: re.Match[str]) -> str:
        origin = _variable(_resolve(name, found["path"]))
        exports.extend(f"{outside}: {origin}.{inside}" for inside, outside in _pairs(found["names"]))
        return ""

    def listed(found: re.Match[str]) -> str:
        exports.extend(f"{outside}: {inside}" for inside, outside in _pairs(found["names"]))
        return ""

    def declared(found: re.Match[str]) -> str:
        exports.append(found["name"])
        return f"{found['kind']} {found['name']}"

    body = _IMPORT.sub(imported, source)
    body = _LOAD.sub("", body)
    body = _REEXPORT.sub(passed_on, body)
    body = _EXPORT_LIST.sub(listed, body)
    body = _DECLARED.sub(declared, body)
    if not _LINE_IN_STRING.search(body):
        body = _JOINED.sub(r"\1", _SPACED.sub(_closed, _INDENT.sub("", body)))
    if unknown := _UNKNOWN.search(body):
        line = written.count("\n", 0, written.find(unknown[0])) + 1
        raise UnknownModuleSyntax(f"{name}, line {line}: “{unknown[0]}” is a form that cannot be joined.")
    return f"const {_variable(name)} = (() => {{\n{body.strip()}\nreturn {{ {', '.join(exports)} }};\n}})();\n"


def _closed(found: re.Match[str]) -> str:
    return found["text"] or found["sign"] or ""


def _pairs(names: str) -> list[tuple[str, str]]:
    """`a, b as c` as pairs of the name before and after `as`."""
    parts = [part.split(" as ") for part in (part.strip() for part in names.split(",")) if part]
    return [(part[0].strip(), part[-1].strip()) for part in parts]


def _renamed(names: str) -> str:
    return ", ".join(old if old == new else f"{old}: {new}" for old, new in _pairs(names))


def _resolve(importer: str, path: str) -> str:
    """The name of an imported module below the folder."""
    steps = [*importer.split("/")[:-1]]
    for step in path.split("/"):
        if step == "..":
            steps.pop()
        elif step != ".":
            steps.append(step)
    return "/".join(steps)


def _variable(name: str) -> str:
    return "$" + re.sub(r"\W", "_", name.removesuffix(".js"))
