"""Start the command line."""

from __future__ import annotations

import sys

from siquan.config import command_line


def main() -> None:
    """Run `siquan`."""
    sys.exit(command_line.run(sys.argv[1:]))


if __name__ == "__main__":
    main()
