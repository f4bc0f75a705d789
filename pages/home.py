"""Home: what this is, a run that plays by itself, and the page for what one wants to do."""

from components.features.home import decision_helper, explain, play_sample, provider_status, start_here
from components.shell.page import open_page

open_page("Streaming Lab", lead="See, measure and compare what a program built with LangGraph streams while it runs.")
explain()
start_here()
play_sample()
decision_helper()
provider_status()
