"""The glossary explains each word once, and all words that the pages use."""

from components.shell.glossary import GLOSSARY

WORDS = (
    "Superstep, Node, State, Namespace, Stream mode, Flush strategy, TTFT, ITL, TPOT, E2E, Goodput, SLO attainment, "
    "ECDF, Checkpoint, Checkpoint source, Thread, Interrupt, Resume, Fork, Chunk, Token"
)


def test_every_word_is_explained_once() -> None:
    terms = [term for group in GLOSSARY.values() for term in group]
    assert set(WORDS.split(", ")) <= set(terms)
    assert len(terms) == len({term.lower() for term in terms})
    assert all(meaning.endswith(".") for group in GLOSSARY.values() for meaning in group.values())
