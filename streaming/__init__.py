"""The engine: running a LangGraph graph gives one append-only log of timed events, and everything else follows it."""
