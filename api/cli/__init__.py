"""The command line ``valles``: one module for each group of commands, nothing heavy until a command runs."""

from api.cli.entry import main

__all__ = ["main"]
