"""The tree in the docstring of the errors is the tree of their classes."""

import re

from streaming.core import errors
from streaming.core.errors import LabError


def tree(kind: type[LabError], depth: int = 0) -> list[tuple[int, str]]:
    below = [line for child in kind.__subclasses__() for line in tree(child, depth + 1)]
    return [(depth, kind.__name__), *below]


def test_the_docstring_draws_each_class_at_its_place() -> None:
    drawn = re.findall(r"^((?:│   |    )*(?:[├└]── )?)(\w+Error|\w+)(?: {2,}.*)?$", errors.__doc__ or "", re.MULTILINE)
    assert sorted((len(prefix) // 4, name) for prefix, name in drawn) == sorted(tree(LabError))
