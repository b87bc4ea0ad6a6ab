"""The command line ``valles``: one module for each group of commands, nothing heavy until a command runs."""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line of this process."""
    try:
        from api.cli.entry import main as run_commands  # noqa: PLC0415  even loading may be interrupted
    except KeyboardInterrupt:
        sys.exit(1)
    run_commands()
