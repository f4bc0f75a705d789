"""A mistake of streaming code that can be run both ways."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitfall:
    """One mistake: what one sees, why, and the wrong and the right code.

    `name` is its name in links. `measure` runs the broken way, or with `True` the fixed one, and returns what happened
    as a sentence.
    """

    name: str
    title: str
    symptom: str
    cure: str
    wrong: str
    right: str
    measure: Callable[[bool], Awaitable[str]]
