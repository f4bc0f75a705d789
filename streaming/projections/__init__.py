"""Pure reducers of the event log. Live view, late follower and replay use the same ones, so they cannot disagree."""
