"""Which parts of a value are secret by its schema, in all the ways in which authors write one."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, SecretStr

from streaming.core.json_input import errors_of
from streaming.core.json_paths import Path
from streaming.core.secret_fields import apart, hidden, secret_paths, together


class Login(BaseModel):
    name: str = ""
    password: SecretStr = SecretStr("")


class State(BaseModel):
    topic: str
    token: SecretStr
    maybe: SecretStr | None = None
    either: int | SecretStr = 0
    marked: str = Field("", json_schema_extra={"format": "password"})
    marked_or_none: Annotated[str | None, Field(json_schema_extra={"writeOnly": True})] = None
    login: Login | None = None
    logins: list[Login] = []
    several: list[SecretStr] = []
    pair: tuple[str, SecretStr] | None = None
    by_name: dict[str, SecretStr] = {}
    inner: "State | None" = None


class Pin(BaseModel):
    pin: int = Field(0, json_schema_extra={"format": "password"})


SCHEMA = State.model_json_schema()
SECRET: list[tuple[Any, list[Path]]] = [
    ({"topic": "a", "token": "b"}, [("token",)]),
    ({"topic": "a", "token": "", "maybe": None}, []),
    ({"maybe": "b", "either": "c"}, [("maybe",), ("either",)]),
    ({"marked": "b", "marked_or_none": "c"}, [("marked",), ("marked_or_none",)]),
    ({"login": {"name": "a", "password": "b"}}, [("login", "password")]),
    ({"logins": [{"name": "a"}, {"password": "b"}]}, [("logins", 1, "password")]),
    ({"several": ["b", "c"]}, [("several", 0), ("several", 1)]),
    ({"pair": ["a", "b"]}, [("pair", 1)]),
    ({"by_name": {"x": "b"}}, [("by_name", "x")]),
    ({"inner": {"inner": {"token": "b"}}}, [("inner", "inner", "token")]),
    ({"token": {"no": "text"}, "unknown": "a"}, []),
    (["a"], []),
]


@pytest.mark.parametrize(("value", "paths"), SECRET)
def test_a_secret_is_found_wherever_the_schema_has_it(value: Any, paths: list[Path]) -> None:
    assert secret_paths(value, SCHEMA) == paths


def test_a_number_can_be_secret_and_so_can_a_whole_value() -> None:
    assert hidden({"pin": 1234}, Pin.model_json_schema()) == {"pin": "[key]"}
    assert hidden("abc", {"type": "string", "writeOnly": True}) == "[key]"
    assert apart("abc", {"type": "string", "writeOnly": True}) == (None, {(): "abc"})


@pytest.mark.parametrize("schema", [{"$ref": "#"}, {"anyOf": [{"$ref": "#"}]}, {"$ref": 7}, {"properties": 7}, {}])
def test_a_schema_that_names_itself_or_is_none_ends_the_search(schema: Any) -> None:
    assert secret_paths({"a": [{"a": "b"}]}, schema) == []


@pytest.mark.parametrize("value", [value for value, _ in SECRET])
def test_what_is_taken_apart_comes_together_again(value: Any) -> None:
    rest, fields = apart(value, SCHEMA)
    assert secret_paths(rest, SCHEMA) == []
    assert together(rest, fields) == value


def test_a_secret_that_the_value_names_itself_is_not_replaced_and_one_without_its_object_is_left_out() -> None:
    _, fields = apart({"token": "b", "login": {"password": "c"}}, SCHEMA)
    assert together({"token": "mine"}, fields) == {"token": "mine"}


@pytest.mark.parametrize("token", ["short", 'it\'s "so"\n'])
def test_what_the_schema_refuses_is_told_without_the_secret(token: str) -> None:
    schema = {"properties": {"token": {"type": "string", "format": "password", "minLength": 99}}}
    [sentence] = errors_of({"token": token}, schema)
    assert sentence == "token: this secret value does not fit its schema (minLength)."
    [whole] = errors_of({"token": token}, {**schema, "maxProperties": 0})[:1]
    assert token not in whole
