"""Tools that the Makefile and the benchmarks call."""
