"""The race and the blind test."""
