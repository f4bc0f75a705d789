"""The player's files for the browser: where they are, and a version that changes with any of them."""

from functools import cache
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).with_name("assets")


@cache
def read_asset(name: str) -> str:
    """The text of a file of `FOLDER`."""
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def version() -> str:
    """Twelve hexadecimal digits, of the names and contents of all files that a browser may load, and of the joiner."""
    digest = sha256(Path(__file__).with_name("bundle.py").read_bytes())
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in (".js", ".css"):
            digest.update(path.relative_to(FOLDER).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
