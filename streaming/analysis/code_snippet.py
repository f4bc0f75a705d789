"""The code that a reader can copy to get the same stream: complete, and run by the tests."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from streaming.core.errors import InputError
from streaming.core.events import Mode
from streaming.core.json_paths import Path as JsonPath
from streaming.core.json_paths import changed_at, part_at
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec, Pace, Provider
from streaming.core.request import (
    NO_CONFIG,
    Api,
    GraphSource,
    HasDescription,
    HasEnvironment,
    HasOpening,
    HasProgram,
    RunRequest,
)
from streaming.core.secret_fields import HIDDEN
from streaming.core.serialization import to_plain
from streaming.core.typed_secrets import paths_of
from streaming.providers.catalogue import DEFAULT_MODELS, KEY_ENV
from streaming.providers.url_policy import url_without_credentials

_NOT_OF_A_NAME = re.compile(r"\W+", re.ASCII)
_NEED_CHECKPOINTER = {"checkpoints", "debug"}

_INIT_CHAT_MODEL: dict[Provider, str] = {"openai": "langchain-openai", "groq": "langchain-groq"}
"""The packages of the providers that `init_chat_model` knows by name; the first one replaces all others."""

_PRINTED: dict[Mode, str] = {
    "values": 'print("state:", part["data"])',
    "updates": 'print("changed by", *part["data"], part["data"])',
    "messages": 'print(part["data"][0].text, end="", flush=True)',
    "custom": 'print("reported:", part["data"])',
    "tasks": 'print("task:", part["data"]["name"], "ended" if "result" in part["data"] else "started")',
    "checkpoints": 'print("saved, next:", part["data"]["next"])',
    "debug": 'print(part["data"]["step"], part["data"]["type"], part["data"]["payload"])',
    "tools": 'print("tool:", part["data"])',
}
"""What a program does with a part of each mode, in one line."""

_PRINTED_OF_MANY = (
    'print((one := part["data"][0]).text, end="\\n" if getattr(one, "chunk_position", "last") else "", flush=True)'
)
"""The line of `messages` for a graph with several messages, such as those of tools: each ends its line."""

_TEMPLATES: dict[Api, str] = {
    "stream modes": "stream_modes.py.jinja",
    "events v2": "events_v2.py.jinja",
    "events v3": "events_v3.py.jinja",
    "events v3, typed": "events_v3_typed.py.jinja",
    "invoke": "invoke.py.jinja",
}


def python_script(request: RunRequest, *, before: Sequence[RunRequest] = (), answering: bool = False) -> str:
    """A script that requests the same stream from LangGraph as this request does.

    `before` are the requests that led to this one in its thread, oldest first: the script begins with them. With
    `answering` it continues after an interrupt, with an answer to every question.
    """
    *earlier, last = _merge_resumed([*before, request])
    remembers = answering or bool(earlier or last.interrupt_before or _NEED_CHECKPOINTER & set(last.modes))
    return _ENVIRONMENT.get_template(_TEMPLATES[last.api]).render(
        request=last,
        earlier=earlier,
        remembers=remembers,
        answering=answering,
        modes=list(last.modes),
        scripted=last.model.provider == "scripted",
        streamed_as=", ".join(last.modes) if last.api == "stream modes" else last.api,
        model_settings=_model_settings(last.model),
    )


def project_script(
    request: RunRequest, *, before: Sequence[RunRequest] = (), answering: bool = False, waits: bool = False
) -> str:
    """A program that needs nothing of this repository: a small graph, read in the modes or by the API of this request.

    With `answering` its graph asks a question, which it answers itself. A graph that a program can use as it is takes
    the place of the small one: it gets the answers of this request and of those `before` it in its thread, oldest
    first, and the program says so if it `waits` for another one.
    """
    resumed_with = _resumed_with([*before, request])
    modes = list(request.modes)
    made = request.graph.program if isinstance(request.graph, HasProgram) else ()
    forks = [one.fork for one in (*before, request) if one.fork] if made else []
    fork = forks[0] if len(forks) == 1 and request.fork and not resumed_with and not waits else None
    answering, waits = answering or bool(resumed_with), waits or (resumed_with is None and not forks)
    remembers = answering or bool(made) or bool(_NEED_CHECKPOINTER & set(modes))
    provider = request.model.provider if request.model.provider in _INIT_CHAT_MODEL else "openai"
    name = request.model.model if request.model.provider == provider else ""
    variables = _variables(request) if made else {}
    config = _placed(_config_of_own(request), "configurable", variables, under=("configurable",)) if made else {}
    if fork:
        fork = replace(fork, edits=_placed(fork.edits, "edits", variables))
    return _ENVIRONMENT.get_template("project.py.jinja").render(
        request=request,
        made=[f"CONFIG = {config!r}" if line == NO_CONFIG else line for line in made],
        environment=request.graph.environment if isinstance(request.graph, HasEnvironment) else (),
        gets_saver=bool(made) and _gets_saver(request, answering=answering or waits or bool(forks)),
        fork=fork,
        forked=bool(forks) and fork is None,
        typed=", ".join(dict.fromkeys(map(str, variables.values()))),
        given=_placed(_given(request), "input", variables) if made else None,
        opening=request.graph.opening if isinstance(request.graph, HasOpening) else (),
        input_code=_input_code(request) if made else {},
        options=_placed(_options_of_own(request), "context", variables, under=("context",)) if made else {},
        config="CONFIG" if NO_CONFIG in made else repr(config),
        parts=_names_of_parts(request),
        modes=modes,
        agent="tools" in modes,
        answering=answering,
        resumed_with=resumed_with or [_resuming("Good, publish it.")],
        waits=waits and bool(made),
        remembers=remembers,
        package=_INIT_CHAT_MODEL[provider],
        key=KEY_ENV[provider],
        model=f"{provider}:{name or DEFAULT_MODELS[provider]}",
        PRINTED=lines_of_modes(request),
    )


class _Variable(str):
    """The name of a variable of the environment, which the program reads in the place of a secret."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f'os.environ["{self}"]'


