"""The subject of an entry of the mode `debug`."""

from streaming.core.events import Debug


def subject(event: Debug) -> str:
    """The node of a task, or the nodes that run after a checkpoint; `end` if there are none."""
    match event.payload:
        case {"name": str(name)} if name:
            return name
        case {"next": [*nodes]} if nodes:
            return ", ".join(map(str, nodes))
        case _:
            return "end"
