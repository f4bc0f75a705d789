"""The texts of the scripted model, chosen by a phrase in the system message."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count, cycle, islice

from langchain_core.messages import BaseMessage

from streaming.providers.scripted import node_texts
from streaming.providers.scripted.chat_answers import chat_answer

# Each node of the app's graphs is known by a phrase of its system message.
_BY_PHRASE: tuple[tuple[str, Callable[[str, str], str]], ...] = (
    ("refine the topic", node_texts.refined),
    ("tell a joke", node_texts.joke),
    ("answer from the passages", node_texts.answer_from_passages),
    ("plan the report", node_texts.plan),
    ("write the report", node_texts.report),
    ("check the report", node_texts.check),
    ("one idea", node_texts.idea),
    ("merge the ideas", node_texts.merged),
    ("draft the announcement", node_texts.draft),
    ("title of the announcement", node_texts.title),
    ("think about the question", node_texts.thought),
    ("three options as json", node_texts.options),
    ("give the advice", node_texts.advice),
)
_TEMPOS = {"cheap": (1.0, 1.0), "fun": (1.5, 0.6), "quick": (0.6, 1.5)}

_MORE = (
    "A token is not a word. The reader sees words, the network carries chunks, and the model counts tokens; a good "
    "page keeps the three apart and times each where it can be seen.",
    "Waiting is easier when it has a shape. A line that says which document is being read is worth more than a "
    "spinner, and a bar that stands still honestly beats one that moves for show.",
    "- Write a finished block once.\n- Send only the tail again.\n- Never draw more often than the screen refreshes.",
    "When the connection breaks in the middle of an answer, what has arrived is still good. Keep it, say where it "
    "stopped, and offer to go on.",
    "```python\nfor batch in run.follow(frame_s=0.016):\n    view.draw(batch)\n```",
    "Parallel branches share one screen. Give each its own column and its own clock, or the fastest will seem to "
    "interrupt the others.",
    "> The best progress report is the work itself, arriving early.",
    "| figure | starts | ends |\n|---|---|---|\n| TTFT | submit | first text |\n| E2E | submit | last event |",
    "Cancel means stop paying. Closing the provider's stream frees the slot within a moment, and the rest of "
    "the answer is never written.",
)


_PIECE = re.compile(r"\s*\S{1,5}|\s+")


def token_pieces(text: str) -> list[str]:
    """The text in token-sized pieces (about four characters, after white space); joined they are the text again."""
    return _PIECE.findall(text)


def answer_for(messages: Sequence[BaseMessage], *, tokens: int | None = None) -> str:
    """The text for this conversation, cut or continued to `tokens` pieces if a number is given."""
    humans = [str(message.text) for message in messages if message.type == "human"]
    prompt = humans[-1] if humans else ""
    subject = _subject(prompt)
    system = _system(messages)
    write = next((write for phrase, write in _BY_PHRASE if phrase in system), None)
    if write is not None:
        text = write(subject, prompt)
    else:
        answers = [str(message.text) for message in messages if message.type == "ai" and message.text]
        text = chat_answer(humans, answers, subject=subject)
    return text if tokens is None else _of_length(text, tokens, seed=subject)


_REASONING = (
    "The question is about {subject}.",
    " What does the reader know already? Probably the words, not the reasons.",
    " A short answer first, then one example.",
    " Is there anything that could mislead? A figure without its unit would.",
    " The example should be one that can be tried at once.",
    " Three points are enough; a fourth one would hide the others.",
)


def thought_for(messages: Sequence[BaseMessage], *, tokens: int) -> str:
    """Reasoning of this length about the latest question."""
    asked = next((str(message.text) for message in reversed(messages) if message.type == "human"), "")
    text = "".join(_REASONING).replace("{subject}", _subject(asked))
    return "".join(islice(cycle([*token_pieces(text), " "]), tokens))


def tempo_for(messages: Sequence[BaseMessage]) -> tuple[float, float]:
    """Factors of this call's time to the first token and of its speed, so that parallel branches are not in step."""
    if "one idea" not in _system(messages):
        return 1.0, 1.0
    return _TEMPOS.get(str(messages[-1].text).partition(":")[0], (1.0, 1.0))


def _system(messages: Sequence[BaseMessage]) -> str:
    return " ".join(str(message.text).lower() for message in messages if message.type == "system")


_NAMED = re.compile(r"(?im)^(?:topic|subject|question|news):\s*(.+)$")


def _subject(prompt: str) -> str:
    """The subject of the prompt, in words that fit into a sentence: a line with a name, else the first line."""
    named = _NAMED.search(prompt)
    first = next((line for line in prompt.splitlines() if line.strip()), "streaming")
    return re.sub(r"[?!.:]+$", "", (named.group(1) if named else first).strip())[:80]


def _of_length(text: str, tokens: int, *, seed: str) -> str:
    return "".join(islice(_endless(text, seed), tokens))


def _endless(text: str, seed: str) -> Iterator[str]:
    order = random.Random(seed)
    yield from token_pieces(text)
    for part in count(2):
        yield from token_pieces(f"\n\n## Part {part}")
        for paragraph in order.sample(_MORE, len(_MORE)):
            yield from token_pieces("\n\n" + paragraph)
