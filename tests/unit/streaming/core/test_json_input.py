"""JSON that a person types: what is wrong in it."""

from streaming.core.json_input import errors_of


def test_a_pattern_in_an_error_is_written_as_its_author_wrote_it() -> None:
    schema = {"type": "object", "properties": {"code": {"type": "string", "pattern": r"^\d{5}$"}}}
    assert errors_of({"code": r"1\2"}, schema) == [r"code: '1\2' does not match '^\d{5}$'."]
