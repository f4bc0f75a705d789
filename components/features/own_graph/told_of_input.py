"""What is said beside the form of a graph of one's own: what it holds, and which fields a node misses or may miss."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from components.run_panel.input_form.form import empty_texts
from components.run_panel.last_inputs import Values, shown
from components.shell.format import code, escape_markdown
from streaming.core.graph_prompt import prompt_field, sure_prompt_field
from streaming.core.run import Run

_MISSED = re.compile(r"KeyError: '([^']+)'")


def held_in_short(parts: Values, wrong: Sequence[str]) -> str:
    """The input in one line, with the context and the configurable values where it has any; or what is wrong in it."""
    if wrong and parts["Input"] is None:
        # Instead of a value that nobody has written; the sentence beside Run may be behind the open form.
        return f":orange[:material/edit: {escape_markdown(wrong[0])}]"
    others = [f"{title}: {code(shown(value))}" for title, value in parts.items() if value and title != "Input"]
    # As code, in which an address is no link.
    return " · ".join([code(shown(parts["Input"])), *others])


def may_be_missed(schema: Mapping[str, Any], value: Any, named: set[str]) -> str:
    """What a node may miss in this input, as a sentence, beside the fields whose troubles are `named`; may be empty."""
    if not isinstance(value, Mapping):
        return ""
    if empty := [name for name in empty_texts(schema, value) if name not in named]:
        return f"Required, but empty in *Input*: {escape_markdown(', '.join(empty))}"
    # A state of LangGraph requires no field, so that only an input of nothing is one that lacks something.
    prompt = prompt_field(schema)
    if prompt is None or prompt in named or any(value.values()) or "default" in schema["properties"][prompt]:
        return ""
    sure = sure_prompt_field(schema)
    return "Nothing is written in *Input*" + (f": {escape_markdown(sure)}" if sure else ".")


def was_missed(schema: Mapping[str, Any], value: Any, run: Run | None) -> str:
    """Which empty field the form left out, so that a node of this run failed; empty if it is filled in now."""
    given = run.request.input if run is not None and run.ended is not None else None
    found = _MISSED.search(run.ended.reason) if run is not None and run.ended is not None else None
    if not found or not isinstance(given, Mapping) or not isinstance(value, Mapping):
        return ""
    name = found[1]
    if name not in (schema.get("properties") or {}) or name in given or name in value:
        return ""
    return f"Empty in *Input*, so the form left it out, and a node missed it: {escape_markdown(name)}"
