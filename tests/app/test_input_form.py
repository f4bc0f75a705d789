"""Forms for the schemas of strangers: each is drawn, has a value to begin with, and breaks nothing."""

import json
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr
from streamlit.testing.v1 import AppTest

CHOICES = {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "object"}]}
SCHEMAS: dict[str, Any] = {
    "names that the form uses itself": {
        "by": {"type": "string"},
        "raw": {"type": "string"},
        "sent": {"type": "boolean"},
        "rows": {"type": "array", "items": {"type": "string"}},
        "rows.lines": {"type": "string"},
        "0": {"type": "string"},
        "": {"type": "string"},
        "part": {"type": "object", "properties": {"sent": {"type": "string"}, "b": {"type": "string"}}},
        "part.b": {"type": "string"},
        "messages": {"type": "array"},
    },
    "defaults of other types": {
        "number": {"type": "number", "default": "many"},
        "below": {"type": "integer", "default": 1, "minimum": 5},
        "switch": {"type": "boolean", "default": "yes"},
        "list": {"type": "array", "items": {"type": "integer"}, "default": "abc"},
        "numbers": {"type": "array", "items": {"type": "integer"}, "default": ["a", 2, True]},
        "words": {"type": "array", "items": {"type": "string"}, "default": [1, None]},
        "table": {
            "type": "array",
            "items": {"type": "object", "properties": {"a": {"type": "number"}}},
            "default": [3, {"a": "x"}],
        },
        "choice": {"enum": ["a", "b"], "default": "c"},
    },
    "numbers that no browser has": {
        "huge in a list": {"type": "array", "items": {"type": "integer"}, "default": [10**30, 1]},
        "huge": {"type": "integer", "minimum": -(10**400), "maximum": 10**400, "default": 10**30},
        "text as a bound": {"type": "number", "minimum": "zero"},
        "a limit that is no number": {"type": "integer", "exclusiveMinimum": 0.5, "maximum": 2.5},
    },
    "choices of every type": {
        "mixed": {"enum": [1, "1", None, True, {"a": 1}, [2]]},
        "in a list": {"type": "array", "items": {"enum": [{"a": 1}, None]}},
        "one": {"const": {"a": 1}},
        "several": CHOICES,
        "in a table": {"type": "array", "items": {"type": "object", "properties": {"a": {"enum": [[1], [2]]}}}},
    },
    "shapes": {
        "tuple": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False},
        "old tuple": {"type": "array", "items": [{"type": "integer"}, {"type": "string"}]},
        "mapping": {"type": "object", "additionalProperties": {"type": "integer"}},
        "date": {"type": "string", "format": "date-time"},
        "secret": {"type": "string", "format": "password", "writeOnly": True},
        "anything": True,
        "nothing": False,
        "unknown": {"type": "matrix"},
        "lists of lists": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
        "a file": {"type": "string", "contentEncoding": "base64"},
        "itself": {"$ref": "#"},
        "elsewhere": {"$ref": "https://example.org/schema.json"},
        "markup": {"type": "string", "title": "**bold** :red[x] <b>", "description": "[a](http://x)"},
    },
    "two hundred fields": {f"field_{number}": {"type": "string"} for number in range(200)},
}
EMPTY: dict[str, Any] = {
    "no schema": {},
    "null": {"type": "null"},
    "a choice of objects": {"oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"type": "string"}]},
    "a list": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
    "parts of each other": {
        "$ref": "#/$defs/A",
        "$defs": {
            name: {"type": "object", "properties": {f"p{n}": {"$ref": f"#/$defs/{other}"} for n in range(30)}}
            for name, other in (("A", "B"), ("B", "C"), ("C", "D"), ("D", "E"), ("E", "A"))
        },
    },
}
ALL = {name: {"type": "object", "properties": parts} for name, parts in SCHEMAS.items()} | EMPTY


def one_form(schema: object, by: str, drops_empty: bool = False) -> None:
    import streamlit as st

    from components.run_panel.input_form.form import ask_for

    if by == "JSON":
        st.session_state["form.by"] = "JSON"
    st.session_state["found"] = ask_for(schema, key="form", optional=False, drops_empty=drops_empty)  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["Form", "JSON"])
@pytest.mark.parametrize("name", ALL)
def test_a_form_is_drawn_for_any_schema(name: str, by: str) -> None:
    app = AppTest.from_function(one_form, kwargs={"schema": ALL[name], "by": by}, default_timeout=30).run()
    assert not app.exception
    value, _ = app.session_state["found"]
    json.dumps(value)
    widgets = len(app.text_area) + len(app.text_input) + len(app.number_input) + len(app.toggle)
    assert widgets < 500


