"""Which fields are sent again."""

from streaming.live.feed import Sent


def test_only_fields_that_changed_are_sent_again() -> None:
    sent = Sent()
    assert sent.send("", {"a": 1, "b": 1}) == {"a": 1, "b": 1}
    assert sent.send("", {"a": 1, "b": 2}) == {"b": 2}
    assert sent.send("", {"a": 1, "b": 2}) == {}


def test_a_field_that_returns_to_its_settled_value_is_sent_again() -> None:
    sent = Sent()
    sent.send("", {"tokens": None})
    assert sent.send("", {"tokens": 7}, settle=False) == {"tokens": 7}
    assert sent.send("", {"tokens": None}) == {"tokens": None}
    assert sent.send("", {"tokens": None}) == {}
