"""Graphs of the developer's own, each in a process of its own with the interpreter of its project."""
