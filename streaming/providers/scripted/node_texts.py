"""The scripted model's texts for the nodes of the app's graphs; each fits the node's limit of tokens."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from zlib import crc32

from streaming.providers.scripted.chat_answers import joke_about

_SCENES: Mapping[str, str] = MappingProxyType(
    {
        "ice cream": "An ice cream that is afraid of the summer",
        "a cat that learns to code": "A cat that learns to code and sits on the keyboard",
        "rain on a holiday": "Rain that has booked the same holiday as you",
    }
)
_JOKES: Mapping[str, str] = MappingProxyType(
    {
        "afraid of the summer": "{subject} goes to the doctor. “I cannot cope with pressure,” it says.\n\n“I see,” "
        "says the "
        "doctor. “You have **had a meltdown**. Come back when you have cooled down.”",
        "sits on the keyboard": "{subject}. After a week it is better than the whole team.\n\nIts secret? It pays "
        "attention "
        "to every **mouse** event, and it has nine lives in production.",
        "same holiday": "{subject}. “What a coincidence!” it calls from the balcony. “I come here every year.”\n\n“I "
        "know,” "
        "says the receptionist. “We call it **high season**: it is when you fall hardest.”",
        "at a job interview": "{subject}. “Where do you see yourself in five years?”\n\n“Still waiting for the first "
        "token,” "
        "is the answer. “But with a very good **progress bar**.”",
        "on a first date": "{subject}. “Tell me everything about yourself,” says the other one.\n\n“All at once, or "
        "shall I "
        "**stream** it?” – “Stream it. Then I can stop you.”",
        "in a lift that stands still": "{subject}. After an hour the loudspeaker speaks: “Loading, 99 "
        "percent.”\n\n“Do not "
        "worry,” say the others. “That is the longest part. We have been here **since Monday**.”",
    }
)
_NEW_SCENES = ("{subject} at a job interview", "{subject} on a first date", "{subject} in a lift that stands still")

_IDEAS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("cheap", "celebrate a birthday"): "Meet in the park at sunset: everybody brings "
        "one dish and one good story. A borrowed lantern on the table costs nothing and looks like a feast.",
        (
            "fun",
            "celebrate a birthday",
        ): "Hide ten small gifts in the town, and let the guests find them by photo clues. Who finds the last "
        "one wears the paper crown until midnight.",
        (
            "quick",
            "celebrate a birthday",
        ): "Put candles on bread rolls from the bakery, and sing at breakfast. It takes ten "
        "minutes, and the whole day begins with a party.",
        ("cheap", "learn to cook"): "Learn five dishes from eggs, rice and whatever the market sells in the "
        "evening. Cook for four, eat for two days, and the pan has paid for itself.",
        ("fun", "learn to cook"): "Cook with a friend by video, the same dish in two kitchens, and compare. The "
        "worse plate washes up for both, at least in spirit.",
        ("quick", "learn to cook"): "Start with one pan: a good omelette takes four minutes and a steady flame. Make "
        "one each morning, and after a week your hands know it by themselves.",
        ("cheap", "make a garden"): "Swap seeds with the neighbours, and sow them in old tins with holes. Coffee "
        "grounds feed the soil, and rain from a barrel waters it for nothing.",
        ("fun", "make a garden"): "Plant a pizza: basil, tomatoes and oregano in one round bed. Give each slice to "
        "one person, and let the best slice choose the film.",
        ("quick", "make a garden"): "Sow radishes and cress today: the first harvest is there in four weeks. A box "
        "on the window sill is garden enough for the beginning.",
    }
)
_OTHER_IDEAS: Mapping[str, str] = MappingProxyType(
    {
        "cheap": "{subject}: borrow what you need, and pay with help in place of money. Ask three people "
        "first: one of them has it in the cellar.",
        "fun": "Turn it into a game: two teams, one evening, and a silly prize. {subject}! Whoever laughs "
        "first keeps the score for the others.",
        "quick": "{subject} in twenty minutes: do only the first step, today, and stop there. Tomorrow the "
        "second one is already smaller than it looked.",
    }
)
_ORDER = ("fun", "cheap", "quick")

_ADVICE: Mapping[str, tuple[str, tuple[tuple[str, str, str], ...], str]] = MappingProxyType(
    {
        "buy a phone": (
            "What matters is how long it gets updates, and whether one hand can hold it.",
            (
                ("A used one, two years old", "low", "calls, maps, messages"),
                ("A new mid-range phone", "middle", "five years of updates"),
                ("A flagship", "high", "photos in bad light"),
            ),
            "Take the mid-range phone: its battery and its updates last as long as the dear one's. Pay more only if "
            "you "
            "take photos in the dark.",
        ),
        "choose a pet": (
            "What matters is how many hours a day somebody is at home.",
            (
                ("Two guinea pigs", "low", "a quiet home"),
                ("A cat from the shelter", "middle", "people with a job"),
                ("A dog", "high", "long walks, every day"),
            ),
            "If you work all day, take a cat from the shelter, or better two. A dog is right only if somebody walks "
            "with it, "
            "rain or not.",
        ),
        "spend a holiday": (
            "What matters is whether you want to rest or to see something new.",
            (
                ("A week by bicycle", "low", "slow days outside"),
                ("A house by a lake", "middle", "families and friends"),
                ("A rail pass", "high", "many cities, no car"),
            ),
            "Rent the house by the lake if you need rest. If you are restless, take the train, and plan only the first "
            "night.",
        ),
    }
)
_OTHER_ADVICE = (
    "What matters with {subject} is who will use it, how often, and what may go wrong.",
    (
        ("The simple one", "low", "a first try"),
        ("The everyday one", "middle", "most tasks"),
        ("The thorough one", "high", "years to come"),
    ),
    "For {subject}, begin with the simple option and keep what you learn. Change to the everyday one when the simple "
    "one "
    "gets in your way.",
)

_NEWS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "the park opens on monday": (
            "Take off your shoes: on Monday the park opens again, with fresh grass and new benches. Bring a ball, a "
            "book or "
            "nothing at all!",
            "The park opens on Monday",
        ),
        "our shop has fresh apples": (
            "The first apples of the year are in our shop, picked this morning and still cold from the night. Come and "
            "taste one before you choose!",
            "Fresh apples, picked today",
        ),
        "the bus is free this weekend": (
            "This weekend the bus costs nothing, on every line and all day long. Leave the car at home, and see how "
            "far you "
            "get!",
            "Free buses this weekend",
        ),
    }
)

_OTHER_DRAFTS = (
    "{subject}. That is all, and it is true: come by when it suits you, and tell us what you think of it.",
    "Have you heard? {subject}! We have waited for this day as long as you have, and there is room for everybody.",
)

_SUBJECTS: Mapping[str, str] = MappingProxyType(
    {
        "progress bars": "A progress bar answers one question: *how much longer?* An honest one counts steps that are "
        "done. "
        "A bar that moves for show is believed once.",
        "skeletons": "A skeleton shows where something will appear before it is there. It helps while nothing else "
        "can be "
        "shown, and it is in the way as soon as the first words are.",
        "back-pressure": "Back-pressure is what happens when the reader is slower than the writer: either the writer "
        "waits, "
        "or something in between grows. A stream without a limit moves the problem into memory.",
    }
)
_OTHER_SUBJECT = "This report keeps to what was found on *{subject}*, and says where each sentence comes from."
_HEADINGS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "progress bars": ("What a bar promises", "When it should be exact", "What to show instead"),
        "skeletons": ("What a skeleton holds free", "When it helps", "When to leave it out"),
        "back-pressure": ("Who waits for whom", "Where the queue grows", "How to set a limit"),
    }
)
_REPORT = """# {Subject}

