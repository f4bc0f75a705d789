"""The form of a developer's graph in the URL of a page, so that a link begins it with the same values."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, get_args

import streamlit as st

from components.shell.format import code
from components.shell.share_link import note_left_out
from components.shell.url_state import MAX_TEXT_BYTES, bytes_in_url
from streaming.core.events import MODES, Mode
from streaming.core.graph_description import GraphDescription
from streaming.core.json_input import can_be_shown, read_json
from streaming.core.json_paths import path_of
from streaming.core.request import RunRequest
from streaming.core.secret_fields import apart
from streaming.providers.likely_keys import without_likely_keys

INPUT, CONTEXT, CONFIGURABLE = "input", "context", "configurable"
STREAM_MODES, SUBGRAPHS, PAUSES, LIMIT = "stream_modes", "subgraphs", "pause_before", "recursion_limit"
GOES_ON = "goes_on"
"""Whether the run goes on with the last thread: a run has it, a URL does not, as threads belong to a visitor."""

MAX_LIMIT = 1_000
"""The highest recursion limit of the form."""
MAX_BYTES = 2 * MAX_TEXT_BYTES
"""Of all values in the URL, as encoded: servers and proxies refuse URLs of about 8 KB."""

VALUES = (INPUT, CONTEXT, CONFIGURABLE)
"""What the graph is given; the rest is how it is run, which pages of one mode choose themselves."""
_USUAL = {STREAM_MODES: list(MODES), SUBGRAPHS: True, PAUSES: [], LIMIT: MAX_LIMIT}
"""How a graph is run unless somebody changes it."""

Held = Mapping[str, Any]
"""What a form holds, or begins with, by the names in the URL."""


def held_by(request: RunRequest, given: Any) -> Held:
    """What the form of a run with this request held; its input as plain values is `given`."""
    alone = request.fork is None and request.resume is None
    return {
        INPUT: given,
        CONTEXT: request.context,
        CONFIGURABLE: request.configurable,
        STREAM_MODES: list(request.modes),
        SUBGRAPHS: request.subgraphs,
        PAUSES: list(request.interrupt_before),
        LIMIT: min(request.limits.supersteps or MAX_LIMIT, MAX_LIMIT),
        GOES_ON: alone and request.thread_id is not None and request.previous_run_id is not None,
    }


def held_by_url() -> Held:
    """What the URL says of the form; a part that cannot be read is missing."""
    query = st.query_params
    read = {name: _read(query[name]) for name in (*VALUES, PAUSES) if name in query}
    held = {name: value for name, value in read.items() if value is not None}
    if not isinstance(held.get(PAUSES, []), list):
        del held[PAUSES]
    if modes := [mode for mode in get_args(Mode) if mode in query.get(STREAM_MODES, "").split(",")]:
        held[STREAM_MODES] = modes
    if query.get(SUBGRAPHS) in ("true", "false"):
        held[SUBGRAPHS] = query[SUBGRAPHS] == "true"
    with suppress(ValueError):
        held[LIMIT] = min(max(int(query.get(LIMIT, "")[:9]), 1), MAX_LIMIT)
    return held


def put_into_url(held: Held, *, usual: Held, about: GraphDescription, secrets: Sequence[str]) -> None:
    """Put what the form holds into the URL, unless it is `usual`; say in *Share* what cannot be put there.

    Values for which it has no form are taken out. Nothing that looks like a key gets there, no field that is secret by
    the schemas of the graph, and none of these secrets.
    """
    usual = {**_USUAL, **usual}
    hidden, keys, long, room = list[str](), list[str](), list[str](), MAX_BYTES
    for name in (*(how for how in (LIMIT, SUBGRAPHS, STREAM_MODES, PAUSES) if how in held), *VALUES):
        given = held.get(name)
        value, typed = apart(given, about.schemas.get(name, {}))
        hidden += [path_of((name, *path)) for path in typed]
        value, left_out = without_likely_keys(value, secrets, name=name)
        keys += left_out
        text = "" if given == usual.get(name) or value in (None, {}) else _text(name, value)
        if (size := bytes_in_url(text)) > min(room, MAX_TEXT_BYTES):
            long.append(name)
            text = ""
        else:
            room -= size
        if text and st.query_params.get(name) != text:
            st.query_params[name] = text
        elif not text and name in st.query_params:
            del st.query_params[name]
    told = [(hidden, "it is secret"), (keys, "it may be a key"), (long, "it is too long")]
    note_left_out("; ".join(f"{', '.join(map(code, names))}, as {why}" for names, why in told if names))


def take_out_of_url() -> None:
    """Take out the values of a form that the page does not have."""
    for name in VALUES:
        st.query_params.pop(name, None)


def _text(name: str, value: Any) -> str:
    if name == STREAM_MODES:
        return ",".join(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _read(text: str) -> Any:
    """The value of a JSON text that a form can begin with; `None` for any other."""
    value, trouble = read_json(text) if len(text) <= MAX_BYTES else (None, "too long")
    if trouble or not can_be_shown(value):
        return None
    return value
