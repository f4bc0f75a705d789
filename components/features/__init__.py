"""Features that belong to one page each."""
