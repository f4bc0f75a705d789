"""Statistics, sentences and code about runs."""
