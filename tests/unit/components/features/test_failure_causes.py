"""Every cause that a run may fail by has words."""

from components.features.runs.failure_causes import MEANINGS
from streaming.core.errors import GraphFailed, LimitReached, ModelError


def test_every_error_of_a_run_has_a_meaning() -> None:
    errors = [*_subclasses(ModelError), *_subclasses(GraphFailed), LimitReached]
    assert {error.__name__ for error in errors if error.__module__ == "streaming.core.errors"} <= set(MEANINGS)


def _subclasses(error: type[Exception]) -> list[type[Exception]]:
    return [error, *(deeper for inner in error.__subclasses__() for deeper in _subclasses(inner))]
