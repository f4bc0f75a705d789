"""What the request of a lane asks for, and how its text is drawn."""

from streaming.core.request import RunRequest


def source_of(request: RunRequest) -> str:
    """What it runs: equal in requests that differ only in how their text is drawn."""
    asked = request.prompt, request.input, request.context, request.configurable
    return repr((request.graph.name, request.model, request.modes, request.api, asked))


def drawn_by(request: RunRequest) -> tuple[object, ...]:
    """The flush strategy with its settings."""
    return tuple(request.labels.get(name) for name in ("flush", "every_tokens", "every_ms"))


def way_of_drawing(request: RunRequest) -> tuple[object, ...]:
    """Equal where the text is drawn alike: a whole answer is drawn once, whatever its flush strategy."""
    return () if request.api == "invoke" else drawn_by(request)
