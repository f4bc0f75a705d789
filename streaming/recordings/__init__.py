"""Recordings: runs as files, and their playback."""
