"""A provider that breaks on purpose: a real OpenAI-compatible server, and the list of what it can do wrong."""
