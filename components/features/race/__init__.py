"""The race, its repeats, and the blind test."""
