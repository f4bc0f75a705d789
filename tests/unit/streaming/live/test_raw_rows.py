"""Raw rows are what LangGraph sent, and short where a token differs from an earlier one in its text alone."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streaming.core.events import Event, LogEntry, Token, Values
from streaming.live.raw_rows import SHORT, RawRows, expanded, whole_part


def log(events: list[Event]) -> list[LogEntry]:
    return [LogEntry(seq=seq, t=seq / 10, event=event, size=40) for seq, event in enumerate(events)]


def token(text: str, message: str = "m", **fields: Any) -> Token:
    return Token(**{"ns": (), "message_id": message, "node": "n", "role": "ai", "text": text, **fields})


def rows_of(entries: list[LogEntry]) -> list[list[Any]]:
    rows = RawRows()
    return [row for entry in entries if (row := rows.row(entry)) is not None]


def whole_rows_of(entries: list[LogEntry]) -> list[list[Any]]:
    rows = RawRows()
    return [row for entry in entries if (row := rows.whole(entry)) is not None]


def whole(rows: list[list[Any]]) -> list[list[Any]]:
    by_seq: dict[int, list[Any]] = {}
    for row in rows:
        by_seq[row[0]] = expanded(row, by_seq[row[4]]) if len(row) == SHORT else row
    return list(by_seq.values())


EVENTS = st.one_of(
    st.builds(
        token,
        st.text(max_size=12) | st.sampled_from(['"content":"x"', "\\", "\u2028", "a" * 600]),
        st.sampled_from(["m", "other"]),
        node=st.sampled_from(["n", "p"]),
        ns=st.sampled_from([(), ("a:1",)]),
        reasoning=st.sampled_from(["", "", "hm"]),
        metadata=st.sampled_from([None, None, {"langgraph_step": 1}]),
        sent=st.sampled_from(
            [
                None,
                None,
                {"message": {"content": "…", "name": None, "type": "ai", "id": "…"}},
                {"message": {"content": ["x"], "name": "b", "type": "ai", "id": "…"}},
                {"message": {"name": "c"}},
                {"metadata": {"langgraph_step": 2}},
            ]
        ),
    ),
    st.builds(Values, ns=st.just(()), state=st.just({"a": 1})),
)


@given(st.lists(EVENTS, max_size=30))
def test_rows_in_short_expand_to_what_was_sent(events: list[Event]) -> None:
    entries = log(events)
    assert whole(rows_of(entries)) == whole_rows_of(entries)


@given(st.lists(EVENTS, max_size=20), st.integers(0, 20))
def test_rows_that_are_given_again_are_the_same(events: list[Event], first: int) -> None:
    entries, rows = log(events), RawRows()
    before = [rows.row(entry) for entry in entries]
    assert [rows.row(entry) for entry in entries[first:]] == before[first:]


def test_tokens_after_the_first_with_text_are_short() -> None:
    metadata = {"langgraph_node": "n", "langgraph_step": 1}
    rows = rows_of(log([token("One", metadata=metadata), token(" two"), token(" three"), token(" four")]))
    assert [len(row) == SHORT for row in rows] == [False, True, True, True]
    assert rows[3] == [3, 0.3, " four", 40, 0]


@given(st.lists(EVENTS, max_size=20), st.integers(0, 20))
def test_rows_from_the_middle_of_a_log_are_whole_when_the_log_before_them_was_read(
    events: list[Event], first: int
) -> None:
    entries, rows = log(events), RawRows()
    rows.read(entries[:first])
    assert whole([row for entry in entries[first:] if (row := rows.row(entry))]) == whole_rows_of(entries)[first:]


def test_a_row_that_was_cut_has_the_length_of_the_whole_part() -> None:
    entries = log([Values(ns=(), state={"a": "b" * 5_000}), Values(ns=(), state={"a": "b"})])
    cut, short = whole_rows_of(entries)
    assert (len(cut[7]), cut[8]) == (2_000, len('{"a":"') + 5_000 + len('"}'))
    assert len(short) == 8


@given(st.lists(EVENTS, max_size=20))
def test_whole_part_is_that_of_its_row(events: list[Event]) -> None:
    entries = log(events)
    for row in whole_rows_of(entries):
        assert whole_part(entries, row[0]) == row[7]


def test_whole_part_is_found_by_its_number() -> None:
    state = {"a": "b" * 5_000}
    entries = [LogEntry(seq=7, t=0.0, event=Values(ns=(), state=state), size=9)]
    assert whole_part(entries, 7) == '{"a":"' + "b" * 5_000 + '"}'
    assert whole_part(entries, 0) is whole_part(entries, 8) is None