{about}

## What the passages say

{notes}

## What it costs

| way | sent | feels |
|---|---|---|
| the whole answer | once | slow |
| every token | n² bytes | fast, then late |
| last block only | about n bytes | fast |

```python
async for part in graph.astream(question, stream_mode=["messages", "custom"], version="v2"):
    draw(part)
```

## What to do next

1. Measure the time to the first token.
2. Stream the node that speaks; report on those that work.
3. Give the reader a way to stop."""

_CHECKS = (
    "The report is clear, names its sources and ends with steps. It can be sent.",
    "Every claim has a source, and the text is short. It can be sent.",
    "It says what was found and no more. It can be sent.",
)
_NOTE = re.compile(r"(?m)^\[(\d+)\] (.+)$")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def refined(subject: str, _: str) -> str:
    """A scene for a joke."""
    return _SCENES.get(subject.lower(), _pick(_NEW_SCENES, subject).replace("{subject}", _upper(subject)))


def joke(subject: str, _: str) -> str:
    """The joke of this scene, or one that works with any subject."""
    found = next((text for scene, text in _JOKES.items() if scene in subject.lower()), None)
    return found.replace("{subject}", _upper(subject)) if found else joke_about(subject)


def answer_from_passages(subject: str, prompt: str) -> str:
    """The sentences of the first passage, cited; for a subject that is no question only the first of them."""
    found = [(number, _sentences(text)) for number, text in _NOTE.findall(prompt)]
    if not found:
        return (
            f"The collections have nothing on *{subject}*. Try a question on streaming, LangGraph or user experience."
        )
    number, sentences = found[0]
    if "?" not in prompt.splitlines()[0]:
        return f"{sentences[0]} [{number}]."
    cited = "\n".join(f"- {sentence} [{number}]." for sentence in sentences[1:])
    return f"**{sentences[0]}** [{number}]." + (f"\n\nThe same document adds:\n\n{cited}" if cited else "")


def plan(subject: str, _: str) -> str:
    """Three headings."""
    other = (f"What {subject} means"[:60], "What the passages say", "What to do next")
    return "\n".join(f"{n}. {text}" for n, text in enumerate(_HEADINGS.get(subject.lower(), other), 1))


def report(subject: str, prompt: str) -> str:
    """A report with headings, the notes of the prompt, a table and code."""
    notes = [f"- {'. '.join(_sentences(text))} [{number}]." for number, text in _NOTE.findall(prompt)]
    text = _REPORT.replace("{about}", _SUBJECTS.get(subject.lower(), _OTHER_SUBJECT))
    text = text.replace("{notes}", "\n".join(notes) or "- The collections have nothing on this subject.")
    return text.replace("{subject}", subject).replace("{Subject}", _upper(subject))


def check(_: str, prompt: str) -> str:
    """A verdict in one or two short sentences."""
    return _pick(_CHECKS, prompt)


def idea(_: str, prompt: str) -> str:
    """The idea of one branch; `prompt` is an angle and a goal."""
    angle, _colon, goal = (part.strip() for part in prompt.partition(":"))
    known = _IDEAS.get((angle, goal.lower().rstrip(".!?")))
    return known or _OTHER_IDEAS.get(angle, "{subject}: begin small.").replace("{subject}", _upper(goal or angle)[:60])


def merged(_: str, prompt: str) -> str:
    """The ideas of the branches as a list, the best first."""
    ideas = dict(line.split(": ", 1) for line in prompt.splitlines() if ": " in line)
    order = sorted(ideas, key=lambda angle: _ORDER.index(angle) if angle in _ORDER else len(_ORDER))
    return (
        "\n".join(f"{n}. **{_upper(angle)}**: {ideas[angle]}" for n, angle in enumerate(order, 1)) or "1. Begin small."
    )


def draft(subject: str, prompt: str) -> str:
    """An announcement in two sentences; other ones than the draft that `prompt` tells not to write again."""
    known = _NEWS.get(subject.lower())
    first = known[0] if known else f"Good news: {subject}. Come and see for yourself, and bring a friend!"
    versions = [first, *(text.replace("{subject}", subject) for text in _OTHER_DRAFTS)]
    rejected = next((n for n, text in enumerate(versions) if text in prompt), -1)
    return versions[(rejected + 1) % len(versions)]


def title(subject: str, prompt: str) -> str:
    """The title of an announcement: that of a known one, else its first words."""
    known = next((title for text, title in _NEWS.values() if text == prompt.strip()), None)
    words = re.split(r"[.!?]", prompt.removeprefix("Good news: ").strip() or subject)[0].split()
    return known or " ".join(words[:6])


def thought(subject: str, _: str) -> str:
    """One sentence on what matters."""
    return _ADVICE.get(subject.lower(), _OTHER_ADVICE)[0].replace("{subject}", subject)


def options(subject: str, _: str) -> str:
    """Three options as JSON."""
    rows = _ADVICE.get(subject.lower(), _OTHER_ADVICE)[1]
    listed = (json.dumps(dict(zip(("name", "price", "good_for"), row, strict=True))) for row in rows)
    return '{"options": [\n' + ",\n".join(listed) + "]}"


def advice(subject: str, _: str) -> str:
    """Two sentences of advice."""
    return _ADVICE.get(subject.lower(), _OTHER_ADVICE)[2].replace("{subject}", subject)


def _pick(choices: tuple[str, ...], seed: str) -> str:
    return choices[crc32(seed.lower().encode()) % len(choices)]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentences(passage: str) -> list[str]:
    """The sentences of a passage, without their full stops and without the numbers of other citations."""
    plain = re.sub(r"\s*\[\d+\]|\*\*", "", passage).strip()
    return [sentence.rstrip(".") for sentence in _SENTENCE.split(plain) if sentence] or [plain]
