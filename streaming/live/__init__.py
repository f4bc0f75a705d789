"""The view model of a run: made once for each run, sent as patches to everyone who follows it."""
