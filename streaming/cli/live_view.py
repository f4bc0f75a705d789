"""A run while it streams: its text at once, and one line for what the other stream modes say."""

from typing import TYPE_CHECKING, assert_never

from streaming.cli.branch_names import BranchNames
from streaming.cli.consoles import MODE_STYLE, write
from streaming.cli.event_lines import line_of
from streaming.cli.safe_text import one_line
from streaming.cli.turns import Turns
from streaming.core.events import (
    Attempt,
    Custom,
    Ended,
    Fallback,
    LogEntry,
    Notice,
    OutputEvent,
    ProviderStep,
    Started,
    StateEvent,
    TaskEvent,
    Token,
    TraceEvent,
)
from streaming.live.previews import json_text
from streaming.projections.messages import Messages
from streaming.projections.progress import Progress, ProgressStep
from streaming.projections.run_state import RunState

if TYPE_CHECKING:
    from rich.console import Console

BAR = 24
"""Characters of a progress bar."""
LINE = 160
"""Characters of one event's line."""


class LiveView:
    """Draws log entries in the order of the log, but the text of one message at a time.

    The message that has its turn is written token by token, before `apply` returns. The text of the others waits until
    that one has ended or is silent; `finish` writes what waits when no more entries come.
    """

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._messages = Messages()
        self._progress = Progress()
        self._state = RunState()
        self._turns = Turns()
        self._names = BranchNames()
        self._shown: dict[str, tuple[int, int]] = {}
        self._open = ""

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry and draw it."""
        self._state.apply(entry)
        self._messages.apply(entry)
        self._progress.apply(entry)
        self._names.apply(entry)
        self._turns.apply(entry)
        match entry.event:
            case Token() as token:
                self._token(token)
            case Custom(ns=ns):
                self._line("custom", _progress_line(self._progress.steps[-1]), ns=ns)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() as event:
                self._line(event.kind, line_of(event), ns=event.ns)
            case Notice() | Attempt() | Fallback():
                self._note(self._state.notice)
            case ProviderStep(text=text):
                self._note(text)
            case Started():
                self._close()
            case Ended():
                self.finish()
            case _ as never:
                assert_never(never)
        for message_id in self._turns.next(entry.t):
            self._write(message_id)

    def finish(self) -> None:
        """Write every text that waits, and end the line."""
        for message_id in self._turns.take_all():
            self._write(message_id)
        self._close()

    def _token(self, token: Token) -> None:
        thought, said = self._shown.get(token.message_id, (0, 0))
        # A whole message repeats what was streamed; if it differs, it replaces it.
        if token.whole and said > len(self._messages.messages[token.message_id].text):
            self._shown[token.message_id] = thought, 0

    def _write(self, message_id: str) -> None:
        """Write what this message has and the terminal does not."""
        message = self._messages.messages[message_id]
        thought, said = self._shown.get(message_id, (0, 0))
        new_thought, new_text = message.reasoning[thought:], message.text[said:]
        self._shown[message_id] = len(message.reasoning), len(message.text)
        if not new_thought and not new_text:
            return
        if self._open != message_id:
            self._close()
            write(self._console, f"messages {self._names.of(message_id)}", "bold green")
            self._open = message_id
        if new_thought:
            write(self._console, new_thought, "dim italic", end="")
        if new_text:
            write(self._console, new_text, "dim" if message.role == "tool" else MODE_STYLE["messages"], end="")

    def _interrupt(self) -> None:
        """Before a line of another kind, which breaks the text in any case: answers that are complete come first."""
        for message_id in self._turns.take_ended():
            self._write(message_id)
        self._close()

    def _line(self, mode: str, text: str, *, ns: tuple[str, ...] = ()) -> None:
        self._interrupt()
        style = MODE_STYLE.get(mode, "")
        path = "/".join(map(_node, ns))
        write(self._console, f"{mode:<11} ", f"bold {style}", end="")
        write(self._console, one_line(f"{path}: {text}" if path else text, LINE), style)

    def _note(self, text: str) -> None:
        self._interrupt()
        if text:
            write(self._console, f"· {one_line(text, LINE)}", "dim")

    def _close(self) -> None:
        """End the line of a message that is being written."""
        if self._open:
            write(self._console, "")
        self._open = ""


def _node(part: str) -> str:
    return part.partition(":")[0]


def _progress_line(step: ProgressStep) -> str:
    if step.fraction is None:
        return step.status or json_text(step.data)
    full = round(max(0.0, min(step.fraction, 1.0)) * BAR)
    return f"{'█' * full}{'░' * (BAR - full)} {step.fraction:4.0%} {step.status or step.step or ''}"
