"""Graphs that run on a LangGraph Server, by its URL: listed, streamed, stopped and continued there."""
