"""What a pending question asks: its sentence, the answers to choose from, or tool calls that a person reviews."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from streaming.core.events import Pending

Form = Literal["batch", "single", "inbox"]
"""Who asks: LangChain's middleware for all calls at once or for each call, or a graph for LangGraph's Agent Inbox."""

_NO_WORDS = "What should happen next?"
_WORDS = ("question", "message", "prompt", "title", "action", "description")
_OPTIONS = ("options", "choices", "allowed", "allowed_answers", "allowed_values")
_DECISIONS = ("approve", "edit", "reject", "respond")
_INBOX = {"accept": "allow_accept", "edit": "allow_edit", "response": "allow_respond", "ignore": "allow_ignore"}
NEEDS_TEXT = frozenset({"respond", "response"})
"""The decisions that are a text of the reviewer."""
MAY_HAVE_TEXT = NEEDS_TEXT | {"reject"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A tool call that waits for a decision, with the decisions that are allowed."""

    name: str
    arguments: Any
    allowed: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Tool calls that wait for decisions."""

    form: Form
    actions: tuple[Action, ...]

    def answer(self, decisions: Sequence[Mapping[str, Any]]) -> Any:
        """The answer that the graph expects, of one decision for each action by `decision`."""
        if self.form == "batch":
            return {"decisions": list(decisions)}
        return decisions[0] if self.form == "single" else list(decisions)

    def decision(self, action: Action, chosen: str, *, text: str = "", arguments: Any = None) -> dict[str, Any]:
        """One decision: `text` is a reason or a reply, `arguments` are the edited ones."""
        if self.form == "inbox":
            edited = {"action": action.name, "args": arguments}
            args = {"edit": edited, "response": text}.get(chosen)
            return {"type": chosen, "args": args}
        if chosen == "edit":
            return {"type": "edit", "edited_action": {"name": action.name, "args": arguments}}
        return {"type": chosen} | ({"message": text} if text or chosen in NEEDS_TEXT else {})


def sentence_of(value: Any) -> str:
    """The question as a sentence."""
    if not isinstance(value, Mapping):
        return _NO_WORDS if value in (None, "", []) else str(value)
    return str(next((value[word] for word in _WORDS if value.get(word)), _NO_WORDS))


def names_of(questions: Sequence[Pending]) -> dict[str, str]:
    """What may name a question, and its id: the id, and its node if that asks only this one."""
    asked = Counter(question.node for question in questions)
    nodes = {question.node: question.id for question in questions if asked[question.node] == 1}
    return nodes | {question.id: question.id for question in questions}


def options_of(value: Any) -> Sequence[Any]:
    """The answers to choose from, if the question lists them."""
    if not isinstance(value, Mapping):
        return ()
    return tuple(next((value[name] for name in _OPTIONS if isinstance(value.get(name), list)), ()))


def rest_of(value: Any, *, with_options: bool = False) -> dict[str, Any]:
    """What the question holds beside its sentence, and beside the answers to choose from unless `with_options`."""
    if not isinstance(value, Mapping):
        return {}
    word = next((word for word in _WORDS if value.get(word)), None)
    listed = next((name for name in _OPTIONS if isinstance(value.get(name), list)), None)
    shown = {word if word and isinstance(value[word], str) else None, None if with_options else listed}
    return {name: part for name, part in value.items() if name not in shown}


def schema_of(value: Any, schema: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The JSON schema of the answer: LangGraph's, or one that the question holds."""
    if schema:
        return schema
    held = value if isinstance(value, Mapping) else {}
    found = (held.get(name) for name in ("response_schema", "json_schema", "schema"))
    return next(
        (one for one in found if isinstance(one, Mapping) and {"properties", "type", "enum"} & one.keys()), None
    )


def review_of(value: Any, schema: Mapping[str, Any] | None = None) -> Review | None:
    """The tool calls that the question asks about; `None` for another question."""
    held = value if isinstance(value, Mapping) else {}
    if held.get("type") == "tool_approval":
        allowed = tuple(name for name in _DECISIONS if name in set(_constants(schema))) or _DECISIONS
        return Review(form="single", actions=(_action(held, allowed),))
    listed = held.get("action_requests")
    requests = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    if requests:
        return Review(form="batch", actions=tuple(_action(one, _allowed(held, one)) for one in requests))
    asked = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, Mapping)]
    if asked and all(isinstance(one.get("action_request"), Mapping) for one in asked):
        return Review(form="inbox", actions=tuple(map(_inbox_action, asked)))
    return None


def _action(request: Mapping[str, Any], allowed: tuple[str, ...]) -> Action:
    return Action(
        name=str(request.get("name", "")),
        arguments=request.get("args", request.get("arguments", {})),
        description=str(request.get("description") or ""),
        allowed=allowed,
    )


def _allowed(value: Mapping[str, Any], request: Mapping[str, Any]) -> tuple[str, ...]:
    for config in _listed(value, "review_configs"):
        if isinstance(config, Mapping) and config.get("action_name") == request.get("name"):
            return tuple(name for name in _listed(config, "allowed_decisions") if name in _DECISIONS) or _DECISIONS
    return _DECISIONS


def _listed(held: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = held.get(name)
    return found if isinstance(found, list) else ()


def _inbox_action(asked: Mapping[str, Any]) -> Action:
    request, config = asked["action_request"], asked.get("config")
    flags = config if isinstance(config, Mapping) else {}
    allowed = tuple(name for name, flag in _INBOX.items() if flags.get(flag)) or tuple(_INBOX)
    return Action(
        name=str(request.get("action", "")),
        arguments=request.get("args", {}),
        description=str(asked.get("description") or ""),
        allowed=allowed,
    )


def _constants(schema: Any) -> Iterator[str]:
    """The fixed values of all fields `type` in a schema."""
    if isinstance(schema, Mapping):
        kind = schema.get("type")
        if isinstance(kind, Mapping):
            yield from (str(name) for name in (kind.get("const"), *(kind.get("enum") or ())) if name)
        for part in schema.values():
            yield from _constants(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _constants(part)
