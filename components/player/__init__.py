"""The player: views that the engine computed, drawn in the browser."""
