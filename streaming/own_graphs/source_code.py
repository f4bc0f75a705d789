"""The code of a graph of the developer's: the lines that build it, and the function of each node."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from streaming.core.graph_description import NodeDescription
from streaming.own_graphs.own_graph import OwnGraph
from streaming.providers.redaction import redact

MAX_CHARS = 20_000
"""The longest code that is shown; the rest is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePart:
    """Code with its place: `file` and the first `line`, from 1."""

    title: str
    file: str
    line: int
    code: str


def code_of(graph: OwnGraph) -> list[CodePart]:
    """The parts of the code that can be read, without keys; empty for a module that has no file here."""
    parts = [*_building(graph), *(part for node in graph.description.nodes for part in _function(node))]
    return [
        CodePart(
            title=part.title,
            file=part.file,
            line=part.line,
            code=redact(part.code, graph.secrets, max_chars=MAX_CHARS),
        )
        for part in parts
    ]


def _building(graph: OwnGraph) -> Iterator[CodePart]:
    """From the first to the last statement of the module that names the graph, or what it is compiled from."""
    file = _file_of(graph)
    tree, lines = _read(file)
    names = {graph.source.attribute.split(".")[0]}
    found: list[ast.stmt] = []
    # Backwards: what a statement assigns from is named by those before it.
    for statement in reversed(tree.body):
        if not names & _set_by(statement):
            continue
        found.append(statement)
        compiled = (one for one in ast.walk(statement) if isinstance(one, ast.Attribute) and one.attr == "compile")
        names |= {one.value.id for one in compiled if isinstance(one.value, ast.Name)}
    if found:
        first, last = min(one.lineno for one in found), max(one.end_lineno or one.lineno for one in found)
        yield CodePart(title="The graph", file=file, line=first, code="\n".join(lines[first - 1 : last]))


def _file_of(graph: OwnGraph) -> str:
    """The file of the graph; a module is looked for where its process would find it."""
    target = graph.source.target
    if target.endswith(".py"):
        return target
    parts = target.split(".")
    for folder in graph.source.paths:
        for path in (Path(folder, *parts).with_suffix(".py"), Path(folder, *parts, "__init__.py")):
            if path.is_file():
                return str(path)
    return ""


def _set_by(statement: ast.stmt) -> set[str]:
    """The names that a statement defines, or whose methods it calls, such as `builder.add_node(…)`."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    nodes = list(ast.walk(statement))
    stored = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    roots = {one.value.id for one in nodes if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)}
    return stored | (roots if isinstance(statement, ast.Expr) else set())


def _function(node: NodeDescription) -> Iterator[CodePart]:
    if not node.file or node.line is None:
        return
    tree, lines = _read(node.file)
    for one in ast.walk(tree):
        is_function = isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if not is_function or _first_line(one) != node.line:
            continue
        end = getattr(one, "end_lineno", None) or node.line
        yield CodePart(title=node.name, file=node.file, line=node.line, code="\n".join(lines[node.line - 1 : end]))
        return


def _first_line(function: ast.AST) -> int:
    """The line of a function's first decorator, or its own."""
    decorators = getattr(function, "decorator_list", ())
    return int(min([getattr(function, "lineno", 0), *(one.lineno for one in decorators)]))


def _read(file: str) -> tuple[ast.Module, list[str]]:
    """The tree and the lines of a file; empty for one that cannot be read, and for that of an installed package."""
    if not file or "site-packages" in Path(file).parts:
        return ast.Module([], []), []
    try:
        text = Path(file).read_text(encoding="utf-8")
        return ast.parse(text), text.splitlines()
    except (OSError, SyntaxError, ValueError):
        return ast.Module([], []), []
