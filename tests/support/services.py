"""What a test calls to change the settings of its services."""

from collections.abc import Callable

from streaming.services import Services

Configure = Callable[..., Services]
"""The fixture `configure`: settings by name as strings; returns the services that are built with them."""
