"""What the schemas of a graph refuse of its context and its configurable values."""

from typing import Any

import pytest

from streaming.core.errors import InputError
from streaming.core.graph_description import GraphDescription
from streaming.core.graph_values import check_values, further_values, with_context

FIELDS = {"user": {"type": "string"}, "lang": {"enum": ["de", "en"], "default": "en"}}
SCHEMA: dict[str, Any] = {"type": "object", "properties": FIELDS, "required": ["user"]}
READER = GraphDescription(context_schema={**SCHEMA, "additionalProperties": False}, configurable_schema=SCHEMA)
OWN_VALUES = GraphDescription(
    configurable_schema={"type": "object", "properties": {"tone": {"type": "string"}}, "required": ["tone"]}
)


@pytest.mark.parametrize(
    ("about", "context", "configurable", "says"),
    [
        (READER, None, None, "Context: user: a value is required."),
        (READER, {"lang": "de"}, None, "Context: user: a value is required."),
        (READER, None, {"tone": "dry"}, "Context: user: a value is required."),
        (READER, {"user": "u", "lang": "fr"}, None, "Context: lang: 'fr' is not one of ['de', 'en']."),
        (READER, {"user": 5}, None, "Context: user: 5 is not of type 'string'."),
        (READER, {"user": "u", "zzz": 1}, None, "'zzz' was unexpected"),
        (READER, {"user": "u"}, {"lang": "fr"}, "Configurable: lang: 'fr' is not one of ['de', 'en']."),
        (OWN_VALUES, None, None, "Configurable: tone: a value is required."),
        (OWN_VALUES, None, {"tone": 5}, "Configurable: tone: 5 is not of type 'string'."),
    ],
)
def test_what_a_schema_refuses_names_the_field(
    about: GraphDescription, context: Any, configurable: Any, says: str
) -> None:
    with pytest.raises(InputError, match=r"^(Context|Configurable): ") as refused:
        check_values(about, context=context, configurable=configurable)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("about", "context", "configurable"),
    [
        (READER, {"user": "u"}, {"tone": "dry"}),
        (READER, None, {"user": "u"}),
        (OWN_VALUES, {"anything": 1}, {"tone": "dry", "more": 1}),
        (GraphDescription(), {"user": 5}, {"tone": 5}),
    ],
)
def test_what_fits_is_taken(about: GraphDescription, context: Any, configurable: Any) -> None:
    check_values(about, context=context, configurable=configurable)


@pytest.mark.parametrize(
    ("about", "configurable", "context", "expected"),
    [
        (READER, {"user": "u", "tone": "dry"}, {"user": "u"}, {"tone": "dry"}),
        (READER, {"user": "v"}, {"user": "u"}, {"user": "v"}),
        (READER, {"user": "u"}, None, {"user": "u"}),
        (READER, [7], {"user": "u"}, [7]),
        (READER, None, {"user": "u"}, None),
        (OWN_VALUES, {"tone": "dry"}, {"tone": "dry"}, {"tone": "dry"}),
    ],
)
def test_further_values_are_those_that_the_context_does_not_give(
    about: GraphDescription, configurable: Any, context: Any, expected: Any
) -> None:
    assert further_values(about, configurable, context) == expected


@pytest.mark.parametrize(
    ("about", "further", "context", "expected"),
    [
        (READER, {"tone": "dry"}, {"user": "u"}, {"user": "u", "tone": "dry"}),
        (READER, {"user": "v"}, {"user": "u"}, {"user": "v"}),
        (READER, None, {"user": "u"}, {"user": "u"}),
        (READER, {}, None, None),
        (OWN_VALUES, {"tone": "dry"}, {"user": "u"}, {"tone": "dry"}),
    ],
)
def test_a_context_with_the_fields_of_the_configurable_values_is_among_them(
    about: GraphDescription, further: Any, context: Any, expected: Any
) -> None:
    assert with_context(about, further, context) == expected
