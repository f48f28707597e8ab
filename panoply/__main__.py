"""Starts the command `panoply`, also as `python -m panoply`; tells how to install it where it is not."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from panoply.errors import MissingExtra

__all__ = ["main"]


def main() -> int:
    """Run the command with the process's arguments, and give back its exit code.

    0: it did all that it was asked to; 1: it failed on the way; 2: it was asked for something that cannot be done;
    130: it was interrupted.
    """
    if any(find_spec(name) is None for name in ("click", "rich")):
        print(MissingExtra("cli", "the command panoply"), file=sys.stderr)  # noqa: T201 - it is a command
        return 2
    from panoply.cli import cli  # noqa: PLC0415 - click is optional

    try:
        cli(prog_name="panoply")
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else int(exc.code is not None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
