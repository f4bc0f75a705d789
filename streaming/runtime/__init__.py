"""Executes runs; the only package that runs a graph."""
