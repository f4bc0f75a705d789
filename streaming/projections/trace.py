"""What an entry of the debug mode is about."""

from streaming.core.events import Debug


def subject(event: Debug) -> str:
    """The task's node, or the nodes that run after a checkpoint; `end` where none follows."""
    match event.payload:
        case {"name": str(name)} if name:
            return name
        case {"next": [*nodes]} if nodes:
            return ", ".join(map(str, nodes))
        case _:
            return "end"
