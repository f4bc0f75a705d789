"""The words of the field, each explained once, for readers new to LangGraph."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

GLOSSARY: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "The graph": {
            "Graph": "A program in LangGraph: nodes, and edges that say which node comes next.",
            "Node": "A function of the graph. It reads the state and returns what it changes. Many ask a language "
            "model.",
            "State": "The data that all nodes share, such as the question, the documents found and the answer.",
            "Superstep": "One round of the graph: all nodes whose turn it is run together, then their changes are put "
            "into "
            "the state. Three branches in parallel are one superstep, three nodes in a row are three.",
            "Subgraph": "A graph that is used as a node of another graph.",
            "Namespace": "The path that says in which subgraph something happened; empty in the outermost graph.",
        },
        "Memory": {
            "Thread": "One conversation: all runs that share a memory. A new thread remembers nothing.",
            "Checkpoint": "The state of a thread, saved after a superstep. Runs can be resumed from it, or forked.",
            "Checkpoint source": "What caused a checkpoint: the *input* of a run, a step of the *loop*, an *update* "
            "by hand, "
            "or a *fork*. The input has step −1: it is saved before the first superstep.",
            "Interrupt": "A pause that a node asks for, for example until a person has answered a question.",
            "Resume": "To continue a run where it waited or failed, with the answer of a person if it asked for one.",
            "Fork": "To continue from an older checkpoint, often with a changed state. The original branch stays.",
        },
        "The stream": {
            "Stream mode": "What a running graph sends: its full state (`values`), changes (`updates`), text "
            "(`messages`), own reports (`custom`), nodes (`tasks`), saved states (`checkpoints`), or all for finding "
            "errors "
            "(`debug`).",
            "Part": "What LangGraph hands to a program at once: the mode, the namespace of the graph it comes from, "
            "and the data. *Raw parts* shows each as it was sent.",
            "Token": "The unit in which a model reads and writes: a short word or a part of one, about four letters.",
            "Blocking": "Asked for with `invoke`: nothing is shown before the whole answer is there. The "
            "opposite of streaming.",
            "Chunk": "One delivery of the stream. A chunk of text is often one token, but a provider may put several "
            "into one.",
            "Event": "One delivery of a graph's stream: a part of a stream mode, or what an event API reports.",
            "Hosted": "Run by a provider on the internet, not on this machine. *typical hosted* is a scripted model at "
            "the pace of one.",
            "Tag": "A label on a model's call, by which a page can choose whose text to show. Calls with the tag "
            "`nostream` "
            "are not streamed.",
            "Flush strategy": "How received text gets to the screen: drawn by the browser itself (*direct*), or sent "
            "again by Streamlit with every token, or every few tokens or milliseconds. *last block only* sends "
            "finished paragraphs once, and only the unfinished one again.",
        },
        "The figures": {
            "TTFT": "Time to first token: from the click on Run until the first word arrives, waits included. It "
            "decides how fast an answer feels.",
            "First text": "When the first words were on screen, from the click on Run. Text that is drawn as it "
            "arrives is there at the TTFT; some flush strategies draw it later.",
            "ITL": "Inter-token latency: the gap between two chunks of text. Equal gaps flow, long ones stutter.",
            "TPOT": "Time per output token: the average gap after the first token.",
            "E2E": "End to end: from the click on Run to the end of the run, waits included.",
            "Decode speed": "Tokens per second while text streams, without the first: how fast one reads along.",
            "Wait": "The time from the click on Run until the graph starts: queue, rate limit, loading of the model.",
            "Arrived": "When text came from the graph. It is drawn then, or later: see *flush strategy*.",
            "Bytes": "The size of what LangGraph sent to the server's program, as JSON. A browser gets less.",
            "Text sent": "The letters of an answer that were sent to the browser to draw it, without the envelopes "
            "that carry them, which are often larger than the text.",
            "Repaint": "One drawing of a text on screen. Fewer of them send less, and show the text in larger pieces.",
            "Longest freeze": "The longest pause between two drawings of a text.",
            "Median": "The middle value: half of the values are lower. One odd run hardly moves it, as it would "
            "an average.",
            "Confidence": "How sure it is that a median lies in the range beside it: at 95%, 95 of 100 such "
            "ranges hold it.",
            "Warm-up": "A first run that repeats do not count: it may wait for what later ones find ready.",
            "p95": "The 95th percentile: 95 of 100 values are lower. It shows the bad cases that an average hides.",
            "SLO attainment": "The share of runs that met a target, such as “first token within a second” (SLO: "
            "service "
            "level objective).",
            "Goodput": "Runs that met all targets, per second. It says what a server does while it is fast enough.",
            "ECDF": "A curve that shows, for each value, which share of the runs was at most that. Further left is "
            "less: of a wait that is better, of a speed worse.",
        },
    }
)
"""Each term with its meaning, in groups."""


MEANINGS: Mapping[str, str] = MappingProxyType(
    {term: meaning for terms in GLOSSARY.values() for term, meaning in terms.items()}
)
_PLAIN_WORDS = frozenset(
    {
        "Graph",
        "Node",
        "State",
        "Token",
        "Event",
        "Hosted",
        "Tag",
        "Resume",
        "Interrupt",
        "Thread",
        "Part",
        "Stream mode",
        "Wait",
        "Arrived",
        "First text",
        "Bytes",
        "Text sent",
        "Blocking",
        "Confidence",
    }
)
"""Explained in the glossary, and too frequent in texts to be marked there."""
_MARKED = {term.lower(): term for term in MEANINGS if term not in _PLAIN_WORDS}
_FIND = re.compile(
    # What is code, a link or bold already stays as it is.
    r"`[^`]*`|\[[^\]]*\]\([^)]*\)|\b(" + "|".join(sorted(map(re.escape, _MARKED), key=len, reverse=True)) + r")(s?)\b",
    re.IGNORECASE,
)


def with_terms(markdown: str) -> str:
    """The text with the first mention of each term as a link, which `terms.js` answers with its meaning."""
    seen: set[str] = set()

    def link(found: re.Match[str]) -> str:
        if not found[1] or found[1].lower() in seen:
            return found[0]
        seen.add(found[1].lower())
        return f"[{found[0]}](#term-{slug(_MARKED[found[1].lower()])})"

    return _FIND.sub(link, markdown)


def slug(term: str) -> str:
    """The term's name in a link."""
    return term.lower().replace(" ", "-")


def terms_for_the_browser() -> str:
    """Each term and its meaning by its name in a link, as JSON that may be in a script of a document."""
    meanings = {slug(term): [term, meaning.replace("*", "").replace("`", "")] for term, meaning in MEANINGS.items()}
    return json.dumps(meanings, ensure_ascii=True).replace("<", "\\u003c")


def show_glossary() -> None:
    """A button that opens the glossary; by mouse and by keyboard."""
    with st.popover("Glossary", type="tertiary", icon=":material/menu_book:", key="glossary"):
        for group, terms in GLOSSARY.items():
            listed = "\n".join(f"- **{term}**: {meaning}" for term, meaning in terms.items())
            st.markdown(f"###### {group}\n\n{listed}")
