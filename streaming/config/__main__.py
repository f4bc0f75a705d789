"""Print the settings; 1 with the reason if one is wrong."""

import sys

from streaming.config.settings import describe, load_settings
from streaming.core.errors import BadSettings


def main() -> int:
    """The exit code."""
    try:
        print(describe(load_settings()))
    except BadSettings as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
