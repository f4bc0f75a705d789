"""A page's controls and its run."""
