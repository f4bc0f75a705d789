"""The page of stored runs: which ones, their figures, charts and tables."""
