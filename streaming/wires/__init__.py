"""One run in several protocols: pure reducers that turn log entries into the events of a front end's protocol."""
