"""What the calls in a function say about streaming."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from langchain_core.runnables import Runnable

from .code_callbacks import replaces_callbacks
from .code_names import Names, is_false, is_true
from .code_objects import (
    UNKNOWN,
    Scope,
    body_of_tool,
    functions_of,
    pregel_in,
    tools_in,
    user_function,
)
from .code_pieces import joined_streams
from .code_receivers import MODEL_CALLS, receiver_kind
from .code_threads import other_thread

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
RAW_PATHS = (
    "/completions",
    "chat/completions",
    "v1/responses",
    "v1/complete",
    "v1/messages",
    ":generateContent",
    "api/chat",
    "api/generate",
)
BELOW_INVOKE = frozenset(["generate", "agenerate", "generate_prompt", "agenerate_prompt"])
"""Methods of a model that take callbacks as an argument, and none from the context."""


DISPATCHES = frozenset(["dispatch_custom_event", "adispatch_custom_event"])
"""Functions of LangChain's that send an event to callbacks, which no stream mode hears."""


class Visit:
    """What one expression of a function says."""

    __slots__ = ("call", "follow", "graph", "line", "task", "values", "writes")

    def __init__(self, line: int) -> None:
        self.line = line
        self.call: dict[str, Any] | None = None
        self.graph: Any = None
        self.values: list[Any] = []
        self.follow: list[tuple[Any, bool]] = []
        self.writes = False
        self.task = ""


def visits(tree: ast.AST, scope: Scope, *, blocks: bool) -> Iterator[Visit]:
    """Each expression of a function, with what it says; `blocks` if sync calls in it stop the event loop."""
    names = Names(tree, scope)
    unused = {id(call) for call in _unused_calls(tree)}
    joined = {id(call) for call in joined_streams(names)}
    for node, threaded in names.expressions():
        visit = Visit(getattr(node, "lineno", 1))
        if isinstance(node, ast.Call):
            _read_call(node, names, visit, blocks=blocks and not threaded)
            visit.writes = visit.writes and id(node) not in unused
            if visit.call is None and id(node) in joined and not _is_runnable(node.func, names):
                visit.call = {"kind": "joined stream", "text": ast.unparse(node)[:120]}
        elif isinstance(node, ast.Name | ast.Attribute):
            value = names.value(node)
            if value is not UNKNOWN:
                visit.values.append(value)
                visit.call = _told_by_a_value(value)
                if (function := user_function(value, called=False)) is not None:
                    visit.follow.append((function, False))
        elif isinstance(node, ast.Constant):
            visit.call = _told_by_a_value(node.value)
        elif isinstance(node, ast.Subscript) and (value := names.value(node)) is not UNKNOWN:
            visit.values.append(value)
            visit.call = _told_by_a_value(value)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_handed_on(node, names):
            visit.call = {"kind": "thread writer", "text": f"{node.name}: get_stream_writer()", "handed_on": True}
        yield visit


def _unused_calls(tree: ast.AST) -> Iterator[ast.expr]:
    """The calls whose results nothing in the tree reads, such as that of a writer which never writes."""
    read = {name.id for name in ast.walk(tree) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load)}
    for statement in ast.walk(tree):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if name not in read:
                yield call
            case ast.Expr(value=ast.Call(func=ast.Name(id="get_stream_writer")) as call):
                yield call


def _told_by_a_value(value: Any) -> dict[str, Any] | None:
    tags = value.get("tags") if type(value) is dict else value
    if isinstance(tags, str | list | tuple | set) and "nostream" in ([tags] if isinstance(tags, str) else tags):
        return {"kind": "no stream tag", "text": "nostream"}
    if isinstance(value, str) and any(path in value for path in RAW_PATHS):
        return {"kind": "raw client", "text": value[:80]}
    return None


def _read_call(node: ast.Call, names: Names, visit: Visit, *, blocks: bool) -> None:
    function, text = node.func, ast.unparse(node)[:120]
    dotted, value = names.dotted(function), names.value(function)
    last = dotted.rpartition(".")[2]
    keywords = {word.arg: word.value for word in node.keywords}
    visit.writes = last in ("get_stream_writer", "stream_writer", "writer") or dotted.endswith("stream_writer")
    if (followed := user_function(value)) is not None:
        # LangGraph runs a sync task in a thread.
        is_task = type(value).__module__.startswith("langgraph.func")
        visit.follow.append((followed, inspect.iscoroutinefunction(followed) or (blocks and not is_task)))
        visit.task = followed.__name__ if is_task else ""
    visit.follow += _tools_called(function, last, names, blocks=blocks)
    visit.follow += _steps_called(function, last, names, blocks=blocks)
    visit.call = _told_by_its_name(node, dotted, keywords, names) or _call_of_a_model(
        node, last, keywords, names, blocks
    )
    if visit.call is None and dotted.startswith(BLOCKING):
        visit.call = {"kind": "blocking" if blocks else "waiting"}
    if visit.call is not None:
        visit.call["text"] = text
        if visit.call["kind"] == "nested graph" and isinstance(function, ast.Attribute):
            visit.graph = pregel_in(names.value(function.value))


