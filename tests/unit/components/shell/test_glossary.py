"""The glossary explains each word once, and all words that the pages use."""

import json

from components.shell.glossary import GLOSSARY, MEANINGS, slug, terms_for_the_browser, with_terms

WORDS = (
    "Superstep, Node, State, Namespace, Stream mode, Flush strategy, TTFT, ITL, TPOT, E2E, Goodput, SLO attainment, "
    "ECDF, Checkpoint, Checkpoint source, Thread, Interrupt, Resume, Fork, Chunk, Token, Blocking, Repaint, Median, "
    "Confidence, Warm-up, Event, Hosted"
)


def test_every_word_is_explained_once() -> None:
    terms = [term for group in GLOSSARY.values() for term in group]
    assert set(WORDS.split(", ")) <= set(terms)
    assert len(terms) == len({term.lower() for term in terms})
    assert all(meaning.endswith(".") for group in GLOSSARY.values() for meaning in group.values())


def test_the_first_mention_of_a_term_is_a_link_and_code_and_links_stay() -> None:
    text = "After each superstep a checkpoint; two supersteps, `checkpoint`, [fork](/x), slow TTFTs."
    assert with_terms(text) == (
        "After each [superstep](#term-superstep) a [checkpoint](#term-checkpoint); two supersteps, `checkpoint`, "
        "[fork](/x), slow [TTFTs](#term-ttft)."
    )


def test_every_link_has_a_meaning_in_the_browser() -> None:
    known = json.loads(terms_for_the_browser())
    assert set(known) == {slug(term) for term in MEANINGS}
    assert "<" not in terms_for_the_browser(), "it is inside of a script"
