"""The recordings of a folder, for example for a talk."""

from pathlib import Path

from streaming.core.errors import BadRecording
from streaming.recordings.format import MAX_BYTES, SUFFIX, Recording, load_recording


def recording_names(folder: Path) -> list[str]:
    """The file names of the recordings in the folder, sorted; empty if there is no such folder."""
    return sorted(path.name for path in folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def open_recording(folder: Path, name: str) -> Recording:
    """The recording with this file name; raises `BadRecording` for an unknown name, and for a damaged file."""
    if name not in recording_names(folder):
        raise BadRecording("There is no such recording in the folder.", advice="Choose one from the list.")
    path = folder / name
    if path.stat().st_size > MAX_BYTES:
        raise BadRecording("The file is too large.", advice="Record a shorter run.")
    return load_recording(path.read_bytes())
