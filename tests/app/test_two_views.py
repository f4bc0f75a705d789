"""A form and its JSON are two views of one value: each begins with what the other has, and neither loses any of it."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.test_input_form import ALL, one_form

INNER = {"type": "object", "properties": {"name": {"type": "string"}, "deep": {"enum": ["a", "b"]}}}
PARTS: dict[str, Any] = {
    "topic": {"type": "string"},
    "count": {"type": "integer", "default": 3, "maximum": 9},
    "share": {"type": "number"},
    "on": {"type": "boolean"},
    "style": {"enum": ["dry", "warm"]},
    "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
    "words": {"type": "array", "items": {"type": "string"}},
    "numbers": {"type": "array", "items": {"type": "integer"}},
    "rows": {
        "type": "array",
        "items": {"type": "object", "properties": {"a": {"type": "string"}, "n": {"type": "number"}}},
    },
    "inner": INNER,
    "limits": {"type": "object"},
    "messages": {"type": "array"},
    "scan": {"type": "string", "contentEncoding": "base64"},
}
SCHEMA: dict[str, Any] = {"type": "object", "properties": PARTS, "required": ["topic"]}
SHOWN: list[dict[str, Any]] = [
    {"topic": "My own"},
    {"topic": "", "count": 0, "share": 0.5, "on": False, "style": "warm", "maybe": "b"},
    {"topic": "a", "on": True, "maybe": None},
    {"topic": "a", "words": ["b", "c"], "numbers": [1, 2], "rows": [{"a": "b", "n": 1.5}, {"a": "c"}]},
    {"topic": "a", "words": [], "numbers": [], "rows": [], "messages": []},
    {"topic": "a", "inner": {"name": "", "deep": "b"}},
    {"topic": "a", "inner": {}},
    {"topic": "a", "limits": {"b": [1, None, {"c": True}]}},
    {"topic": "a", "limits": None},
    {"topic": "a", "messages": [{"type": "system", "content": "b"}, {"type": "ai", "content": ""}]},
    {"topic": "a", "scan": "AAAA"},
]
REFUSED: list[tuple[str, str]] = [
    ('{"topic": "a"', "The form cannot show a text that is not JSON."),
    ('{"topic": "a", "colour": 1}', "The form has no field for `colour`, so the JSON stays, and it is sent as it is."),
    ('{"topic": 5}', "The form cannot show the value of `topic`"),
    ('{"topic": null}', "The form cannot show the value of `topic`"),
    ('{"topic": "\\ud800"}', "The form cannot show this value"),
    ('{"topic": "a", "count": 1.5}', "The form cannot show the value of `count`"),
    ('{"topic": "a", "count": 10}', "The form cannot show the value of `count`"),
    ('{"topic": "a", "count": true}', "The form cannot show the value of `count`"),
    ('{"topic": "a", "share": NaN}', "The form cannot show this value"),
    ('{"topic": "a", "on": 1}', "The form cannot show the value of `on`"),
    ('{"topic": "a", "on": null}', "The form cannot show the value of `on`"),
    ('{"topic": "a", "style": "loud"}', "The form cannot show the value of `style`"),
    ('{"topic": "a", "words": ["b", 1]}', "The form cannot show the value of `words`"),
    ('{"topic": "a", "words": [" b"]}', "The form cannot show the value of `words`"),
    ('{"topic": "a", "words": "b"}', "The form cannot show the value of `words`"),
    ('{"topic": "a", "numbers": [100000000000000000000000]}', "The form cannot show the value of `numbers`"),
    ('{"topic": "a", "rows": [{"a": "b", "z": 1}]}', "The form has no field for `rows[0].z`"),
    ('{"topic": "a", "rows": [{"a": ["b"]}]}', "The form cannot show the value of `rows[0].a`"),
    (
        '{"topic": "a", "inner": {"deep": {"er": 1}, "z": 1}}',
        "no field for `inner.z`, and cannot show the value of `inner.deep`",
    ),
    ('{"topic": "a", "messages": [{"role": "user", "content": "b"}]}', "The form cannot show the value of `messages`"),
    ('{"topic": "a", "messages": 5}', "The form cannot show the value of `messages`"),
    ('{"p": 1, "q": 1, "r": 1, "s": 1}', "The form has no field for `p`, `q`, `r` and 1 more"),
    ("[1]", "The form cannot show this value"),
    ("null", "The form cannot show this value"),
]


def shown_form(schema: Any = SCHEMA, **options: Any) -> AppTest:
    return AppTest.from_function(one_form, kwargs={"schema": schema, "by": "", **options}, default_timeout=30).run()


def turned(app: AppTest, view: str) -> AppTest:
    app.segmented_control(key="form.by").set_value(view).run()
    assert not app.exception
    return app


def with_json(text: str, schema: Any = SCHEMA, **options: Any) -> AppTest:
    """The form whose JSON is this text."""
    app = turned(shown_form(schema, **options), "JSON")
    app.text_area(key="form.raw").set_value(text).run()
    return app


def found(app: AppTest) -> Any:
    value, wrong = app.session_state["found"]
    assert wrong == []
    return value


def view_of(app: AppTest) -> Any:
    return app.segmented_control(key="form.by").value


def captions(app: AppTest) -> str:
    return "\n".join(one.value for one in app.caption)


def test_what_is_typed_into_the_form_is_in_the_json_also_where_the_view_changes_with_the_last_letter() -> None:
    app = shown_form()
    app.text_area(key="form.topic").set_value("My own").run()
    app.number_input(key="form.count").set_value(7)
    turned(app, "JSON")
    assert json.loads(app.text_area(key="form.raw").value) == found(app)
    assert (found(app)["topic"], found(app)["count"]) == ("My own", 7)
    assert [one.key for one in app.text_area] == ["form.raw"], "the form is not there a second time"


@pytest.mark.parametrize("value", SHOWN, ids=str)
def test_a_value_that_the_form_can_hold_is_shown_in_it_and_sent_as_it_is(value: dict[str, Any]) -> None:
    app = turned(with_json(json.dumps(value)), "Form")
    assert (view_of(app), found(app)) == ("Form", value)
    assert found(app.run()) == value, "also in the next script run"
    assert json.loads(turned(app, "JSON").text_area(key="form.raw").value) == value


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_json_that_the_form_would_lose_a_part_of_stays_as_it_is_and_says_why(text: str, why: str) -> None:
    app = turned(with_json(text), "Form")
    assert view_of(app) == "JSON"
    assert app.text_area(key="form.raw").value == text
    assert [one.key for one in app.text_area] == ["form.raw"], "no form is there beside it"
    assert why in captions(app)
    assert why in captions(app.run())
    app.text_area(key="form.raw").set_value('{"topic": "b"}').run()
    assert "The form" not in captions(app), "it was said of another text"
    assert found(turned(app, "Form")) == {"topic": "b"}


@pytest.mark.parametrize("name", ALL)
def test_a_form_can_be_filled_with_what_any_form_has(name: str) -> None:
    app = shown_form(ALL[name])
    if not app.segmented_control:
        return
    value, wrong = app.session_state["found"]
    app = turned(with_json(json.dumps(value), ALL[name]), "Form")
    assert (view_of(app), app.session_state["found"]) == ("Form", (value, wrong))


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "string"}, '"a text"'),
        ({"type": "integer"}, "7"),
        ({"type": "array", "items": {"type": "string"}}, '["a", "b"]'),
        ({"type": "array", "items": {"$ref": "#/$defs/AnyMessage"}}, '[{"type": "ai", "content": "a"}]'),
    ],
)
def test_a_value_that_is_no_object_has_two_views_too(schema: dict[str, Any], text: str) -> None:
    app = turned(with_json(text, schema), "Form")
    assert (view_of(app), found(app)) == ("Form", json.loads(text))


def test_a_part_that_the_json_lacks_is_left_out_of_the_form_unless_the_schema_requires_it() -> None:
    topic = {"type": "string", "default": "bees"}
    schema = {"type": "object", "required": ["style"], "properties": {**PARTS, "topic": topic}}
    app = turned(with_json('{"share": 0.5}', schema), "Form")
    assert (view_of(app), found(app)) == ("Form", {"share": 0.5, "style": "dry"})


def test_an_empty_text_that_the_form_would_leave_out_is_refused_where_it_counts_as_missing() -> None:
    schema = {"type": "object", "properties": {"user": {"type": "string"}, "n": {"type": "integer"}}}
    text = '{"user": "", "n": 1}'
    app = turned(with_json(text, schema, drops_empty=True), "Form")
    assert view_of(app) == "JSON"
    assert "The form cannot show the value of `user`" in captions(app)
    assert found(turned(with_json(text, schema), "Form")) == {"user": "", "n": 1}


def test_the_form_is_as_it_was_where_the_json_was_not_changed_or_is_empty() -> None:
    app = shown_form()
    app.text_area(key="form.topic").set_value("My own").run()
    turned(app, "JSON")
    app.text_area(key="form.raw").set_value(json.dumps(found(app))).run()
    turned(app, "Form")
    assert app.text_area(key="form.topic").value == "My own"
    turned(app, "JSON")
    app.text_area(key="form.raw").set_value("no JSON").run()
    assert view_of(turned(app, "Form")) == "JSON"
    app.text_area(key="form.raw").set_value(" ").run()
    turned(app, "Form")
    assert (view_of(app), app.text_area(key="form.topic").value) == ("Form", "My own")


def test_what_cannot_be_read_in_the_form_is_named_beside_the_json_and_is_there_again() -> None:
    app = shown_form()
    app.text_area(key="form.topic").set_value("My own")
    app.text_area(key="form.limits").set_value("{").run()
    turned(app, "JSON")
    assert found(app)["topic"] == "My own"
    assert "limits" not in found(app)
    assert "Left out of this JSON, and kept in the form: Limits: This is not JSON" in captions(app).replace("\\", "")
    turned(app, "Form")
    assert app.text_area(key="form.limits").value == "{"
    turned(app, "JSON")
    app.text_area(key="form.raw").set_value('{"topic": "Another"}').run()
    turned(app, "Form")
    [limits] = [area for area in app.text_area if area.label == "Limits"]
    assert limits.value == "{"
    assert app.session_state["found"][0] == {"topic": "Another"}
    assert "Limits: This is not JSON" in app.session_state["found"][1][0]


def test_what_the_schema_refuses_goes_along_and_is_named_in_both_views() -> None:
    schema = {"type": "object", "properties": {"code": {"type": "string", "pattern": r"^\d{5}$"}}}
    app = shown_form(schema)
    app.text_area(key="form.code").set_value("12").run()
    complaint = r"code: '12' does not match '^\d{5}$'."
    assert app.session_state["found"] == ({"code": "12"}, [complaint])
    assert turned(app, "JSON").session_state["found"] == ({"code": "12"}, [complaint])
    assert turned(app, "Form").session_state["found"] == ({"code": "12"}, [complaint])


def test_each_json_that_is_tried_fills_the_fields_anew() -> None:
    app = with_json('{"topic": "a", "count": 1}')
    for text, topic in (('{"topic": "a", "count": 99}', None), ('{"topic": "b"}', "b"), ('{"topic": "c"}', "c")):
        app.text_area(key="form.raw").set_value(text).run()
        turned(app, "Form")
        if topic:
            assert found(app) == {"topic": topic}
            turned(app, "JSON")


def test_a_file_goes_along_until_it_is_removed() -> None:
    app = turned(with_json('{"topic": "a", "scan": "AAAA"}'), "Form")
    app.button(key="form.edition.1.scan.remove").click().run()
    assert found(app) == {"topic": "a"}
