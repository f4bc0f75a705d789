"""Runs: the figures of every run, compared."""

import streamlit as st

from components.charts.group_colours import colours_by_group
from components.features.runs.by_group import outcomes, percentiles, pick_group
from components.features.runs.charts import distributions, scatter, show_legend
from components.features.runs.stored import completed_runs, grouped_by, load_runs
from components.features.runs.summary import overview
from components.features.runs.table import run_table, show_addresses
from components.shell.page import open_page

open_page(
    "Runs",
    lead="Every run is stored with its figures: compare medians and tails.",
    why="Every run is stored with its figures. One run is an anecdote: compare medians and tails, by model, by graph, "
    "by stream mode and by flush strategy, before you decide how an answer should appear.",
    use="to choose by figures, and to prove the choice to others: everything here can be downloaded.",
    avoid="for runs of different prompts or machines: their figures cannot be compared.",
)
table = load_runs()
if table is None:
    st.stop()
cards = st.container()
group = pick_group()
grouped = grouped_by(table, group)
colours = colours_by_group(grouped, group)
show_legend(colours)
chosen = scatter(grouped, group, colours)
completed = completed_runs(chosen)
with cards:
    overview(chosen, completed)
distributions(completed, group, colours)
percentiles(completed, group)
outcomes(chosen, group)
run_table(table.loc[chosen.index])
show_addresses()
