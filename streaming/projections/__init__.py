"""Pure reducers of the event log. Live views, late followers and replays use the same ones, so they cannot differ."""
