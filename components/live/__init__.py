"""Panels that move while a run streams."""
