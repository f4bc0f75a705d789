"""Pitfalls: mistakes of streaming code, each broken and fixed, and five questions."""

from components.features.pitfalls import show_pitfalls
from components.features.quiz import point_to_quiz, show_quiz
from components.shell.page import open_page
from graphs.pitfalls import PITFALLS

open_page(
    "Pitfalls",
    lead="Mistakes of streaming code, run for real: broken, and fixed.",
    why="Each mistake leaves the answer right and the stream wrong, so tests of the answer never find it. Both ways "
    "run here, on a small graph, and say what a reader would have seen.",
    use="as a checklist before a stream goes to production, and to try five questions about it.",
    avoid="as a measurement of your own code: the graphs here are tiny.",
)
point_to_quiz()
show_pitfalls(PITFALLS)
show_quiz()
