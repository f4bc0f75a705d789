"""The code that a reader can copy to get the same stream: complete, and run by the tests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from streaming.core.model_spec import ModelSpec
from streaming.core.request import Api, RunRequest
from streaming.providers.url_policy import url_without_credentials

_NEED_MEMORY = {"checkpoints", "debug"}

_LOOPS: dict[Api, Sequence[str]] = {
    "stream modes": (
        "parts = graph.astream(",
        "    {input},",
        "{config}",
        "    stream_mode={modes!r},",
        "    subgraphs={subgraphs!r},",
        "{options}",
        '    version="v2",',
        ")",
        "async for part in parts:",
        '    print(part["type"], part["ns"], part["data"])',
    ),
    "events v2": (
        "events = graph.astream_events(",
        "    {input},",
        "{config}",
        "{options}",
        '    version="v2",',
        ")",
        "async for event in events:",
        '    print(event["event"], event["name"], event["data"])',
    ),
    "events v3": (
        "stream = await graph.astream_events(",
        "    {input},",
        "{config}",
        "{options}",
        '    version="v3",',
        ")",
        "async with stream:",
        "    async for event in stream:",
        '        print(event["method"], event["params"]["namespace"], event["params"]["data"])',
    ),
    "events v3, typed": (
        "stream = await graph.astream_events(",
        "    {input},",
        "{config}",
        "{options}",
        '    version="v3",',
        ")",
        "async with stream:",
        "    async for message in stream.messages:",
        "        async for piece in message.text:",
        "            print(message.node, piece)",
        '    print("the end:", await stream.output())',
    ),
    "invoke": (
        "state = await graph.ainvoke(",
        "    {input},",
        "{config}",
        "{options}",
        ")",
        "print(state)",
    ),
}

_ANSWERS = (
    "while (state := await graph.aget_state(config)).next:",
    "    # One answer for each pending question, by its id; a static breakpoint has none and goes on with None.",
    "    asked = [question for task in state.tasks for question in task.interrupts]",
    '    answers = {{question.id: {{"action": "approve", "choice": "mail"}} for question in asked}}',
    "    parts = graph.astream(",
    "        Command(resume=answers) if answers else None,",
    "        config,",
    "        stream_mode={modes!r},",
    "        subgraphs={subgraphs!r},",
    "    {options}",
    '        version="v2",',
    "    )",
    "    async for part in parts:",
    '        print(part["type"], part["ns"], part["data"])',
)


def python_script(request: RunRequest, *, before: Sequence[RunRequest] = (), answering: bool = False) -> str:
    """A script that asks LangGraph for the same stream as this request does.

    `before` led to this request in its thread, oldest first: the script begins with it. With `answering` it goes on
    after an interrupt, with an answer to every question.
    """
    *earlier, last = _unbroken([*before, request])
    remembers = answering or bool(earlier or last.interrupt_before or _NEED_MEMORY & set(last.modes))
    scripted = last.model.provider == "scripted"
    loop = [*_LOOPS[last.api], *(_ANSWERS if answering else ())]
    lines = [
        f'"""The {last.graph.name} graph, streamed as {_streamed_as(last)}: run it from the root of this '
        'repository."""',
        "",
        "import asyncio",
        "",
        *_library_imports(remembers=remembers, answering=answering),
        f"from {last.graph.module} import GRAPH",
        f"from streaming.providers import ModelSpec, {'Pace, ' if scripted else ''}open_model",
        "",
        "",
        "async def main() -> None:",
        f"    model = await open_model({_spec(last.model)})",
        f"    graph = GRAPH.build(model{', checkpointer=InMemorySaver()' if remembers else ''})",
        *(['    config = {"configurable": {"thread_id": "one"}}'] if remembers else []),
        *(["    # What the thread knows already."] if earlier else []),
        *(f"    {line}" for one in earlier for line in _invoked(one)),
        *(f"    {line}" for line in _way_back(last)),
        *_filled(loop, last, remembers=remembers),
        "",
        "",
        "asyncio.run(main())",
        "",
    ]
    return "\n".join(lines)


