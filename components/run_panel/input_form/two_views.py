"""The two views of one value, a form and raw JSON: the one that is chosen begins with what the other has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.run_panel.input_form.drawing import WHOLE_HEIGHT, draw, json_input, text_of
from components.run_panel.input_form.field_values import MISSING, key_of
from components.run_panel.input_form.fields import Field, Schema, filled, holding
from components.run_panel.input_form.losses import loss_of, same
from components.shell.format import code, escape_markdown
from components.shell.session import recall
from components.shell.session_commands import store_value
from streaming.core.json_input import can_be_shown, read_json
from streaming.core.json_paths import Path, path_of
from streaming.core.secret_fields import apart, together

View = Literal["Form", "JSON"]
_Found = tuple[Any, list[str]]

_BACK = "To go back to what the form had, empty the box first."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Memory:
    """What is kept of the views from one script run to the next.

    `shown` is the view. Each `edition` of the form has widgets of its own, which begin with the value `begun`; `tried`
    is the newest that was drawn, also if it was refused. `written` is what the form had when the JSON was written.
    `secrets` are the secret fields that it had then: no JSON shows them. `note` is told beside the JSON, as long as its
    text is that of `noted`, if that is a text.
    """

    shown: View
    edition: int = 0
    tried: int = 0
    begun: Any = MISSING
    written: Any = MISSING
    secrets: Mapping[Path, Any] = field(default_factory=dict)
    note: str = ""
    noted: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoViews:
    """A form for this `field` of a `schema`, and JSON.

    The form begins with `start` if it can hold it, the JSON with `first`. `as_sent` makes of what a view holds what a
    graph gets. `marks` gets a place below each part of the form.
    """

    field: Field
    key: str
    schema: Schema
    start: Any
    first: Any
    as_sent: Callable[[Any, View], Any]
    marks: dict[str, DeltaGenerator]

    def draw(self) -> _Found:
        """Draw the switch and the view that is chosen; the value as it is sent, and what is wrong with it."""
        memory: _Memory | None = recall(f"{self.key}.views")
        switch, slot, found = st.container(), None, None
        chosen: View | None = st.session_state.get(self._by)
        if memory is not None and chosen is not None and chosen != memory.shown:
            slot = st.empty()
            if chosen == "JSON":
                memory = self._to_json(memory, slot)
            else:
                memory, found = self._to_form(memory, slot)
        by = self._choose(switch)
        memory = (
            replace(memory, shown=by) if memory is not None else _Memory(shown=by, secrets=self._apart(self.first)[1])
        )
        store_value(f"{self.key}.views", memory)
        # Each view has a place of its own: one that takes the place of another would lose the cursor.
        if by == "JSON":
            if slot is None:
                st.empty()
            with st.container():
                return self._draw_json(memory)
        if found is None:
            with st.container():
                found = self._draw_form(memory)
        st.empty()
        return found

    @property
    def _by(self) -> str:
        return f"{self.key}.by"

    @property
    def _raw(self) -> str:
        return f"{self.key}.raw"

    def _choose(self, switch: DeltaGenerator) -> View:
        first: View = "Form" if self.start is None or holding(self.field, self.start) else "JSON"
        chosen = switch.segmented_control(
            "Input by",
            ["Form", "JSON"],
            # What the session has set is no default.
            default=None if self._by in st.session_state else first,
            required=True,
            key=self._by,
            label_visibility="collapsed",
            persist_state="session",
        )
        return cast(View, chosen or first)

    def _draw_form(self, memory: _Memory) -> _Found:
        if memory.begun is MISSING:
            field = holding(self.field, self.start) if self.start is not None else None
        else:
            field = filled(self.field, memory.begun)
        value, trouble = draw(field or self.field, key=self._key_of(memory.edition), marks=self.marks)
        return self.as_sent(value, "Form"), trouble

    def _draw_json(self, memory: _Memory) -> _Found:
        text = text_of(self._apart(self.first)[0])
        value, trouble = json_input("JSON", key=self._raw, text=text, height=WHOLE_HEIGHT)
        if memory.secrets:
            names = ", ".join(map(code, map(path_of, memory.secrets)))
            st.caption(f"Secret, so not in this JSON, and sent as typed in the form: {names}")
        if memory.note and memory.noted in (None, st.session_state[self._raw]):
            st.caption(f":orange[:material/edit: {memory.note}]")
        # Not an empty value, which nobody has written.
        return (None if trouble and value is MISSING else self._whole(value, memory)), trouble

    def _apart(self, value: Any) -> tuple[Any, dict[Path, Any]]:
        return apart(value, self.schema)

    def _whole(self, value: Any, memory: _Memory) -> Any:
        """What this JSON sends: with the secrets of the form, except those that it has itself."""
        return together(self.as_sent(value, "JSON"), memory.secrets)

    def _key_of(self, edition: int) -> str:
        """The key of a form: Streamlit keeps what is typed under a key, so that other values need another one."""
        return f"{self.key}.edition.{edition}" if edition else self.key

    def _to_json(self, memory: _Memory, slot: DeltaGenerator) -> _Memory:
        """Write what the form has into the JSON: it is drawn once more, for its newest value comes with the switch."""
        with slot.container():
            value, trouble = self._draw_form(memory)
        slot.empty()
        self.marks.clear()
        value, secrets = self._apart(value)
        st.session_state[self._raw] = text_of(value)
        told = f"Left out of this JSON, and kept in the form: {escape_markdown(' '.join(trouble))}" if trouble else ""
        return replace(memory, written=value, secrets=secrets, note=told, noted=None)

    def _to_form(self, memory: _Memory, slot: DeltaGenerator) -> tuple[_Memory, _Found | None]:
        """Fill the form with the JSON; where that would lose a part of it, the JSON stays, and says why."""
        typed = str(st.session_state.get(self._raw, ""))
        value, trouble = read_json(typed) if typed.strip() else (MISSING, "")
        if trouble:
            return self._refuse(memory, f"The form cannot show a text that is not JSON. {_BACK}"), None
        given = self.as_sent(value, "JSON")
        if value is MISSING or same(given, memory.written):
            with slot.container():
                return memory, self._draw_form(memory)
        loss = "" if can_be_shown(given) else "cannot show this value"
        if not loss:
            memory, found, loss = self._fill(memory, together(given, memory.secrets), slot)
        if not loss:
            return memory, found
        return self._refuse(memory, f"The form {loss}, so the JSON stays, and it is sent as it is. {_BACK}"), None

    def _fill(self, memory: _Memory, given: Any, slot: DeltaGenerator) -> tuple[_Memory, _Found | None, str]:
        """Draw a new form with this value, and look at what it has: only the fields know what they can hold."""
        number = memory.tried + 1
        tried = replace(memory, edition=number, tried=number, begun=given)
        _take_unreadable(self.field, given, self._key_of(memory.edition), self._key_of(number))
        with slot.container():
            found = self._draw_form(tried)
        if loss := loss_of(self.field, given, found[0]):
            slot.empty()
            self.marks.clear()
            return replace(memory, tried=number), None, loss
        return tried, found, ""

    def _refuse(self, memory: _Memory, why: str) -> _Memory:
        st.session_state[self._by] = "JSON"
        return replace(memory, note=why, noted=str(st.session_state.get(self._raw, "")))


def _take_unreadable(field: Field, given: Any, old: str, new: str) -> None:
    """Let the fields have the JSON that was typed in them and cannot be read, unless they get a value."""
    values = given if isinstance(given, Mapping) else {}
    for part in field.children:
        name = f".{key_of(part.name)}"
        if part.kind == "object":
            _take_unreadable(part, values.get(part.name), old + name, new + name)
        elif part.kind == "json" and part.name not in values:
            typed = str(st.session_state.get(old + name, ""))
            if typed.strip() and read_json(typed)[1]:
                st.session_state[new + name] = typed
