"""The scripted model's answers in a chat: known questions, and what the person said before."""

import re
from collections.abc import Callable, Sequence
from zlib import crc32

_NAME = re.compile(r"(?i:\bmy name(?: is|'s) )([^\W\d_][\w'-]*)|(?i:\bcall me )([A-Z][\w'-]*)")
_CLAUSE = re.compile(r"[.,;!\n]|\band\b")
_FACT = re.compile(r"(?i)\b(?:my|the) ([a-z][a-z ]{1,30}?) (?:is|are)(?: called| named)? ([^?]{1,60})$")
_ASKED = re.compile(
    r"(?i)\b(?:what|which|who)(?:'s| is| are| was)? (?:my|the) ([a-z][a-z ]{1,30}?)(?: called| named)?(?: again)?\s*\?"
)
_WHO_AM_I = re.compile(r"(?i)\b(?:who am i|do you (?:know|remember) my name|what am i called)\b")
_SAID_NUMBER = re.compile(r"(?i)\b(?:what|which) (?:was the )?number\b")
_WHAT_I_SAID = re.compile(r"(?i)\bwhat did i (?:ask|say|tell)|\bwhat was my (?:first|last) (?:question|message)")
_SHORTER = re.compile(r"(?i)^\W*(?:shorter|in one sentence|in short|summari[sz]e|and in short|tl;?dr)\b")
_JOKE = re.compile(r"(?i)\bjoke(?:s)?\b(?: (?:about|on|with) (.+))?")

JOKES = (
    "Why did {subject} cross the road?\n\nNobody knows: the connection closed one token before the punch line.",
    "How many engineers does it take to explain {subject}?\n\nTwo: one who explains it, and one who says “it depends”.",
    "What do {subject} and a good punch line have in common?\n\nTiming.\n\n…\n\n(Sorry, that was the rate limit.)",
    "I asked for everything about {subject}, as a stream.\n\nIt came so fast that I laughed before the punch line.",
)

_UNKNOWN = """*{subject}*: for this I have no text. I am the **scripted model**, without AI: fixed answers at a pace \
that \
you choose, so that measurements are exact. I can chat, tell jokes, write a table or code, and remember your name.

What I can say about every answer that is streamed:

- **TTFT**, the time to the first token: how long the screen stays empty.
- **ITL**, the gap between two tokens: whether the text flows or stutters.
- **E2E**, the time to the end: when the reader has all of it.

People forgive a long answer more easily than a silent one. Show something true within a second, and let them stop \
it."""