def test_several_choices_begin_with_a_value_of_the_first() -> None:
    schema = {"type": "object", "properties": {"several": CHOICES}, "required": ["several"]}
    app = AppTest.from_function(one_form, kwargs={"schema": schema, "by": "Form"}).run()
    assert app.session_state["found"] == ({"several": 0}, [])


def test_a_list_of_fixed_length_begins_with_all_its_parts() -> None:
    pair = {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "maxItems": 2}
    schema = {"type": "object", "properties": {"pair": pair}, "required": ["pair"]}
    app = AppTest.from_function(one_form, kwargs={"schema": schema, "by": "Form"}).run()
    assert app.session_state["found"] == ({"pair": [0, ""]}, [])


def test_what_may_be_left_out_is_if_nothing_is_known_of_it_or_its_default_may_be_another() -> None:
    parts = {
        "anything": {"title": "Anything"},
        "limits": {"type": "object"},
        "words": SCHEMAS["shapes"]["lists of lists"],
    }
    schema = {"type": "object", "properties": {**parts, "user": {"type": "string", "default": "ada"}}}
    for drops_empty, value in ((False, {"limits": {}, "words": [], "user": "ada"}), (True, {"user": "ada"})):
        fields = {"schema": schema, "by": "Form", "drops_empty": drops_empty}
        app = AppTest.from_function(one_form, kwargs=fields).run()
        assert app.session_state["found"] == (value, [])


def test_texts_of_a_list_are_typed_one_on_each_line() -> None:
    """The new row of a table lost the first letters of what was typed into it."""
    texts = {"type": "array", "items": {"type": "string"}}
    schema = {"type": "object", "properties": {"questions": {**texts, "default": ["why"]}}, "required": ["questions"]}
    app = AppTest.from_function(one_form, kwargs={"schema": schema, "by": "Form"}).run()
    assert app.session_state["found"] == ({"questions": ["why"]}, [])
    app.text_area[0].set_value("how many are there\n\n who leads \n").run()
    assert app.session_state["found"] == ({"questions": ["how many are there", "who leads"]}, [])


class Login(BaseModel):
    """What a graph may ask for."""

    password: SecretStr


class Account(BaseModel):
    """Secrets in each place in which a form has them."""

    name: str = "ada"
    token: SecretStr = SecretStr("of the graph")
    maybe: SecretStr | None = SecretStr("of the graph")
    either: int | SecretStr = SecretStr("of the graph")
    several: list[SecretStr] = [SecretStr("of the graph")]
    nested: list[list[SecretStr]] = [[SecretStr("of the graph")]]
    login: Login = Login(password=SecretStr("of the graph"))


@pytest.mark.parametrize("by", ["Form", "JSON"])
def test_a_secret_default_is_left_out_so_that_the_graph_has_its_own(by: str) -> None:
    """Pydantic writes ten asterisks into the schema, and they were sent in its place."""
    schema = Account.model_json_schema()
    app = AppTest.from_function(one_form, kwargs={"schema": schema, "by": by}).run()
    value, wrong = app.session_state["found"]
    assert (value, wrong) == ({"name": "ada"}, [])
    account = Account.model_validate(value)
    assert account.token.get_secret_value() == account.login.password.get_secret_value() == "of the graph"
    assert account.several == [SecretStr("of the graph")]


def test_a_secret_is_typed_unseen_and_sent_and_its_empty_field_says_that_the_graph_has_a_default() -> None:
    kwargs = {"schema": Account.model_json_schema(), "by": "Form"}
    app = AppTest.from_function(one_form, kwargs=kwargs).run()
    field = app.text_input(key="form.token")
    assert (field.value, field.placeholder) == ("", "Empty: the graph's own default is used")
    assert field.proto.type == field.proto.PASSWORD
    field.set_value("mine").run()
    assert app.session_state["found"] == ({"name": "ada", "token": "mine"}, [])
    app.text_input(key="form.token").set_value("").run()
    assert app.session_state["found"] == ({"name": "ada"}, [])


def test_a_required_secret_is_asked_for_without_a_word_of_a_default() -> None:
    app = AppTest.from_function(one_form, kwargs={"schema": Login.model_json_schema(), "by": "Form"}).run()
    assert app.text_input(key="form.password").placeholder == ""
    assert app.session_state["found"] == ({"password": ""}, [])


def test_what_is_wrong_in_the_json_of_a_field_is_written_below_it() -> None:
    parts = {"upper_limits": {"type": "object"}, "topic": {"type": "string"}}
    kwargs = {"schema": {"type": "object", "properties": parts}, "by": "Form"}
    app = AppTest.from_function(one_form, kwargs=kwargs).run()
    app.text_area(key="form.upper_limits").set_value("{").run()
    types = [element.type for element in app.main]
    assert app.caption[0].value.startswith(":orange[:material/edit: Upper Limits")
    assert types.index("caption") < types.index("text_area", types.index("text_area") + 1)
