"""The texts of the scripted model, chosen by a phrase in the system message."""

import random
import re
from collections.abc import Iterator, Sequence
from itertools import count, cycle, islice

from langchain_core.messages import BaseMessage

_REFINE = "{subject}, seen on a Monday morning before the first coffee"

_JOKE = """Why did {subject} refuse to wait for the whole answer?

Because the first token had already arrived, and by the time the last one came the punch line was **buffered**."""

_CHAT = """You asked about *{subject}*. Here is the short version.

A streamed answer begins to arrive while the rest is still being written. Three figures describe it:

- **TTFT**, the time to the first token: how long the screen stays empty.
- **ITL**, the gap between two tokens: whether the text flows or stutters.
- **E2E**, the time to the end: when the reader can act on it.

People forgive a long answer more easily than a silent one. Show something true within a second, \
and let them stop it."""

_COLLECTIONS = "streaming, langgraph, ux"

_ANSWER = """On *{subject}* the passages agree: what matters first is the time until something true is \
on the screen [1].

After that the pace matters more than the total: a steady flow reads as fast, a stutter as slow [2]. Say what happens \
while it happens, and let the reader stop it at any moment [3]."""

_PLAN = """1. What {subject} means
2. What the passages say
3. What it costs
4. What to do next"""

_REPORT = """# {Subject}

## What it means

A reader meets *{subject}* long before the last token is written. The report below keeps to what was gathered.

## What the passages say

- The first token decides how fast an answer feels.
- State events explain what is happening; tokens show it.
- Progress that moves without meaning is worse than none.

## What it costs

| way | sent | felt |
|---|---|---|
| whole answer | once | slow |
| every token | n² bytes | fast, then late |
| blocks | about n bytes | fast |

```python
async for part in graph.astream(question, stream_mode=["messages", "custom"], version="v2"):
    draw(part)
```

## What to do next

1. Measure the time to the first token.
2. Stream the node that speaks, report on those that work.
3. Give the reader a way to stop."""

_CHECK = "The report keeps to its plan, names its sources and ends with steps that can be taken. It can be sent."

_IDEA = "For {subject}: show one small, finished piece within a second, and let it grow while the reader looks."

_MERGE = """1. Show the first finished piece within a second.
2. Let it grow where the eye already rests.
3. Say what is still missing, and offer a way to stop."""

_DRAFT = """There is news: {subject}. Come and see for yourself; all are welcome, and there is no hurry."""

_TITLE = "News for everybody"

_THOUGHT = "What matters with {subject} is who will use it, how often, and what may go wrong."

_OPTIONS = """{"options": [
{"name": "The simple one", "price": "low", "good_for": "a first try"},
{"name": "The everyday one", "price": "middle", "good_for": "most tasks"},
{"name": "The thorough one", "price": "high", "good_for": "years to come"}]}"""

_ADVICE = """For {subject}, begin with the simple option and keep what you learn.

Move on to the everyday one when the simple one gets in your way."""

_BY_PHRASE: tuple[tuple[str, str], ...] = (
    ("refine the topic", _REFINE),
    ("tell a joke", _JOKE),
    ("choose collections", _COLLECTIONS),
    ("answer from the passages", _ANSWER),
    ("plan the report", _PLAN),
    ("write the report", _REPORT),
    ("check the report", _CHECK),
    ("one idea", _IDEA),
    ("merge the ideas", _MERGE),
    ("draft the announcement", _DRAFT),
    ("title of the announcement", _TITLE),
    ("think about the question", _THOUGHT),
    ("three options as json", _OPTIONS),
    ("give the advice", _ADVICE),
)

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
    system = " ".join(str(message.text).lower() for message in messages if message.type == "system")
    humans = [str(message.text) for message in messages if message.type == "human"]
    subject = _subject(humans[-1] if humans else "")
    template = next((text for phrase, text in _BY_PHRASE if phrase in system), _CHAT)
    text = template.replace("{subject}", subject).replace("{Subject}", subject[:1].upper() + subject[1:])
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