def _variables(request: RunRequest) -> dict[JsonPath, _Variable]:
    """A variable for each secret that was typed for this request, named like its field."""
    values = {secret.path: secret.value for secret in reversed(request.secrets) if secret.path}
    several = {
        path[1:]
        for path, value in values.items()
        for other in values
        if path[1:] == other[1:] and value != values[other]
    }
    return {path: _variable(path if path[1:] in several else path[1:]) for path in paths_of(request)}


def _variable(path: JsonPath) -> _Variable:
    return _Variable(_NOT_OF_A_NAME.sub("_", "_".join(map(str, path))).upper() or "SECRET")


def _placed(value: Any, part: str, variables: Mapping[JsonPath, _Variable], *, under: JsonPath = ()) -> Any:
    """The value of this part of a request with a variable for each secret; `under` this path of a larger value."""
    for path, variable in variables.items():
        if path[0] == part and part_at(value, (*under, *path[1:])) == HIDDEN:
            value = changed_at(value, (*under, *path[1:]), variable)
    return value


def _resumed_with(requests: Sequence[RunRequest]) -> list[str] | None:
    """What these requests went on with in turn, as code; `None` if a program cannot give it.

    The id of a question is another one in each run, so several at once are answered by nobody else; and what a fork
    went back to may have been answered otherwise.
    """
    given = [request.resume.answers for request in requests if request.resume and _goes_on(request)]
    if not given:
        return []
    if any(len(answers) > 1 for answers in given) or any(request.fork for request in requests):
        return None
    return [start for answers in given for start in [*map(_resuming, answers.values())] or ["None"]]


def _resuming(answer: Any) -> str:
    return f"Command(resume={_python(to_plain(answer))})"


def _goes_on(request: RunRequest) -> bool:
    """Whether a request goes on after a question, or after a pause before a node, which asks nothing."""
    return bool(request.resume and (request.resume.answers or request.interrupt_before))


def _gets_saver(request: RunRequest, *, answering: bool) -> bool:
    """Whether a graph of the reader's, which got its checkpointer from its process here, needs one in the program."""
    needs = answering or request.interrupt_before or _NEED_CHECKPOINTER & set(request.modes)
    graph = request.graph
    return bool(needs) and isinstance(graph, HasDescription) and graph.description.checkpointer == "InMemorySaver"


def _given(request: RunRequest) -> Any:
    """The input as plain values; for a graph whose input needs more than a prompt, an empty one before it is known."""
    try:
        return to_plain(request.graph.to_input(request.prompt) if request.input is None else request.input)
    except InputError:
        return {}


def _input_code(request: RunRequest) -> Mapping[str, Any]:
    """The function, and its imports, that makes the objects which the graph takes of the input."""
    return request.graph.description.input_code if isinstance(request.graph, HasDescription) else {}


def _options_of_own(request: RunRequest) -> dict[str, Any]:
    """The keyword arguments of a graph that is used as it is; where all of its context has defaults, it gets those."""
    schema = request.graph.description.context_schema if isinstance(request.graph, HasDescription) else {}
    with_defaults = bool(schema.get("properties")) and not schema.get("required")
    return ({"context": {}} if with_defaults else {}) | _options(request)


