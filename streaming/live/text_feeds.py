"""Feeds of what the model writes: messages, the order of their arrival, branches, tables and tool calls."""

from collections.abc import Iterator
from typing import Any, ClassVar

from streaming.core.events import ApiEvent, Attempt, LogEntry, TaskEnded, TaskStarted, Token
from streaming.live import patches
from streaming.live.feed import Aliases, Feed, PacedFeed, Sent, path_of, seconds
from streaming.live.patches import Patch
from streaming.live.previews import FIELD, preview
from streaming.projections.answer_ends import AnswerEnds
from streaming.projections.arrival import Arrival, utf16_length
from streaming.projections.branches import Branch, Branches
from streaming.projections.json_table import JsonTable
from streaming.projections.message_ends import MessageEnd, MessageEnds
from streaming.projections.messages import Messages, StreamedMessage
from streaming.projections.state_answer import StateAnswer
from streaming.projections.tool_calls import ToolCall, ToolCalls

_JSON_STARTS = ("{", "[")
_MOST_TABLES = 20

MOST_ANSWER = 200_000
"""Characters that are shown of an answer in the state, which comes again and again."""


class TextFeed(Feed):
    """Messages with their text and reasoning; `ids` and `branch_ids` are shared with the other feeds of this module."""

    kinds: ClassVar = frozenset({"messages", "events", "attempt", "tasks", "updates", "values", "ended"})

    def __init__(self, ids: Aliases, branch_ids: Aliases, branches: Branches) -> None:
        self._ids = ids
        self._branch_ids = branch_ids
        self._branches = branches
        self._messages = Messages()
        self._ends = MessageEnds()
        self._answers = AnswerEnds()
        self._arrival = Arrival()
        self._ended = 0
        self._turns = 0

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        event = entry.event
        if isinstance(event, ApiEvent):
            if not event.text:
                return
            entry, event = _as_token(entry, event)
        if isinstance(event, Token):
            self._token(entry, event, out)
            if event.whole:
                self._end(entry, out)
        else:
            if isinstance(event, Attempt):
                self._drop(entry, event, out)
            self._end(entry, out)

    def _token(self, entry: LogEntry, token: Token, out: list[Patch]) -> None:
        message_id = token.message_id
        opened = message_id not in self._ids
        known = self._messages.messages.get(message_id)
        before = len(known.reasoning) if known else 0
        self._messages.apply(entry)
        self._answers.apply(entry)
        name = self._ids[message_id]
        message = self._messages.messages[message_id]
        t = round(entry.t, 4)
        if opened:
            self._ends.apply(entry)
            out.append(patches.message(name, self._opening(message)))
        if len(message.reasoning) > before:
            out.append(["think", name, message.reasoning[before:], t])
        if token.content:
            out.append(patches.message(name, {"parts": _parts(message)}))
        if not token.text:
            return
        if message.chunks == 1 and message.first_text_at is not None:
            thought = {} if message.thought_s is None else {"thought_s": seconds(message.thought_s)}
            kept = {"kept": utf16_length(token.text)} if token.kept else {}
            out.append(patches.message(name, {"first_at": t, **thought, **kept}))
        self._arrival.apply(entry)
        if len(self._arrival.turns) > self._turns:
            self._turns += 1
            out.append(patches.turn(name, self._arrival.turns[-1][1]))
        out.append(["whole" if token.whole else "text", name, token.text, t])

    def _opening(self, message: StreamedMessage) -> dict[str, Any]:
        branch = self._branches.branch_of(message.message_id)
        return {
            "id": message.message_id,
            "node": message.node,
            "ns": path_of(message.ns),
            "role": message.role,
            "tags": list(message.tags),
            "t": seconds(message.started_at),
            "whole": message.whole,
            "branch": None if branch is None else self._branch_ids[branch.task_id],
            "first_at": None,
        }

    def _drop(self, entry: LogEntry, attempt: Attempt, out: list[Patch]) -> None:
        for projection in (self._messages, self._arrival, self._answers):
            projection.apply(entry)
        self._turns = len(self._arrival.turns)
        for message_id in attempt.dropped:
            if (name := self._ids.release(message_id)) is not None:
                out.append(patches.drop(name))

    def _end(self, entry: LogEntry, out: list[Patch]) -> None:
        self._ends.apply(entry)
        if isinstance(entry.event, Attempt):
            self._ended = len(self._ends.ends)
        for message_id, end in list(self._ends.ends.items())[self._ended :]:
            out.extend(self._end_of(message_id, end))
        self._ended = len(self._ends.ends)

    def _end_of(self, message_id: str, end: MessageEnd) -> Iterator[Patch]:
        name, message = self._ids[message_id], self._messages.messages.get(message_id)
        if message is not None and message.first_text_at is None and message.thought_s is not None:
            yield patches.message(name, {"thought_s": seconds(message.thought_s)})
        answer = self._answers.end_of(message_id, cut=end.cut, over=True)
        if answer is None:  # not a message of a model
            yield patches.end(name, round(end.t, 4), cut=end.cut)
        else:
            cut = answer.ending == "broken off"
            yield patches.end(name, round(end.t, 4), cut=cut, how=answer.ending, note=answer.note)


