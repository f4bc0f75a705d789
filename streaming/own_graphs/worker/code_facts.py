"""What the code of a compiled graph says about its streaming: plain facts with file and line, and no judgement.

Runs in the process of the graph, so it imports nothing of this project. A fact is left out where the code cannot be
read; reading never raises.

    {"python": "3.11.7", "llm_cache": False,
     "models": [{"class", "disable_streaming", "streaming", "cache", "can_stream", "tags", "node",
                "structured"}],
     "tools": {name: {"file", "line"}},
     "nodes": {path: {"file", "line", "async", "subgraph", "writes", "calls": [{"kind", "text", "file", "line", …}]}},
     "streams": [{"file", "line", "text", "trouble"}]}

The path of a node in a subgraph is `outer/inner`. The kinds of calls: `model`, `sync model`, `structured`, `blocking`,
`raw client`, `nested graph`, `lost context`, `thread writer`, `rebuilt message`, `no stream tag`, `no streaming`.
"""

import ast
import inspect
import platform
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from langchain_core.globals import get_llm_cache
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langgraph.pregel import Pregel

MAX_DEPTH, MAX_FUNCTIONS = 4, 2_000
"""How far calls are followed from a node, and how many functions of one graph are read."""

BLOCKING = (
    *("time.sleep", "requests.", "urllib.request.urlopen", "urllib3.", "subprocess.run", "subprocess.call"),
    *("subprocess.check_", "httpx.get", "httpx.post", "httpx.put", "httpx.request", "httpx.stream", "httpx.Client"),
    *("httpx._api.", "psycopg2.", "pymysql.", "mysql.connector.", "os.system"),
)
RAW_CLIENTS = frozenset(
    ["openai", "anthropic", "groq", "mistralai", "cohere", "ollama", "together", "litellm", "huggingface_hub"]
)
RAW_MODULES = ("google.genai", "google.generativeai", "vertexai")
RAW_CLASSES = frozenset(["OpenAI", "AsyncOpenAI", "AzureOpenAI", "Anthropic", "AsyncAnthropic", "Groq", "AsyncGroq"])
RAW_PATHS = ("chat/completions", "v1/messages", ":generateContent", "api/chat", "api/generate")
MODEL_CALLS = frozenset(["invoke", "ainvoke", "stream", "astream", "batch", "abatch"])
MODEL_NAMES = ("llm", "model", "chat")
LIBRARIES = ("site-packages", "dist-packages", "<frozen")
_UNKNOWN = object()

Scope = Mapping[str, Any]


def read_code_facts(graph: Any) -> dict[str, Any]:
    """The facts of a compiled graph, an entrypoint or a runnable around one, as plain JSON values."""
    return _Reader().read(graph)


