"""The history of runs in a database."""