def _parts(message: StreamedMessage) -> list[dict[str, Any]]:
    return [{"type": kind, "media": media, "size": size} for (kind, media), size in message.parts.items()]


def _as_token(entry: LogEntry, event: ApiEvent) -> tuple[LogEntry, Token]:
    """The text of an event API as a chunk of a message."""
    token = Token(ns=event.ns, message_id=event.message_id, node=event.node, role="ai", text=event.text)
    return LogEntry(seq=entry.seq, t=entry.t, event=token, size=entry.size), token


class AnswerFeed(Feed):
    """The answer that the state holds, whole each time."""

    kinds: ClassVar = frozenset({"values", "updates", "ended"})

    def __init__(self, prompt: str) -> None:
        self._answer = StateAnswer(prompt=prompt)
        self._sent = ""

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        self._answer.apply(entry)
        if self._answer.text != self._sent:
            self._sent = self._answer.text
            out.append(patches.answer(_beginning(self._sent), round(entry.t, 4)))


def _beginning(text: str) -> str:
    rest = len(text) - MOST_ANSWER
    return text if rest <= 0 else f"{text[:MOST_ANSWER]}…\n\n({rest:,} more characters are not shown.)"


class BranchFeed(PacedFeed):
    """Executions of nodes that write, each with its label and figures; the text feed uses them too."""

    kinds: ClassVar = frozenset({"messages", "tasks", "attempt"})

    def __init__(self, branch_ids: Aliases) -> None:
        self.branches = Branches()
        self._ids = branch_ids
        self._stale: dict[str, Branch] = {}
        self._sent = Sent()

    def take(self, entry: LogEntry, out: list[Patch]) -> bool:
        """Apply the entry; see `Feed`."""
        event = entry.event
        if isinstance(event, Attempt):
            dropped = [
                branch for message_id in event.dropped if (branch := self.branches.branch_of(message_id)) is not None
            ]
            self._stale.update((branch.task_id, branch) for branch in dropped)
        self.branches.apply(entry)
        if isinstance(event, Token):
            branch = self.branches.branch_of(event.message_id)
            if branch is not None and event.role == "ai":
                self._stale[branch.task_id] = branch
                return branch.chunks == 1
        elif isinstance(event, TaskStarted | TaskEnded):
            # A new sibling changes the labels, the end of a node its figures.
            self._stale.update((branch.task_id, branch) for branch in self.branches.writing_of(event.node))
        return False

    def pending(self, *, settle: bool = False) -> list[Patch]:
        """The patches held back; see `PacedFeed`."""
        changed = [
            patches.branch(self._ids[task_id], different)
            for task_id, branch in self._stale.items()
            if (different := self._sent.send(task_id, self._fields(branch), settle=settle))
        ]
        if settle:
            self._stale = {}
        return changed

    def _fields(self, branch: Branch) -> dict[str, Any]:
        rate = branch.chunks_per_s
        return {
            "node": branch.node,
            "label": self.branches.label(branch),
            "started_at": seconds(branch.started_at),
            "first_text_after_s": seconds(branch.first_text_after_s),
            "chunks": branch.chunks,
            "chunks_per_s": None if rate is None else round(rate, 1),
            "ended_at": seconds(branch.ended_at),
        }


