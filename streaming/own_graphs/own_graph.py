"""One graph of the developer's, as the rest of the app sees it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.base import BaseCheckpointSaver

from streaming.core.errors import InputError
from streaming.core.graph_description import GraphDescription
from streaming.core.graph_prompt import MESSAGES, prompt_field, prompt_is_input, prompt_is_messages
from streaming.core.model_spec import ModelSpec
from streaming.core.request import NO_CONFIG, RunnableGraph
from streaming.own_graphs.process import GraphProcess
from streaming.own_graphs.proxy import ProxiedGraph
from streaming.own_graphs.sources import OWN_PREFIX, Source
from streaming.own_graphs.worker.factories import COMPILED, CONFIG

OWN_MODEL = ModelSpec(provider="own", max_tokens=None)
"""The model of a run of such a graph: not ours, and it may cost money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnGraph:
    """A graph source whose graph runs in another process."""

    source: Source
    process: GraphProcess = field(repr=False, compare=False)
    examples: tuple[str, ...] = ()
    writes_custom: bool = False

    @property
    def description(self) -> GraphDescription:
        """Its nodes, edges and schemas; empty until it has been loaded."""
        return self.process.loaded.description

    @property
    def trouble(self) -> str:
        """Why it cannot be loaded, with file, line and cure; empty if it can, or if it has not been loaded yet."""
        return self.process.loaded.trouble

    @property
    def notice(self) -> str:
        """What of its `langgraph.json` and of its object has no effect here, in sentences; empty for nothing."""
        left_out, wanted, runs_on = self.description.left_out, self.source.python, self.description.python
        alone = f"The graph runs here without {' and '.join(left_out)}." if left_out else ""
        other = wanted and runs_on and not f"{runs_on}.".startswith(f"{wanted}.")
        python = f"Its langgraph.json asks for Python {wanted}; it runs on {runs_on}." if other else ""
        return " ".join(filter(None, (self.source.notice, alone, python)))

    @property
    def name(self) -> str:
        """The graph's name in URLs and recordings."""
        return self.source.name

    @property
    def title(self) -> str:
        """Its name on screen."""
        return self.name.removeprefix(OWN_PREFIX).replace("-", " ").capitalize()

    @property
    def summary(self) -> str:
        """Where it comes from: the name of its file before the folder, which a narrow window cuts off."""
        file = Path(self.source.target)
        where = f"{file.name}, in {file.parent}" if file.is_absolute() else self.source.target
        return f"Your own: {self.source.attribute} in {where}"

    @property
    def module(self) -> str:
        """The file or module with the graph's code."""
        return self.source.target

    @property
    def place(self) -> str:
        """Its file or module and its name, as the setting `GRAPH` takes them."""
        return f"{self.source.target}:{self.source.attribute}"

    @property
    def program(self) -> tuple[str, ...]:
        """Imports it as its project does."""
        name, *held = self.source.attribute.split(".")
        folder, made_by = self.description.folder or "its project", self.description.made_by
        where = f"# From {self.source.target}: save this in {folder}, and run it there."
        if made_by is None:
            where += f" Make the graph of {self.source.attribute} here, which is none itself."
        config = (NO_CONFIG,) if CONFIG in (made_by or "") else ()
        if self.opening:
            return (where, *_import(self._module, name), *(("", *config) if config else ()))
        if not held and not made_by:
            return (where, *_import(self._module, name, of="graph"))
        made = f"graph = {'.'.join((name, *held))}{made_by or ''}"
        return (where, *_import(self._module, name), "", *config, made)

    @property
    def environment(self) -> tuple[str, ...]:
        """The lines that set the variables of its project, without their values; empty if it has none."""
        file, folder, names = self.source.env_file, self.description.folder, ", ".join(self.source.variables)
        lines = (f"# Set first, as its langgraph.json does: {names}",) if names else ()
        if file is None or not file.is_file():
            return lines
        path = file.relative_to(folder) if folder and file.is_relative_to(folder) else file
        load = f"load_dotenv({str(path)!r}, override=True)  # pip install python-dotenv"
        return (*lines, "from dotenv import load_dotenv", "", load)

    @property
    def _module(self) -> str:
        """The name by which a program imports it, as far as it is known before it has been loaded."""
        return self.description.module or Path(self.source.target).name.removesuffix(".py")

    @property
    def opening(self) -> tuple[str, ...]:
        """Makes the graph in an async function, where its factory is one or returns a context manager."""
        opened_by, made_by = self.description.opened_by, self.description.made_by
        if not opened_by or made_by is None:
            return ()
        call, compiled = made_by.removesuffix(COMPILED), COMPILED if made_by.endswith(COMPILED) else ""
        made = f"{self.source.attribute}{call}"
        if opened_by == "await":
            return (f"await stream({f'(await {made}){compiled}' if compiled else f'await {made}'})",)
        return (f"{opened_by} {made} as graph:", f"    await stream(graph{compiled})")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The keys in its environment."""
        return self.source.secrets

    @property
    def multi_turn(self) -> bool:
        """Whether its threads are conversations: its state has messages."""
        return prompt_field(self.description.input_schema) == MESSAGES

    def keeps_thread(self, thread_id: str) -> bool:
        """Whether a run can go on from this thread: one that is kept in memory ends with the process of the graph."""
        about = self.description
        # Before it has been loaded, nothing is known of its checkpointer.
        return about.threads_last or not about.checkpointer or self.process.had_thread(thread_id)

    def look_at_files(self) -> bool:
        """Whether its files have changed since it was loaded; what uses it soon afterwards looks at none again."""
        return self.process.changed

    def build(self, model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> RunnableGraph:
        """The graph in its process, which starts with the first call; it has a model and a checkpointer of its own."""
        del model, checkpointer
        return ProxiedGraph(self.process)

    def to_input(self, prompt: str, /) -> Any:
        """One human message, or the first field of text; raises `InputError` if the input needs its form.

        Waits until the graph is loaded, which may take some seconds after the start of the server.
        """
        schema = self.process.load().description.input_schema
        if prompt_is_input(schema):
            return prompt
        if prompt_is_messages(schema):
            return [HumanMessage(prompt)]
        name = prompt_field(schema)
        if name == MESSAGES:
            return {name: [HumanMessage(prompt)]}
        if name is None:
            raise InputError(
                f"The input of {Path(self.source.target).name}:{self.source.attribute} has no field for a prompt.",
                advice="Fill in its form (*Input* beside the graph), or give it in a terminal by --input '{…}'.",
            )
        return {name: prompt}


def _import(module: str, name: str, *, of: str = "") -> tuple[str, ...]:
    """Lines that import a name, as `of` if it is given; a folder's name need not be one of Python's."""
    called = of or name
    if all(part.isidentifier() for part in module.split(".")):
        return (f"from {module} import {name}" + ("" if called == name else f" as {called}"),)
    return ("import importlib", "", f'{called} = importlib.import_module("{module}").{name}')
