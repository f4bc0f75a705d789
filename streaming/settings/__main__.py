"""Print the settings; 1 with the reason if one is wrong."""

import sys

from streaming.errors import BadSettings
from streaming.settings import describe


def main() -> int:
    """The exit code."""
    try:
        print(describe())
    except BadSettings as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
