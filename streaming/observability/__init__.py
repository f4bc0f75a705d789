"""What operators see: logs, metrics and traces. None of it holds a prompt, an answer or a key."""
