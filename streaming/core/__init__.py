"""Plain values that every other part of the engine uses."""
