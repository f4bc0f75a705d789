"""Logs, metrics and traces for operators; none contains a prompt, an answer or a key."""
