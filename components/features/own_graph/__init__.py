"""The page of a developer's own graph: its description, its form, and the questions of its interrupts."""
