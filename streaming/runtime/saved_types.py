"""Which types a saved state may bring back: what lies in a database is data, and runs nothing.

LangGraph's serializer imports and calls whatever a checkpoint names, and an old thread is read when the server starts.
"""

import dataclasses
import sys
from enum import Enum
from typing import Any

from langgraph.checkpoint.serde import jsonplus
from pydantic import BaseModel, SecretBytes, SecretStr

_DATA = (BaseModel, Enum, SecretStr, SecretBytes)


class _LoadedDataTypes(set[tuple[str, ...]]):
    """The types of data that the program has loaded: a graph's own models, data classes, enums and named tuples."""

    def __contains__(self, name: object) -> bool:
        match name:
            case (str(module), str(attribute)):
                return _is_data(getattr(sys.modules.get(module), attribute, None))
        return False


def data_only_serializer() -> jsonplus.JsonPlusSerializer:
    """LangGraph's serializer, which returns the plain content of an object of any other type, and imports nothing."""
    return jsonplus.JsonPlusSerializer(
        allowed_msgpack_modules=None,
        __unpack_ext_hook__=jsonplus._create_msgpack_ext_hook(_LoadedDataTypes()),
    )


def _is_data(kind: Any) -> bool:
    if not isinstance(kind, type):
        return False
    is_named_tuple = issubclass(kind, tuple) and hasattr(kind, "_fields")
    return is_named_tuple or dataclasses.is_dataclass(kind) or issubclass(kind, _DATA)
