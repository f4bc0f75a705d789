"""The controls of a page, and its runs."""