def _config_of_own(request: RunRequest) -> dict[str, Any]:
    """The config of a graph that is used as it is: its thread, its configurable values and its own limit."""
    config = {"configurable": {"thread_id": "one", **(request.configurable or {})}}
    limit = request.limits.supersteps
    return config if limit in (None, Limits().supersteps) else {**config, "recursion_limit": limit}


def _names_of_parts(request: RunRequest) -> str:
    """What the loop calls a part: one name in version 2, or those of its tuple where version 2 cannot be had."""
    if not isinstance(request.graph, HasProgram) or _has_typed_parts(request.graph):
        return "part"
    return "namespace, mode, data" if request.subgraphs else "mode, data"


def _has_typed_parts(graph: GraphSource) -> bool:
    return not isinstance(graph, HasDescription) or graph.description.typed_parts


def lines_of_modes(request: RunRequest) -> dict[Mode, str]:
    """The line of `project_script` that takes the parts of each mode; none for another API than the stream modes."""
    if request.api != "stream modes":
        return {}
    made: dict[Mode, str] = {"messages": _PRINTED_OF_MANY} if isinstance(request.graph, HasProgram) else {}
    lines = {mode: {**_PRINTED, **made}[mode] for mode in request.modes}
    if _names_of_parts(request) == "part":
        return lines
    return {mode: line.replace('part["data"]', "data") for mode, line in lines.items()}


def _merge_resumed(requests: Sequence[RunRequest]) -> list[RunRequest]:
    """The requests without interrupts: a request that resumed a run replaces the one of that run."""
    merged: list[RunRequest] = []
    for request in requests:
        if request.resume is not None and request.replaces_run_id is None and merged:
            merged[-1] = replace(request, fork=merged[-1].fork)
            continue
        if request.fork is not None and not merged:
            merged.append(replace(request, fork=None))
        merged.append(request)
    return merged


def _graph_input(request: RunRequest) -> str:
    return "None" if request.fork else f"GRAPH.to_input({request.prompt!r})"


def _config_name(request: RunRequest) -> str:
    return "fork" if request.fork else "config"


def _options(request: RunRequest) -> dict[str, Any]:
    """The keyword arguments for the request's context and breakpoints, where it has any."""
    context = {} if request.context is None else {"context": dict(request.context)}
    return context | ({"interrupt_before": list(request.interrupt_before)} if request.interrupt_before else {})


def _edits(edits: Mapping[str, Any]) -> str:
    """The changed fields as Python; a changed message replaces the last one, whose id differs in each thread."""
    items: list[str] = []
    for name, value in edits.items():
        match value:
            case [{"id": _, **message}]:
                literal = f"[{{**{message!r}, 'id': saved.values[{name!r}][-1].id}}]"
            case _:
                literal = repr(value)
        items.append(f"{name!r}: {literal}")
    return f"{{{', '.join(items)}}}"


def _model_settings(spec: ModelSpec) -> dict[str, Any]:
    """The arguments of `ModelSpec`, never with a key: the script reads that from the environment."""
    return {
        "provider": spec.provider,
        **({"model": spec.model} if spec.model else {}),
        **({"base_url": url_without_credentials(spec.base_url)} if spec.base_url else {}),
        "temperature": spec.temperature,
        "max_tokens": spec.max_tokens,
        **({"pace": spec.pace} if spec.provider == "scripted" else {}),
    }


def _python(value: Any) -> str:
    """The value as a Python literal; a pace has `streams` only where it is off."""
    if not isinstance(value, Pace):
        return repr(value)
    settings = {field.name: getattr(value, field.name) for field in fields(value)}
    if value.streams:
        del settings["streams"]
    return f"Pace({', '.join(f'{name}={setting!r}' for name, setting in settings.items())})"


def _quoted(value: Any) -> str:
    """A text or a list of texts as Python, in double quotes where that needs no escapes."""
    if isinstance(value, list):
        return f"[{', '.join(map(_quoted, value))}]"
    plain = value.isprintable() and not {'"', "\\"} & set(value)
    return f'"{value}"' if plain else repr(value)


def _environment() -> Environment:
    # The result is Python, not HTML: escaping would break it, and each value enters through `repr`.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "python": _python,
        "quoted": _quoted,
        "graph_input": _graph_input,
        "config_name": _config_name,
        "options": _options,
        "edits": _edits,
    }
    return environment


_ENVIRONMENT = _environment()