class _Reader:
    """Collects the facts of one graph."""

    def __init__(self) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self.models: list[dict[str, Any]] = []
        self.tools: dict[str, dict[str, Any]] = {}
        self._files: dict[str, None] = {}
        self._read = 0

    def read(self, graph: Any) -> dict[str, Any]:
        self._graph(_pregel_in(graph), prefix="", depth=0)
        return {
            "python": platform.python_version(),
            "llm_cache": get_llm_cache() is not None,
            "models": self.models,
            "tools": self.tools,
            "nodes": self.nodes,
            "streams": [found for file in self._files for found in _streams_in(file)],
        }

    def _graph(self, graph: Any, *, prefix: str, depth: int) -> None:
        if graph is None or depth > MAX_DEPTH:
            return
        for name, node in dict(graph.nodes).items():
            if name in ("__start__", "__end__"):
                continue
            runnable = getattr(node, "bound", node)
            self._node(f"{prefix}{name}", runnable, depth)

    def _node(self, path: str, runnable: Any, depth: int) -> None:
        inner = _pregel_in(runnable)
        facts: dict[str, Any] = {"subgraph": inner is not None, "async": False, "writes": False, "calls": []}
        self.nodes[path] = facts
        if inner is not None:
            self._graph(inner, prefix=f"{path}/", depth=depth + 1)
            return
        self._values(path, runnable)
        for function in _functions_of(runnable):
            facts["async"] = facts["async"] or inspect.iscoroutinefunction(function)
            if (place := _place(function)) and "file" not in facts and not _in_library(function):
                facts["file"], facts["line"] = place
            self._function(path, facts, function, blocks=inspect.iscoroutinefunction(function), seen=set(), depth=0)

    def _function(
        self, path: str, facts: dict[str, Any], function: Any, *, blocks: bool, seen: set[Any], depth: int
    ) -> None:
        function = inspect.unwrap(function)
        code = getattr(function, "__code__", None)
        if code is None or (code, blocks) in seen or depth > MAX_DEPTH or self._read > MAX_FUNCTIONS:
            return
        seen.add((code, blocks))
        self._read += 1
        scope = _scope_of(function)
        if _in_library(function):
            # Only what a library's node holds is ours to tell: its own code is not the author's.
            for value in _held_by(function):
                self._values(path, value)
            return
        parsed = _parsed(function)
        if parsed is None:
            return
        tree, file, offset = parsed
        self._files.setdefault(file)
        for visit in _visits(tree, scope, blocks=blocks):
            for value in visit.values:
                self._values(path, value)
            facts["writes"] = facts["writes"] or visit.writes
            if visit.call is not None:
                facts["calls"].append({**visit.call, "file": file, "line": visit.line + offset})
            for target, blocking in visit.follow:
                self._function(path, facts, target, blocks=blocking, seen=seen, depth=depth + 1)

    def _values(self, path: str, value: Any) -> None:
        for tool in _tools_in(value):
            self.tools.setdefault(tool.name, _tool_facts(tool))
        for model, tags in _models_in(value):
            facts = _model_facts(model, tags) | {"node": path, "structured": _is_structured(value)}
            if facts not in self.models:
                self.models.append(facts)


class _Visit:
    """What one expression of a function says."""

    __slots__ = ("call", "follow", "line", "values", "writes")

    def __init__(self, line: int) -> None:
        self.line = line
        self.call: dict[str, Any] | None = None
        self.values: list[Any] = []
        self.follow: list[tuple[Any, bool]] = []
        self.writes = False


def _visits(tree: ast.AST, scope: Scope, *, blocks: bool) -> Iterator[_Visit]:
    names = _Names(tree, scope)
    for node, threaded in names.expressions():
        visit = _Visit(getattr(node, "lineno", 1))
        if isinstance(node, ast.Call):
            _read_call(node, names, visit, blocks=blocks and not threaded)
        elif isinstance(node, ast.Name | ast.Attribute):
            value = names.value(node)
            if value is not _UNKNOWN:
                visit.values.append(value)
                if _is_user_function(value):
                    visit.follow.append((value, False))
        elif isinstance(node, ast.Constant) and node.value == "nostream":
            visit.call = {"kind": "no stream tag", "text": "nostream"}
        elif isinstance(node, ast.Constant) and any(path in str(node.value) for path in RAW_PATHS):
            visit.call = {"kind": "raw client", "text": str(node.value)[:80]}
        yield visit