def _is_runnable(function: ast.AST, names: Names) -> bool:
    return isinstance(function, ast.Attribute) and isinstance(names.value(function.value), Runnable)


def _tools_called(function: ast.AST, last: str, names: Names, *, blocks: bool) -> list[tuple[Any, bool]]:
    """The bodies of the tools that this invokes: one, or any of a collection that is looked up while it runs."""
    if not isinstance(function, ast.Attribute) or last not in ("invoke", "ainvoke", "run", "arun"):
        return []
    receiver = names.local_call(function.value)
    value = names.value(receiver)
    if value is UNKNOWN and isinstance(receiver, ast.Subscript):
        value = names.value(receiver.value)
    found = [body for tool in tools_in(value) if (body := body_of_tool(tool)) is not None]
    awaited = last.startswith("a")
    return [(body, inspect.iscoroutinefunction(body) if awaited else blocks) for body in found]


def _steps_called(function: ast.AST, last: str, names: Names, *, blocks: bool) -> list[tuple[Any, bool]]:
    """The author's functions in a chain that this invokes; a sync one in an awaited chain runs in a thread."""
    if not isinstance(function, ast.Attribute) or last not in MODEL_CALLS:
        return []
    chain = names.value(function.value)
    if not isinstance(chain, Runnable) or pregel_in(chain) is not None:
        return []
    steps = [step for found in functions_of(chain) if (step := user_function(found)) is not None]
    return [(step, inspect.iscoroutinefunction(step) or (blocks and not last.startswith("a"))) for step in steps]


def _is_handed_on(function: ast.FunctionDef | ast.AsyncFunctionDef, names: Names) -> bool:
    """Whether this function writes to the stream, and is given away to be called by somebody else."""
    if "get_stream_writer()" not in ast.unparse(function):
        return False
    called = {id(part.func) for part in ast.walk(names.tree) if isinstance(part, ast.Call)}
    used = [part for part in ast.walk(names.tree) if isinstance(part, ast.Name) and part.id == function.name]
    return bool(used) and not any(id(part) in called for part in used)


def _told_by_its_name(
    node: ast.Call, dotted: str, keywords: Mapping[str | None, ast.expr], names: Names
) -> dict[str, Any] | None:
    last = dotted.rpartition(".")[2]
    kind = "raw client" if _is_raw(node.func, dotted, names) else other_thread(node, last, keywords, names)
    if kind is None and last == "with_structured_output":
        kind = "structured"
    elif kind is None and last in DISPATCHES and ("." not in dotted or dotted.startswith("langchain_core.")):
        kind = "dispatched event"
    elif kind is None and last in ("AIMessage", "AIMessageChunk") and not {"id", None} & keywords.keys():
        kind = None if _is_given_to_a_fake(node, names) else "rebuilt message"
    elif kind is None and (is_false(keywords.get("streaming")) or is_true(keywords.get("disable_streaming"))):
        kind = "no streaming"
    return None if kind is None else {"kind": kind}


def _is_given_to_a_fake(message: ast.Call, names: Names) -> bool:
    """Whether this message is what a model of a test is made to say: it is no answer that was built again."""
    outer = (part for part in ast.walk(names.tree) if isinstance(part, ast.Call) and part is not message)
    made = (part for part in outer if ast.unparse(part.func).endswith(("Model", "iter")))
    return any(inner is message for part in made for inner in ast.walk(part))


def _call_of_a_model(
    node: ast.Call, last: str, keywords: Mapping[str | None, ast.expr], names: Names, blocks: bool
) -> dict[str, Any] | None:
    """A call of a model or of a graph, whether it is sync, and whether the node's config is handed on."""
    function = node.func
    if not isinstance(function, ast.Attribute):
        return None
    if last in BELOW_INVOKE and "callbacks" not in keywords and receiver_kind(function.value, names) == "model":
        return {"kind": "lost context", "method": last}
    if last not in MODEL_CALLS:
        return None
    kind, sync = receiver_kind(function.value, names), not last.startswith("a")
    unknown = kind is None and names.value(function.value) is UNKNOWN
    if (kind == "model" or unknown) and replaces_callbacks(node, names):
        return {"kind": "lost context" if kind else "own callbacks", "callbacks": True}
    if kind is None:
        return None
    has_config = len(node.args) > 1 or "config" in keywords or None in keywords
    kind = "sync model" if kind == "model" and sync and blocks else kind
    return {"kind": kind, "sync": sync, "config": has_config, "blocks": sync and blocks}


def _is_raw(function: ast.AST, dotted: str, names: Names) -> bool:
    root: ast.AST = function
    while isinstance(root, ast.Attribute):
        root = root.value
    held = names.value(root)
    if isinstance(held, Runnable):
        return False
    kind = type(held).__module__ if held is not UNKNOWN and not inspect.ismodule(held) else ""
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
