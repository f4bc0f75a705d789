"""A provider that breaks on purpose: a real OpenAI-compatible server, and the catalogue of its faults."""
