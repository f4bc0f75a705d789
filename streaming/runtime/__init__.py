"""Executes runs: the only part that touches a graph."""
