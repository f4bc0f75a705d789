"""Stored runs: a database of rows, event logs and votes, and the thread that writes it."""
