"""The view model of a run, computed once for each run and sent as patches to all its followers."""