# The first pattern that is found in the prompt decides.
_KNOWN: tuple[tuple[str, str], ...] = (
    (
        r"vanilla|ice ?cream",
        """Vanilla is the seed pod of an **orchid**. It flowers for a single day, and most flowers are pollinated by \
hand; \
that is why it costs so much.

For the ice cream you need:

1. Milk and cream, in equal parts, warmed with a vanilla pod.
2. Egg yolks and sugar, beaten until they are pale.
3. Patience: stir both over a low heat, cool them overnight, then freeze while stirring.

The stirring keeps the ice crystals small. Small crystals feel creamy; large ones feel like snow.""",
    ),
    (
        r"rainbow",
        """A rainbow is **sunlight, sorted by colour**.

- The light enters a raindrop and bends.
- It is reflected at the back of the drop.
- It bends again on its way out, each colour by a slightly different angle: red at about 42°, violet at about 40°.

You see it with the sun behind you and the rain in front. The person beside you sees another rainbow, made by other \
drops.""",
    ),
    (
        r"\bsea\b|\bocean\b",
        """The sea covers more than two thirds of the Earth and moves without ever going anywhere. By day it borrows \
its \
blue from the light; at night it gives back the warmth that it has kept. Stand beside it for a minute, and your breath \
falls in with the waves.""",
    ),
    (
        r"stream modes?|which mode",
        """LangGraph can tell the same run in seven ways, its **stream modes**:

| mode | what arrives | good for |
|---|---|---|
| `values` | the full state after each step | a form, a board |
| `updates` | what each node changed | a list of steps |
| `messages` | the answer, token by token | a chat |
| `custom` | what nodes write themselves | a progress bar |
| `tasks` | start and end of each node | a timeline |
| `checkpoints` | each saved state | undo and resume |
| `debug` | tasks and checkpoints in one | finding errors |

Ask for several at once; they arrive in one stream.""",
    ),
    (
        r"super-?step",
        """A **superstep** is one round of a graph: all nodes whose turn it is run at the same time, and then their \
changes \
are put into the state together. The next superstep begins with the new state.

Three branches in parallel are *one* superstep. Three nodes in a row are three.""",
    ),
    (
        r"lang ?graph",
        """**LangGraph** is a library for programs in which a language model does several things in a row, or at the \
same \
time.

- A **node** is a function. It reads the state and returns what it changes.
- The **state** is the data that all nodes share.
- An **edge** says which node comes next; it can depend on the state.
- A **checkpoint** saves the state after each step, so that a run can be resumed.

```python
graph = StateGraph(State)
graph.add_node("answer", answer)
graph.add_edge(START, "answer")
app = graph.compile()
```

While it runs, it *streams*: you can show what happens before the result is there.""",
    ),
    (
        r"typing indicator",
        """Use a **typing indicator** between the question and the first token, and only there.

- Below 0.3 seconds it flickers: leave it out.
- After one second without it, people think that nothing happens.
- Once text arrives, remove it: the text is the better indicator.

If the wait has steps, name them: “Searching three collections” says more than three dots.""",
    ),
    (
        r"first token|\bttft\b",
        """**Time to first token (TTFT)** is how long the screen stays empty after a question.

It decides how fast an answer *feels*. Two answers may both take five seconds; the one whose first word is there after \
0.4 seconds is called fast.

To shorten it: a shorter prompt, a cached prefix, a smaller model, and no buffer between the model and the screen.""",
    ),
    (
        r"checkpoint",
        """A **checkpoint** is the state of a conversation, saved after a step.

1. With it a chat remembers what was said.
2. A run that failed, or that waits for a person, goes on from there.
3. You can go back to it, change something, and take another way: a *fork*.""",
    ),
    (
        r"\bstream(?:ing|ed)?\b",
        """**Streaming** means that you read the beginning of an answer while the end is still being written.

1. The model writes one *token* after another, about ¾ of a word each.
2. The server sends each of them at once, and waits for nothing.
3. The page draws what has come, and grows.

Nothing gets faster by it, and yet everything feels faster: in place of ten seconds of silence there is half a second. \
You can also stop early, which saves the rest.""",
    ),
    (
        r"haiku|\bpoem\b",
        """First token, first leaf –
the page was white a moment.
Now it will not stop.""",
    ),
    (
        r"\btable\b|\bcompare\b",
        """Here is a small table of planets.

| planet | day | moons | a good reason to visit |
|---|---:|---:|---|
| Mercury | 176 d | 0 | long evenings |
| Earth | 24 h | 1 | coffee |
| Mars | 24.7 h | 2 | the highest mountain |
| Jupiter | 9.9 h | 95+ | a storm that never ends |

A table streams row by row: each row is complete before the next one begins.""",
    ),
    (
        r"\bcode\b|python|function|program|script\b",
        """This prints an answer while it is being written:

```python
import asyncio

from langchain.chat_models import init_chat_model


async def main() -> None:
    model = init_chat_model("openai:gpt-4.1-mini")
    async for chunk in model.astream("Write a haiku about rain."):
        print(chunk.text, end="", flush=True)


asyncio.run(main())
```

`flush=True` matters: without it the terminal keeps the text back until the line ends, and the stream is gone.""",
    ),
    (
        r"\bstory\b|fairy tale",
        """There was once a lighthouse that was afraid of the dark.

Every evening it waited until the last possible moment, and every evening the ships had to slow down. One night a \
small \
boat called up: “What are you waiting for?” – “For all of my light,” said the lighthouse, “so that I can send it at \
once.” \
– “We do not need all of it,” called the boat. “We only need the beginning.”

Since then it has never kept a ship waiting.""",
    ),
    (
        r"pancakes?|recipe|\bcook\b",
        """**Pancakes for two**

1. Whisk 2 eggs, 200 ml of milk and a pinch of salt.
2. Stir in 120 g of flour, and let the batter rest for ten minutes.
3. Melt butter in a pan until it stops foaming.
4. Bake each pancake for a minute and a half, turn it, and bake it for one minute more.

The first one never turns out well. That one belongs to the cook.""",
    ),
    (
        r"count (?:to|from)|numbers? from",
        "One, two, three, four, five, six, seven, eight, nine, ten. Each word came as soon as it was ready; a whole "
        "answer "
        "would have arrived with the ten.",
    ),
    (
        r"who are you|what are you|what can you|your name|\bhelp\b",
        """I am the **scripted model**: I have no AI, only texts, and I write them at exactly the pace that you set.

Try one of these:

- *What is LangGraph?* or *Explain streaming*
- *Tell me a joke about cats*
- *Write a haiku*, *a small table*, or *some code*
- *My name is Ada*, and then *What is my name?*

For real answers choose another model in *Model settings*: the embedded one needs no key.""",
    ),
    (
        r"how are you|how do you do",
        "At sixty tokens a second, thank you, and without a care. A script has no bad days; it only has slow "
        "connections. "
        "And how are you?",
    ),
    (
        r"thank|\bthanks\b|\bbye\b",
        "You are welcome. The whole run stays in *Runs*: there you can compare it, and in *Replay* you can watch it "
        "again, "
        "ten times slower.",
    ),
    (
        r"\b(?:hello|hi|hey|good (?:morning|evening|day))\b",
        """Hello! I am the scripted model: no AI, but always in time.

What you see now is a *stream*: each word appears as soon as it is written. Ask me what LangGraph is, let me tell \
you a \
joke, or tell me your name and see whether I remember it.""",
    ),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), text) for pattern, text in _KNOWN)