def _unbroken(requests: Sequence[RunRequest]) -> list[RunRequest]:
    """The requests as if nothing had come in between: one that went on with a run that stood still is one with it."""
    told: list[RunRequest] = []
    for request in requests:
        if request.resume is not None and request.replaces_run_id is None and told:
            told[-1] = replace(request, fork=told[-1].fork)
            continue
        if request.fork is not None and not told:
            told.append(replace(request, fork=None))
        told.append(request)
    return told


def _invoked(request: RunRequest) -> list[str]:
    """An earlier run of the thread, without its stream."""
    options = [option.strip(" ,") for option in _options(request)]
    return [*_way_back(request), f"await graph.ainvoke({', '.join([_input(request), _config(request), *options])})"]


def _way_back(request: RunRequest) -> list[str]:
    """The checkpoint that a fork starts from, with its changes; its id is another one in another thread."""
    if (fork := request.fork) is None:
        return []
    return [
        f"# Back to what was saved after step {fork.step}{', with a change' if fork.edits else ''}.",
        "history = graph.aget_state_history(config)",
        f'saved = [state async for state in history if state.metadata["step"] == {fork.step}][0]',
        f"there = await graph.aupdate_state(saved.config, {_edits(fork.edits)})"
        if fork.edits
        else "there = saved.config",
    ]


def _edits(edits: Mapping[str, Any]) -> str:
    """The changed fields as Python; a message takes the place of the last one, whose id is another in each thread."""
    fields: list[str] = []
    for name, value in edits.items():
        match value:
            case [{"id": _, **message}]:
                said = f"[{{**{message!r}, 'id': saved.values[{name!r}][-1].id}}]"
            case _:
                said = repr(value)
        fields.append(f"{name!r}: {said}")
    return f"{{{', '.join(fields)}}}"


def _input(request: RunRequest) -> str:
    return "None" if request.fork else f"GRAPH.to_input({request.prompt!r})"


def _config(request: RunRequest) -> str:
    return "there" if request.fork else "config"


def _options(request: RunRequest) -> list[str]:
    return [
        *([f"    context={dict(request.context)!r},"] if request.context is not None else []),
        *([f"    interrupt_before={list(request.interrupt_before)!r},"] if request.interrupt_before else []),
    ]


def _streamed_as(request: RunRequest) -> str:
    return ", ".join(request.modes) if request.api == "stream modes" else request.api


def _library_imports(*, remembers: bool, answering: bool) -> list[str]:
    wanted = [
        *(["from langgraph.checkpoint.memory import InMemorySaver"] if remembers else []),
        *(["from langgraph.types import Command"] if answering else []),
    ]
    return [*wanted, ""] if wanted else []


def _filled(loop: Sequence[str], request: RunRequest, *, remembers: bool) -> list[str]:
    lines: list[str] = []
    for line in loop:
        indent = line.removesuffix("{options}")
        if indent != line:
            lines += [f"{indent}{option}" for option in _options(request)]
        elif line == "{config}":
            lines += [f"    {_config(request)},"] if remembers else []
        else:
            lines.append(line.format(input=_input(request), modes=list(request.modes), subgraphs=request.subgraphs))
    return [f"    {line}" for line in lines]


def _spec(spec: ModelSpec) -> str:
    """The model's settings as Python; a key is never among them, the environment has it."""
    settings = [f"provider={spec.provider!r}"]
    if spec.model:
        settings.append(f"model={spec.model!r}")
    if spec.base_url:
        settings.append(f"base_url={url_without_credentials(spec.base_url)!r}")
    settings.append(f"temperature={spec.temperature!r}")
    settings.append(f"max_tokens={spec.max_tokens!r}")
    if spec.provider == "scripted":
        pace = spec.pace
        streams = "" if pace.streams else ", streams=False"
        settings.append(
            f"pace=Pace(ttft_ms={pace.ttft_ms}, tokens_per_s={pace.tokens_per_s}, jitter={pace.jitter}, "
            f"chunk_tokens={pace.chunk_tokens}, tokens={pace.tokens}{streams})"
        )
    inner = "".join(f"            {setting},\n" for setting in settings)
    return f"\n        ModelSpec(\n{inner}        )\n    "
