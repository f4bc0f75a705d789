"""Search in the document collections that come with the app: SQLite FTS5, ranked by BM25."""

import asyncio
import re
import sqlite3
import threading
from pathlib import Path
from typing import Any, TypedDict

DATA = Path(__file__).parents[1] / "data"
COLLECTIONS = ("streaming", "langgraph", "ux")
MAX_TERMS = 32
"""A pasted page is not a query: more words cost time and do not improve the results."""

_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"(?<=[.!?]) ")
_STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "do",
        "for",
        "from",
        "how",
        "i",
        "in",
        "is",
        "it",
        "my",
        "of",
        "on",
        "or",
        "should",
        "the",
        "to",
        "what",
        "when",
        "with",
    ]
)


class Passage(TypedDict):
    """A paragraph that was found; a higher `score` is a better match."""

    collection: str
    title: str
    text: str
    source: str
    score: float


def search_collection(collection: str, query: str, *, limit: int = 3) -> list[Passage]:
    """The paragraphs of one collection that match best, best first; an empty list for a query without words."""
    words = dict.fromkeys(word for word in _WORD.findall(query.lower()) if word not in _STOP_WORDS)
    terms = list(words)[:MAX_TERMS]
    if not terms:
        return []
    # Each word is quoted, so that no input is query syntax.
    match = " OR ".join(f'"{term}"' for term in terms)
    rows = _INDEX.rows(
        # The first paragraph of a document says what the subject is, so it gets a higher score.
        "SELECT title, body, source, -bm25(passages, 4.0, 1.0) * (1 + 0.2 * lead) AS score FROM passages"
        " WHERE passages MATCH ? AND collection = ? ORDER BY score DESC LIMIT ?",
        (match, collection, limit),
    )
    return [
        Passage(collection=collection, title=title, text=body, source=source, score=round(score, 3))
        for title, body, source, score in rows
    ]


async def asearch_collection(collection: str, query: str, *, limit: int = 3) -> list[Passage]:
    """`search_collection` in a thread, so that it does not block the event loop."""
    return await asyncio.to_thread(search_collection, collection, query, limit=limit)


def first_sentences(text: str, *, count: int = 2) -> str:
    """The first sentences of a text: a small model repeats two of them correctly, but not ten."""
    return " ".join(_SENTENCE_END.split(text)[:count])


class _Index:
    """The index of all collections, in memory: built once, at the first search, and read by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def rows(self, query: str, values: tuple[str | int, ...]) -> list[tuple[Any, ...]]:
        with self._lock:
            self._connection = self._connection or _build_index()
            return self._connection.execute(query, values).fetchall()


_INDEX = _Index()


def _build_index() -> sqlite3.Connection:
    base = sqlite3.connect(":memory:", check_same_thread=False)
    base.execute(
        "CREATE VIRTUAL TABLE passages"
        " USING fts5(title, body, source UNINDEXED, collection UNINDEXED, lead UNINDEXED, tokenize='porter unicode61')"
    )
    base.executemany("INSERT INTO passages VALUES (?, ?, ?, ?, ?)", _paragraphs())
    return base


def _paragraphs() -> list[tuple[str, str, str, str, bool]]:
    rows = []
    for collection in COLLECTIONS:
        for path in sorted((DATA / collection).glob("*.md")):
            heading, *paragraphs = path.read_text(encoding="utf-8").strip().split("\n\n")
            source = path.relative_to(DATA.parent).as_posix()
            rows += [
                (heading.lstrip("# "), " ".join(text.split()), source, collection, position == 0)
                for position, text in enumerate(paragraphs)
            ]
    return rows
