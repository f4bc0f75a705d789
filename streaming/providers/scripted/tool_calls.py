"""The tool calls of the scripted model: fixed rules, so that an agent can be shown without AI."""

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from langchain_core.messages import BaseMessage

_SUM = re.compile(r"\d[\d\s.+*/%()-]*[+*/%-][\d\s.+*/%()-]*[\d)]")
_NUMBER = re.compile(r"\d+")
_LONGEST_LINE = 300
_CLOSING = ("Ask on, and I call the tool again.", "They ran at the same time; each result came when it was ready.")
_JOB = ("index", "job", "report")


class ScriptedCall(NamedTuple):
    """A tool's name and its arguments as JSON."""

    tool: str
    arguments: str


def tool_calls_for(messages: Sequence[BaseMessage], tools: Sequence[str]) -> list[ScriptedCall]:
    """The calls to make now: all of them for a new question, none after their results."""
    if not tools or not messages or messages[-1].type != "human":
        return []
    prompt = str(messages[-1].text)
    return [call for call in _wanted(prompt) if call.tool in tools]


def tool_summary(messages: Sequence[BaseMessage]) -> str | None:
    """The answer about the latest results; `None` if there are none."""
    results: list[BaseMessage] = []
    for message in reversed(messages):
        if message.type != "tool":
            break
        results.insert(0, message)
    if not results:
        return None
    bullets = [f"- **{message.name}**: {_first_line(str(message.text))}" for message in results]
    return "Here is what the tools found.\n\n" + "\n".join(bullets) + f"\n\n{_CLOSING[len(results) > 1]}"


def _wanted(prompt: str) -> list[ScriptedCall]:
    wanted = []
    words = _SUM.sub(" ", prompt).strip(" ?.!")
    if any(word in prompt.lower() for word in _JOB):
        number = _NUMBER.search(prompt)
        return [_call("build_index", documents=int(number[0]) if number else 12)]
    if (found := _SUM.search(prompt)) is not None:
        wanted.append(_call("calculator", expression=found[0].strip()))
        words = re.split(r",? and what", words)[0]
    if len(words.split()) > 3 or not wanted:
        wanted.insert(0, _call("search_documents", query=words))
    return wanted


def _call(tool: str, **arguments: Any) -> ScriptedCall:
    return ScriptedCall(tool, json.dumps(arguments))


def _first_line(text: str) -> str:
    line = text.strip().splitlines()[0] if text.strip() else "nothing"
    if len(line) <= _LONGEST_LINE:
        return line
    sentences = line[:_LONGEST_LINE].rpartition(". ")[0]
    return f"{sentences}." if sentences else f"{line[:_LONGEST_LINE].rpartition(' ')[0]} …"