class _Names:
    """Resolves the names in a function: what they refer to when it runs, as far as that is known before."""

    def __init__(self, tree: ast.AST, scope: Scope) -> None:
        self.tree = tree
        self.scope = scope
        self.imported: dict[str, str] = {}
        self.functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self.assigned: dict[str, ast.expr] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self.imported |= {(one.asname or one.name).split(".")[0]: one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                self.imported |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node is not tree:
                self.functions[node.name] = node
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                self.assigned[node.targets[0].id] = node.value

    def expressions(self) -> Iterator[tuple[ast.AST, bool]]:
        """All expressions, and whether each is in a sync function inside, which may run in a thread."""

        def walk(node: ast.AST, threaded: bool) -> Iterator[tuple[ast.AST, bool]]:
            for child in ast.iter_child_nodes(node):
                inside = threaded or isinstance(child, ast.FunctionDef | ast.Lambda)
                yield child, inside
                yield from walk(child, inside)

        root = self.tree
        body = root.body if isinstance(root, ast.FunctionDef | ast.AsyncFunctionDef) else [root]
        for statement in body if isinstance(body, list) else [body]:
            inside = isinstance(statement, ast.FunctionDef)
            yield statement, inside
            yield from walk(statement, inside)

    def value(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Name):
            return self.scope.get(node.id, _UNKNOWN)
        if isinstance(node, ast.Attribute):
            owner = self.value(node.value)
            return _UNKNOWN if owner is _UNKNOWN else _attribute(owner, node.attr)
        return _UNKNOWN

    def dotted(self, node: ast.AST) -> str:
        """The full name of what is called, for example `time.sleep`."""
        value = self.value(node)
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        if isinstance(module, str) and isinstance(name, str):
            return f"{module}.{name}"
        text = ast.unparse(node)
        root, dot, rest = text.partition(".")
        held = self.scope.get(root)
        root = held.__name__ if inspect.ismodule(held) else self.imported.get(root, root)
        return f"{root}{dot}{rest}"

    def local_call(self, node: ast.AST) -> ast.AST:
        """The expression that a local name was assigned."""
        return self.assigned.get(node.id, node) if isinstance(node, ast.Name) else node


def _read_call(node: ast.Call, names: _Names, visit: _Visit, *, blocks: bool) -> None:
    function, text = node.func, ast.unparse(node)[:120]
    dotted, value = names.dotted(function), names.value(function)
    last = dotted.rpartition(".")[2]
    keywords = {word.arg: word.value for word in node.keywords}
    visit.writes = last in ("get_stream_writer", "stream_writer", "writer") or dotted.endswith("stream_writer")
    if _is_user_function(value):
        visit.follow.append((value, blocks and not inspect.iscoroutinefunction(value)))
        if inspect.iscoroutinefunction(value):
            visit.follow[-1] = (value, True)
    visit.call = _told_by_its_name(node, dotted, keywords, names) or _call_of_a_model(
        node, last, keywords, names, blocks
    )
    if visit.call is None and blocks and dotted.startswith(BLOCKING):
        visit.call = {"kind": "blocking"}
    if visit.call is not None:
        visit.call["text"] = text


def _told_by_its_name(
    node: ast.Call, dotted: str, keywords: Mapping[str | None, ast.expr], names: _Names
) -> dict[str, Any] | None:
    last = dotted.rpartition(".")[2]
    kind = "raw client" if _is_raw(node.func, dotted, names) else _other_thread(node, last, keywords, names)
    if kind is None and last == "with_structured_output":
        kind = "structured"
    elif kind is None and last in ("AIMessage", "AIMessageChunk") and not {"id", None} & keywords.keys():
        kind = "rebuilt message"
    elif kind is None and (_is_false(keywords.get("streaming")) or _is_true(keywords.get("disable_streaming"))):
        kind = "no streaming"
    return None if kind is None else {"kind": kind}


def _call_of_a_model(
    node: ast.Call, last: str, keywords: Mapping[str | None, ast.expr], names: _Names, blocks: bool
) -> dict[str, Any] | None:
    """A call of a model or of a graph, whether it is sync, and whether the node's config is handed on."""
    function = node.func
    if not isinstance(function, ast.Attribute) or last not in MODEL_CALLS:
        return None
    kind, sync = _receiver(function.value, names), not last.startswith("a")
    if kind is None:
        return None
    has_config = len(node.args) > 1 or "config" in keywords or None in keywords
    kind = "sync model" if kind == "model" and sync and blocks else kind
    return {"kind": kind, "sync": sync, "config": has_config, "blocks": sync and blocks}


def _receiver(node: ast.AST, names: _Names) -> str | None:
    """Whether this is a model or a graph; by its name where its value is not known."""
    value = names.value(node)
    if value is not _UNKNOWN:
        if _pregel_in(value) is not None:
            return "nested graph"
        return "model" if next(_models_in(value), None) is not None else None
    made = ast.unparse(names.local_call(node)).lower()
    if ".compile(" in made or made.endswith("graph"):
        return "nested graph"
    return "model" if any(name in made for name in MODEL_NAMES) else None


def _is_raw(function: ast.AST, dotted: str, names: _Names) -> bool:
    root: ast.AST = function
    while isinstance(root, ast.Attribute):
        root = root.value
    held = names.value(root)
    if isinstance(held, Runnable):
        return False
    kind = type(held).__module__ if held is not _UNKNOWN and not inspect.ismodule(held) else ""
    class_name = type(held).__name__ if kind else ""
    made = ""
    assigned = names.local_call(root)
    if assigned is not root and isinstance(assigned, ast.Call):
        made = names.dotted(assigned.func)
    if isinstance(root, ast.Call):
        made = names.dotted(root.func)
    found = (dotted, kind, made)
    return (
        any(one.split(".")[0] in RAW_CLIENTS or one.startswith(RAW_MODULES) for one in found if one)
        or any(one.rpartition(".")[2] in RAW_CLASSES for one in (dotted, made, class_name))
        or ".chat.completions.create" in dotted
    )


def _other_thread(node: ast.Call, last: str, keywords: Mapping[str | None, ast.expr], names: _Names) -> str | None:
    """What is lost in a thread or a task that gets no copy of the context."""
    if last == "create_task" and "context" in keywords:
        return "lost context" if ast.unparse(keywords["context"]).endswith("Context()") else None
    if last == "Thread" and "target" in keywords:
        target: ast.AST | None = keywords["target"]
    elif last == "submit" and node.args:
        target = node.args[0]
    elif last == "run_in_executor" and len(node.args) > 1:
        target = node.args[1]
    else:
        return None
    assert target is not None
    inside = _code_of(target, names)
    if "get_stream_writer(" in inside:
        return "thread writer"
    called = isinstance(target, ast.Attribute) and target.attr in MODEL_CALLS and _receiver(target.value, names)
    return "lost context" if called or any(f".{name}(" in inside for name in ("invoke", "stream")) else None


def _code_of(target: ast.AST, names: _Names) -> str:
    """The code that a thread would run: a lambda, a function inside this one, or one of the author's."""
    if isinstance(target, ast.Name) and target.id in names.functions:
        return ast.unparse(names.functions[target.id])
    value = names.value(target)
    if _is_user_function(value) and (parsed := _parsed(value)) is not None:
        return ast.unparse(parsed[0])
    return ast.unparse(target)


def _streams_in(file: str) -> Iterator[dict[str, Any]]:
    """The calls of `stream` and `astream` in a file whose tuples are taken apart in a way that cannot work."""
    try:
        with open(file, encoding="utf-8") as source:
            tree = ast.parse(source.read())
    except (OSError, SyntaxError, ValueError):
        return
    for loop in ast.walk(tree):
        if not isinstance(loop, ast.For | ast.AsyncFor | ast.comprehension) or not isinstance(loop.iter, ast.Call):
            continue
        call = loop.iter
        keywords = {word.arg: word.value for word in call.keywords}
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("stream", "astream"):
            continue
        if not {"stream_mode", "subgraphs"} & keywords.keys() or "version" in keywords or None in keywords:
            continue
        if (trouble := _tuple_trouble(loop, keywords)) is not None:
            yield {"file": file, "line": call.lineno, "text": ast.unparse(call)[:120], "trouble": trouble}


def _tuple_trouble(
    loop: ast.For | ast.AsyncFor | ast.comprehension, keywords: Mapping[str | None, ast.expr]
) -> str | None:
    modes = keywords.get("stream_mode")
    if isinstance(modes, ast.Tuple):
        return "a tuple of modes is not a list: its parts come without the names of their modes"
    several, single = isinstance(modes, ast.List), isinstance(modes, ast.Constant)
    if modes is not None and not several and not single:
        return None
    subgraphs = _is_true(keywords.get("subgraphs"))
    pair = single and isinstance(modes, ast.Constant) and modes.value == "messages"
    values = 1 + several + subgraphs
    target = loop.target
    if isinstance(target, ast.Tuple) and not any(isinstance(one, ast.Starred) for one in target.elts):
        got = len(target.elts)
        expected = 2 if values == 1 and pair else values
        return None if got == expected else f"each part has {expected} values and the loop takes {got}"
    if not isinstance(target, ast.Name) or values == 1:
        return None
    body = "\n".join(ast.unparse(line) for line in getattr(loop, "body", ()))
    wrong = (f"{target.id}['type']", f"{target.id}['data']", f"{target.id}.content", f"{target.id}.text")
    return f"each part is a tuple of {values} values" if any(one in body for one in wrong) else None


def _pregel_in(value: Any) -> Any:
    """The graph that this is, or that it wraps with a config."""
    for _ in range(MAX_DEPTH):
        if isinstance(value, Pregel):
            return value
        value = vars(value).get("bound") if isinstance(value, Runnable) and hasattr(value, "__dict__") else None
    return None


def _models_in(value: Any, depth: int = 0) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """The chat models in a value, each with the tags that its wrappers add."""
    if isinstance(value, BaseChatModel):
        yield value, tuple(value.tags or ())
    elif depth > MAX_DEPTH or not isinstance(value, Runnable) or isinstance(value, Pregel):
        return
    else:
        held = vars(value) if hasattr(value, "__dict__") else {}
        config = held.get("config")
        tags = tuple(config.get("tags") or ()) if isinstance(config, Mapping) else ()
        parts = [held.get(name) for name in ("bound", "first", "last", "runnable", "default")]
        for part in (*parts, *(held.get("middle") or ()), *(held.get("fallbacks") or ())):
            for model, inner in _models_in(part, depth + 1):
                yield model, (*inner, *tags)


def _is_structured(value: Any, depth: int = 0) -> bool:
    """Whether a model is bound to a schema for its whole answer, as by `with_structured_output`."""
    held = vars(value) if isinstance(value, Runnable) and hasattr(value, "__dict__") else {}
    options = held.get("kwargs")
    if isinstance(options, Mapping) and "ls_structured_output_format" in options:
        return True
    return depth < MAX_DEPTH and any(_is_structured(held.get(name), depth + 1) for name in ("bound", "first", "last"))


def _tools_in(value: Any) -> Iterator[BaseTool]:
    if isinstance(value, BaseTool):
        yield value
    elif isinstance(value, list | tuple):
        yield from (one for one in value if isinstance(one, BaseTool))
    elif isinstance(value, dict):
        yield from (one for one in value.values() if isinstance(one, BaseTool))
    elif isinstance(value, Runnable) and hasattr(value, "__dict__"):
        by_name = vars(value).get("_tools_by_name") or vars(value).get("tools_by_name")
        yield from _tools_in(by_name) if isinstance(by_name, dict) else ()


def _model_facts(model: Any, tags: tuple[str, ...]) -> dict[str, Any]:
    kind = type(model)
    streams = kind._astream is not BaseChatModel._astream or kind._stream is not BaseChatModel._stream
    set_streaming = "streaming" in getattr(model, "model_fields_set", ())
    return {
        "class": kind.__name__,
        "disable_streaming": model.disable_streaming if isinstance(model.disable_streaming, bool) else "tool_calling",
        "streaming": bool(model.streaming) if set_streaming else None,
        "cache": None if model.cache is None else model.cache is not False,
        "can_stream": streams,
        "tags": [str(tag) for tag in tags],
    }


def _tool_facts(tool: BaseTool) -> dict[str, Any]:
    function = vars(tool).get("coroutine") or vars(tool).get("func") or type(tool)._run
    place = None if _in_library(function) else _place(function)
    return {} if place is None else {"file": place[0], "line": place[1]}


def _functions_of(runnable: Any, depth: int = 0) -> Iterator[Callable[..., Any]]:
    """The functions that a runnable calls: the async one alone where both exist."""
    if depth > MAX_DEPTH:
        return
    held = vars(runnable) if hasattr(runnable, "__dict__") else {}
    found = held.get("afunc") or held.get("func")
    if found is not None:
        yield from _plain(found)
    elif "first" in held:
        for part in (held["first"], *(held.get("middle") or ()), held.get("last")):
            yield from _functions_of(part, depth + 1)
    elif "bound" in held:
        yield from _functions_of(held["bound"], depth + 1)
    elif callable(runnable) and not isinstance(runnable, Runnable):
        yield from _plain(runnable)


def _plain(function: Any) -> Iterator[Callable[..., Any]]:
    """The functions behind partials and callable objects; LangGraph wraps a sync function in an async one."""
    while hasattr(function, "func") and hasattr(function, "args"):
        if function.args and callable(function.args[-1]) and _in_library(function.func):
            function = function.args[-1]
        else:
            function = function.func
    if inspect.isfunction(function) or inspect.ismethod(function):
        yield function
    elif callable(function):
        yield type(function).__call__.__get__(function)


def _held_by(function: Any) -> list[Any]:
    held = [cell.cell_contents for cell in getattr(function, "__closure__", None) or () if _filled(cell)]
    owner = getattr(function, "__self__", None)
    return [*held, *(vars(owner).values() if hasattr(owner, "__dict__") else ())]


def _scope_of(function: Any) -> dict[str, Any]:
    code = getattr(function, "__code__", None)
    closure = getattr(function, "__closure__", None) or ()
    cells = zip(code.co_freevars, closure, strict=False) if code else ()
    scope = {
        **getattr(function, "__globals__", {}),
        **{name: cell.cell_contents for name, cell in cells if _filled(cell)},
    }
    for parameter in code.co_varnames if code else ():
        scope.pop(parameter, None)
    if (owner := getattr(function, "__self__", None)) is not None:
        scope["self"] = owner
    return scope


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _attribute(owner: Any, name: str) -> Any:
    """An attribute without running code of its owner."""
    held = getattr(owner, "__dict__", None)
    if isinstance(held, Mapping) and name in held:
        return held[name]
    found = inspect.getattr_static(owner, name, _UNKNOWN)
    if inspect.isfunction(found) and not inspect.ismodule(owner) and not inspect.isclass(owner):
        return found.__get__(owner)
    return _UNKNOWN if isinstance(found, property) else found


def _is_user_function(value: Any) -> bool:
    # A task of the functional API holds its function.
    return (inspect.isfunction(value) or inspect.ismethod(value)) and not _in_library(value)


def _in_library(function: Any) -> bool:
    code = getattr(inspect.unwrap(function) if callable(function) else function, "__code__", None)
    file = code.co_filename if code is not None else ""
    return not file or any(part in file for part in LIBRARIES) or file.startswith((sys.base_prefix + "/lib",))


def _place(function: Any) -> tuple[str, int] | None:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return None if code is None else (code.co_filename, code.co_firstlineno)


def _parsed(function: Any) -> tuple[ast.AST, str, int] | None:
    """The tree of a function, its file, and what to add to the tree's lines."""
    try:
        lines, first = inspect.getsourcelines(inspect.unwrap(function))
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    root = tree.body[0] if tree.body and isinstance(tree.body[0], ast.FunctionDef | ast.AsyncFunctionDef) else tree
    return root, function.__code__.co_filename, max(first, 1) - 1


def _is_true(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _is_false(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
