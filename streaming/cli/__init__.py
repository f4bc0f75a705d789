"""The command line: the same runs, projections and history as the app, drawn in a terminal."""
