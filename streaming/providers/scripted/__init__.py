"""The scripted model: fixed texts at a chosen pace, without AI."""
