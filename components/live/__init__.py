"""Panels that follow a run while it streams."""
