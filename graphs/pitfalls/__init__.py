"""Mistakes of streaming code, each run for real: broken, and fixed."""

from graphs.pitfalls.measured import MEASURED
from graphs.pitfalls.planted import PLANTED
from graphs.pitfalls.tuples import TUPLES
from streaming.core.pitfall import Pitfall

PITFALLS: tuple[Pitfall, ...] = (*MEASURED, *(planted.pitfall for planted in (*PLANTED, TUPLES)))
"""Each one works on a graph of its own and takes less than a second."""
