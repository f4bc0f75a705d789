"""Causes in what the code writes and reads: a thread without a writer, a message said twice, tuples taken apart."""

from collections.abc import Iterator

from streaming.analysis.diagnosis.evidence import Evidence, node_path
from streaming.analysis.diagnosis.finding import Finding, finding_at
from streaming.projections.messages import StreamedMessage


def thread_writer(evidence: Evidence) -> Iterator[Finding]:
    """A thread asks for the stream writer, which exists only in the context of the node."""
    for path, node in evidence.facts.nodes.items():
        calls = node.calls_of("thread writer")
        if "custom" not in evidence.modes:
            # Who calls a function that is handed on is not known: only that it wrote nothing tells.
            calls = [call for call in calls if not call.fields.get("handed_on")]
        if calls and evidence.has_run(path) and not evidence.writes:
            yield finding_at(
                calls[0],
                "thread-writer",
                node,
                f"“{path}” asks for the stream writer in a thread of its own, where there is none: what it writes "
                "never arrives.",
                "Use `asyncio.to_thread`, which copies the context, or let the thread run "
                "`contextvars.copy_context().run(…)`.",
            )


def dispatched_events(evidence: Evidence) -> Iterator[Finding]:
    """A node sends events to LangChain's callbacks, which no stream mode hears."""
    for path, node in evidence.facts.nodes.items():
        calls = node.calls_of("dispatched event")
        # Beside a writer they are meant for other readers.
        if calls and not node.writes and evidence.has_run(path):
            yield finding_at(
                calls[0],
                "dispatched-event",
                node,
                f"“{path}” calls `{calls[0].text}`: only `astream_events` delivers this, and no stream mode does.",
                f"Write it with `get_stream_writer()`{evidence.and_ask_for_custom}.",
            )


def said_twice(evidence: Evidence) -> Iterator[Finding]:
    """A node returns a copy of the answer under another id, so that the stream has it twice."""
    by_text: dict[str, StreamedMessage] = {}
    for message in evidence.answers:
        text = " ".join(message.text.split())
        first = by_text.setdefault(text, message)
        if not text or first is message or not message.whole or first.whole:
            continue
        path = node_path(message.ns, message.node)
        node = evidence.facts.nodes.get(path)
        calls = node.calls_of("rebuilt message") if node else []
        yield Finding(
            cause="said-twice",
            node=path,
            sentence=f"The answer came twice: in pieces as “{first.message_id[-8:]}”, and whole as "
            f"“{message.message_id[-8:]}”, because “{path}” returns a message that it built again.",
            cure="Return the model's own message, or keep its `id` in the new one.",
            file=calls[0].file if calls else node.file if node else None,
            line=calls[0].line if calls else node.line if node else None,
        )


def tried_again(evidence: Evidence) -> Iterator[Finding]:
    """A node with a retry policy failed after its answer had streamed, and the answer streamed again."""
    first_of: dict[str, StreamedMessage] = {}
    for message in evidence.answers:
        task, path = evidence.tasks.get(message.message_id, ""), node_path(message.ns, message.node)
        node = evidence.facts.nodes.get(path)
        if not task or node is None or not node.retries or message.whole or not message.text:
            continue
        first = first_of.setdefault(task, message)
        if first is message or not message.text.startswith(first.text):
            continue
        calls = node.calls_of("model", "sync model")
        yield finding_at(
            calls[0] if calls else None,
            "said-twice",
            node,
            f"The answer came twice: “{path}” failed after it had streamed, and its retry policy ran it again.",
            "Do in a node of its own what can fail after the answer, or let the reader drop the message of the failed "
            "attempt, whose `id` is another one.",
        )


def v1_tuples(evidence: Evidence) -> Iterator[Finding]:
    """The graph's code, or a loop over the graph in its file, takes parts apart in a way that does not fit."""
    for found in evidence.facts.streams:
        file, line = found.get("file"), found.get("line")
        yield Finding(
            cause="v1-tuples",
            sentence=f"`{found.get('text')}` yields tuples whose shape depends on its options: {found.get('trouble')}.",
            cure='Ask for `version="v2"`: each part is then a mapping with `type`, `ns` and `data`.',
            file=file if isinstance(file, str) else None,
            line=line if isinstance(line, int) else None,
        )
