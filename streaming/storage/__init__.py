"""Stored runs: a database of runs, event logs and votes, and the thread that writes it."""
