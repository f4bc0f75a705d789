"""Graphs of the user's own."""