def chat_answer(humans: Sequence[str], answers: Sequence[str], *, subject: str) -> str:
    """The answer to the last of the person's messages; `answers` are those that were given before."""
    prompt, earlier = (humans[-1], humans[:-1]) if humans else ("", ())
    rules: tuple[Callable[[], str | None], ...] = (
        lambda: _remembered(prompt, earlier),
        lambda: _shortened(prompt, answers),
        lambda: _joke(prompt),
        lambda: _noted(prompt),
        lambda: next((text for pattern, text in _COMPILED if pattern.search(prompt)), None),
    )
    known = next((text for rule in rules if (text := rule())), None)
    if known is not None:
        return known
    name = facts_in(earlier).get("name")
    return (f"{name}, let me be honest. " if name else "") + _UNKNOWN.replace("{subject}", subject or "nothing")


def facts_in(messages: Sequence[str]) -> dict[str, str]:
    """What a person said about themselves, by its name in lower case; a later fact replaces an earlier one."""
    facts: dict[str, str] = {}
    for message in messages:
        for clause in _CLAUSE.split(message):
            if (fact := _FACT.search(clause.strip())) is not None and not message.strip().endswith("?"):
                facts[fact[1].lower()] = fact[2].strip()
        if (name := _NAME.search(message)) is not None:
            facts["name"] = name[1] or name[2]
    return facts


def joke_about(subject: str) -> str:
    """A joke that works with any subject; the same subject gets the same joke."""
    return JOKES[crc32(subject.lower().encode()) % len(JOKES)].replace("{subject}", subject)


def _remembered(prompt: str, earlier: Sequence[str]) -> str | None:
    facts = facts_in([*earlier, prompt])
    if _WHAT_I_SAID.search(prompt):
        if not earlier:
            return "Nothing yet: this is the first message of our conversation."
        which = earlier[0] if "first" in prompt.lower() else earlier[-1]
        return f"You wrote: “{which.strip()}”"
    asked = _ASKED.search(prompt)
    wanted = "name" if _WHO_AM_I.search(prompt) else asked[1].strip().lower() if asked else ""
    if not wanted and _SAID_NUMBER.search(prompt):
        wanted = next((fact for fact in facts if "number" in fact), "number")
    if wanted in facts:
        return _recalled(wanted, facts[wanted])
    if wanted and (wanted in ("name", "number") or " my " in f" {prompt.lower()}"):
        return f"You have not told me your {wanted} yet. Write *My {wanted} is …*, then ask me again."
    return None


def _recalled(what: str, value: str) -> str:
    if what == "name":
        return f"Your name is **{value}**. You told me earlier in this conversation, and its thread has kept it."
    return f"Your {what}: **{value}**. You said so earlier, and the thread of this conversation has kept it."


def _noted(prompt: str) -> str | None:
    facts = {} if prompt.strip().endswith("?") else facts_in([prompt])
    if not facts or not re.search(r"(?i)\b(?:my|call me|number)\b", prompt):
        return None
    if "name" in facts:
        rest = ", ".join(f"your {what}: {value}" for what, value in facts.items() if what != "name")
        also = f" I have also noted {rest}." if rest else ""
        return (
            f"Nice to meet you, **{facts['name']}**!{also} Ask me *What is my name?* in a later message: the whole "
            "conversation is sent along each time, and that is all that a model's memory is."
        )
    listed = ", ".join(f"your {what} is **{value}**" for what, value in facts.items())
    return f"Noted: {listed}. Ask me about it later, and I will find it in our conversation."


def _shortened(prompt: str, answers: Sequence[str]) -> str | None:
    if not answers or not _SHORTER.search(prompt):
        return None
    first = re.split(r"(?<=[.!?:])\s", answers[-1].strip(), maxsplit=1)[0]
    return f"In one sentence: {first.rstrip(':')}"


def _joke(prompt: str) -> str | None:
    found = _JOKE.search(prompt)
    if found is None:
        return None
    return joke_about(re.sub(r"[?!.\s]+$", "", found[1] or "a patient engineer"))
