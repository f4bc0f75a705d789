"""What a LangGraph Server sends and returns, in the shapes of a graph in this process."""

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessageChunk, BaseMessage, messages_from_dict
from langchain_core.runnables import RunnableConfig
from langgraph.types import Interrupt, PregelTask, StateSnapshot

from streaming.core.any_message import message_of_any
from streaming.core.events import Mode
from streaming.remote_graphs.run_stream import ServerEvent

_INTERRUPT = "__interrupt__"


def server_modes(modes: Sequence[Mode]) -> list[str]:
    """The names of these modes on a server, where `messages` is a different, older mode."""
    return ["messages-tuple" if mode == "messages" else mode for mode in modes]


def part_of(event: ServerEvent, modes: Sequence[Mode]) -> dict[str, Any] | None:
    """The stream part (v2) of an event; `None` for an event of another kind. Raises `ValueError` if it is damaged."""
    mode, *ns = event.name.split("|")
    if mode not in modes:
        return None
    part = {"type": mode, "ns": tuple(ns), "data": event.data, "interrupts": ()}
    if mode == "messages":
        message, metadata = event.data
        part["data"] = message_of(message), metadata
    elif mode == "values" and isinstance(event.data, dict):
        part["interrupts"] = tuple(event.data.pop(_INTERRUPT, None) or ())
    return part


def message_of(fields: Mapping[str, Any]) -> BaseMessage:
    """The message with these fields, also if LangChain's class for it refuses them."""
    known = {name: value for name, value in fields.items() if value is not None}
    try:
        if fields.get("type") == "AIMessageChunk":
            return AIMessageChunk(**known)
        return messages_from_dict([{"type": str(fields.get("type")), "data": known}])[0]
    except (TypeError, ValueError):
        return message_of_any(known)


def snapshot_of(state: Mapping[str, Any], config: RunnableConfig) -> StateSnapshot:
    """The state of a thread; of a thread without checkpoints it has no time, as LangGraph's own."""
    tasks = tuple(map(_task, state.get("tasks") or ()))
    return StateSnapshot(
        values=state.get("values") or {},
        next=tuple(state.get("next") or ()),
        config=_config(state.get("checkpoint"), config),
        metadata=state.get("metadata"),
        created_at=state.get("created_at"),
        parent_config=_config(parent, config) if (parent := state.get("parent_checkpoint")) else None,
        tasks=tasks,
        interrupts=tuple(question for task in tasks for question in task.interrupts),
    )


def no_snapshot(config: RunnableConfig) -> StateSnapshot:
    """The state of a thread that the server does not have yet."""
    return snapshot_of({}, config)


def _config(checkpoint: Mapping[str, Any] | None, config: RunnableConfig) -> RunnableConfig:
    configurable = {"thread_id": config["configurable"]["thread_id"], "checkpoint_ns": ""}
    if checkpoint is not None:
        names = ("checkpoint_ns", "checkpoint_id")
        configurable |= {name: checkpoint[name] for name in names if checkpoint.get(name) is not None}
    return {"configurable": configurable}


def _task(task: Mapping[str, Any]) -> PregelTask:
    return PregelTask(
        id=task["id"],
        name=task["name"],
        path=tuple(task.get("path") or ()),
        error=None if task.get("error") is None else Exception(str(task["error"])),
        interrupts=tuple(
            Interrupt(
                value=question.get("value"),
                id=str(question.get("id") or question.get("interrupt_id") or ""),
                response_schema=question.get("response_schema"),
            )
            for question in task.get("interrupts") or ()
        ),
        result=task.get("result"),
    )
