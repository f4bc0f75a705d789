"""The collections: a search finds the right document, and any query is safe."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs import collections
from graphs.collections import COLLECTIONS, DATA, MAX_TERMS, asearch_collection, first_sentences, search_collection


@given(st.text(), st.sampled_from(COLLECTIONS))
def test_query_syntax_never_raises(query: str, collection: str) -> None:
    assert isinstance(search_collection(collection, query), list)


@pytest.mark.parametrize("query", ['"', "NEAR(a b)", "title: x", "a OR", "*", "' ; DROP TABLE passages --"])
def test_query_syntax_is_just_words(query: str) -> None:
    search_collection("ux", query)
    assert search_collection("ux", "skeleton")


@pytest.mark.parametrize(
    ("collection", "question", "source"),
    [
        ("streaming", "What is time to first token?", "data/streaming/time-to-first-token.md"),
        ("langgraph", "How do I resume from a checkpoint?", "data/langgraph/checkpoints.md"),
        ("ux", "When should I use a typing indicator?", "data/ux/typing-indicators.md"),
    ],
)
def test_a_plain_question_finds_its_document_first(collection: str, question: str, source: str) -> None:
    assert search_collection(collection, question)[0]["source"] == source


def test_every_document_is_found_by_its_own_title() -> None:
    for path in DATA.glob("*/*.md"):
        title = path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
        assert path.stem in {hit["source"].split("/")[-1][:-3] for hit in search_collection(path.parent.name, title)}, (
            title
        )


def test_best_first_and_no_words_no_hits() -> None:
    scores = [hit["score"] for hit in search_collection("streaming", "tokens and latency")]
    assert scores == sorted(scores, reverse=True)
    assert search_collection("streaming", "?!") == []


@pytest.mark.parametrize("query", ["", "   ", "what is the", "\x00", "\ud800"])
def test_nothing_to_look_for_finds_nothing(query: str) -> None:
    assert search_collection("ux", query) == []


def test_many_threads_may_search_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: search_collection("ux", "skeleton"), range(64)))
    assert found[0]
    assert all(hits == found[0] for hits in found)


async def test_the_asynchronous_search_finds_the_same() -> None:
    assert await asearch_collection("streaming", "goodput", limit=1) == search_collection(
        "streaming", "goodput", limit=1
    )


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_collection_has_eight_documents_of_quotable_paragraphs(collection: str) -> None:
    documents = [path.read_text(encoding="utf-8").strip() for path in (DATA / collection).glob("*.md")]
    assert len(documents) == 8
    for document in documents:
        heading, *paragraphs = document.split("\n\n")
        assert heading.startswith("# ")
        assert 2 <= len(paragraphs) <= 3
        assert all(40 <= len(paragraph.split()) <= 70 for paragraph in paragraphs), heading


def test_simultaneous_first_searches_build_one_index(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[sqlite3.Connection] = []
    build = collections._build_index
    monkeypatch.setattr(collections, "_INDEX", collections._Index())
    monkeypatch.setattr(collections, "_build_index", lambda: built.append(build()) or built[-1])
    start = Barrier(4)

    def search() -> bool:
        start.wait()
        return bool(search_collection("ux", "skeleton"))

    with ThreadPoolExecutor(4) as pool:
        assert all([search.result() for search in [pool.submit(search) for _ in range(4)]])
    assert len(built) == 1
    built[0].close()


def test_a_definition_comes_before_what_follows_from_it() -> None:
    assert search_collection("streaming", "What is time to first token?")[0]["text"].startswith(
        "Time to first token, or TTFT, is"
    )


def test_repeated_words_weigh_once_and_a_pasted_page_is_cut() -> None:
    assert search_collection("ux", "skeleton " * 50_000) == search_collection("ux", "skeleton")
    words = " ".join(f"w{n}" for n in range(MAX_TERMS))
    assert search_collection("ux", f"{words} skeleton") == []


def test_an_opening_ends_at_a_sentence() -> None:
    assert first_sentences("One is 1.5 long. Two! Three.") == "One is 1.5 long. Two!"
    assert first_sentences("") == ""
