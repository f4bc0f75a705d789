"""How many files and sockets this process may have open; the default of many systems is that of some fifty tabs."""

import sys
from contextlib import suppress

WANTED = 8_192
"""Each of 500 tabs has four to five of them, for a moment also after it is closed; there are 1,000 more WebSockets."""


def allow_open_files(wanted: int = WANTED) -> None:
    """Raise the limit to this number, or as far as the system lets a process raise its own."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(ValueError, OSError):  # a system may have another limit of its own
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
