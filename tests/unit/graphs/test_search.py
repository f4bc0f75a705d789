"""The search finds the right document, and nothing that a user types can break it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.search import COLLECTIONS, DATA, search


@settings(deadline=None)
@given(st.text(), st.sampled_from(COLLECTIONS))
def test_no_query_is_an_error(query: str, collection: str) -> None:
    assert isinstance(search(collection, query), list)


@pytest.mark.parametrize("query", ['"', "NEAR(a b)", "title: x", "a OR", "*", "' ; DROP TABLE passages --"])
def test_query_syntax_is_just_words(query: str) -> None:
    search("ux", query)
    assert search("ux", "skeleton")


@pytest.mark.parametrize(
    ("collection", "question", "source"),
    [
        ("streaming", "What is time to first token?", "data/streaming/time-to-first-token.md"),
        ("langgraph", "How do I resume from a checkpoint?", "data/langgraph/checkpoints.md"),
        ("ux", "When should I use a typing indicator?", "data/ux/typing-indicators.md"),
    ],
)
def test_a_plain_question_finds_its_document_first(collection: str, question: str, source: str) -> None:
    assert search(collection, question)[0]["source"] == source


def test_every_document_is_found_by_its_own_title() -> None:
    for path in DATA.glob("*/*.md"):
        title = path.read_text().splitlines()[0].lstrip("# ")
        assert path.stem in {hit["source"].split("/")[-1][:-3] for hit in search(path.parent.name, title)}, title


def test_best_first_and_no_words_no_hits() -> None:
    scores = [hit["score"] for hit in search("streaming", "tokens and latency")]
    assert scores == sorted(scores, reverse=True)
    assert search("streaming", "?!") == []