class TableFeed(PacedFeed):
    """Tables that messages with a tag contain as JSON; a tag has a table once a text of it begins like JSON."""

    kinds: ClassVar = frozenset({"messages", "attempt"})

    def __init__(self) -> None:
        self._tables: dict[str, JsonTable] = {}
        self._sent: dict[str, tuple[list[dict[str, Any]], bool]] = {}
        self._seen: set[str] = set()

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        token = entry.event
        if isinstance(token, Token):
            if not token.tags or token.role != "ai":
                return
            if token.message_id not in self._seen and token.text.strip():
                self._seen.add(token.message_id)
                if token.text.lstrip().startswith(_JSON_STARTS):
                    self._open(token)
        for table in self._tables.values():
            table.apply(entry)

    def pending(self, *, settle: bool = False) -> list[Patch]:
        """The patches held back; see `PacedFeed`."""
        changed = []
        for tag, table in self._tables.items():
            before, complete = self._sent[tag]
            if table.rows != before or table.complete != complete:
                keep = _common(before, table.rows)
                changed.append(patches.rows(tag, keep, table.rows[keep:], complete=table.complete))
        if settle:
            self._sent = {tag: (table.rows, table.complete) for tag, table in self._tables.items()}
        return changed

    def _open(self, token: Token) -> None:
        for tag in token.tags:
            if tag not in self._tables and len(self._tables) < _MOST_TABLES:
                self._tables[tag] = JsonTable(tag=tag)
                self._sent[tag] = ([], False)


def _common(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> int:
    """The number of equal rows at the start."""
    same = 0
    for old, new in zip(before, now, strict=False):
        if old != new:
            break
        same += 1
    return same


class CallFeed(Feed):
    """Tool calls: their arguments as the model writes them, and the execution of the tools."""

    kinds: ClassVar = frozenset({"messages", "tools", "attempt", "ended"})

    def __init__(self, message_ids: Aliases) -> None:
        self._message_ids = message_ids
        self._ids = Aliases("c")
        self._calls = ToolCalls()
        self._sent = Sent()
        self._written: dict[str, tuple[int, int]] = {}

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        event = entry.event
        if isinstance(event, Token) and not event.tool_calls and event.role != "tool":
            return
        self._calls.apply(entry)
        for call in self._calls.take_changed():
            self._update(call, out)
        if isinstance(event, Attempt):
            self._drop(out)

    def _update(self, call: ToolCall, out: list[Patch]) -> None:
        fields = {
            "id": call.id,
            "msg": call.message_id and self._message_ids[call.message_id],
            "tool": call.tool,
            "state": call.state,
            "asked_at": seconds(call.asked_at),
            "started_at": seconds(call.started_at),
            "ended_at": seconds(call.ended_at),
            "result": preview(call.result, FIELD),
        }
        name = self._ids[call.id]
        if different := self._sent.send(call.id, fields):
            out.append(patches.call(name, different))
        arguments, outputs = self._written.get(call.id, (0, 0))
        if len(call.arguments) > arguments:
            out.append(patches.argument(name, call.arguments[arguments:]))
        out.extend(patches.output(name, preview(value, FIELD)) for value in call.output[outputs:])
        self._written[call.id] = len(call.arguments), len(call.output)

    def _drop(self, out: list[Patch]) -> None:
        remaining = {call.id for call in self._calls.calls}
        for call_id in [call_id for call_id in self._written if call_id not in remaining]:
            del self._written[call_id]
            self._sent.forget([call_id])
            self._ids.release(call_id)
