"""Print the settings; exit code 1 with the reason if one is invalid."""

import sys

from streaming.config.settings import describe, load_settings, unknown_names
from streaming.core.errors import BadSettings


def main() -> int:
    """Print the settings and return the exit code."""
    try:
        settings = load_settings()
    except BadSettings as error:
        print(error, file=sys.stderr)
        return 1
    for warning in unknown_names():
        print(warning, file=sys.stderr)
    print(describe(settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
