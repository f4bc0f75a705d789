"""What can be said about a run, or about several."""
