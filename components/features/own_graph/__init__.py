"""The page of a developer's own graph: forms from JSON schemas, and the questions of its interrupts."""
