"""The fields of an error object, in the shapes of several providers; sentences are in `test_error_words`."""

import json

import pytest

from streaming.providers.error_body import MAX_BODY_CHARS, ErrorObject, parsed_body, read_error


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (None, ErrorObject()),
        ("", ErrorObject()),
        (7, ErrorObject()),
        ({"error": {"code": "Rate_Limit", "type": "Tokens"}}, ErrorObject(code="rate_limit", type="tokens")),
        ({"error": {"code": 429}}, ErrorObject(code="429", status=429)),
        ({"error": {"code": 42}}, ErrorObject(code="42")),
        ({"status": True, "code": False}, ErrorObject()),
        ({"code": "outer", "error": {"code": "inner"}}, ErrorObject(code="inner")),
        ({"code": "outer", "error": {"code": ""}}, ErrorObject(code="outer")),
        ({"detail": [{"loc": ["body", "stream"], "msg": "no"}]}, ErrorObject(param="stream", message="no")),
        ({"detail": [{"loc": ["body"]}]}, ErrorObject()),
        ({"message": "Twice.", "detail": "Twice"}, ErrorObject(message="Twice")),
        ("<html><title>Bad\n gateway</title>", ErrorObject(message="a web page, “Bad gateway”")),
        ("<html><p>no title", ErrorObject(message="a web page")),
    ],
)
def test_the_fields_of_an_error(body: object, error: ErrorObject) -> None:
    assert read_error(body) == error
    if isinstance(body, dict):
        assert read_error(json.dumps(body)) == error


def test_a_body_that_is_nested_without_end_or_too_long_is_read_as_far_as_it_makes_sense() -> None:
    endless: dict[str, object] = {"code": "x"}
    endless["error"] = endless
    assert read_error(endless).code == "x"
    assert parsed_body("[" * MAX_BODY_CHARS) == "[" * MAX_BODY_CHARS
    assert len(read_error("a" * (MAX_BODY_CHARS + 9)).message) == MAX_BODY_CHARS


@pytest.mark.parametrize(("text", "value"), [(' {"a": 1}', {"a": 1}), ('"a"', "a"), ("7", "7"), ("{broken", "{broken")])
def test_a_text_is_parsed_if_it_is_an_object_a_list_or_a_string(text: str, value: object) -> None:
    assert parsed_body(text) == value
