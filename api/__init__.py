"""Delivery only: HTTP, pages and the command line.

Examples
--------
>>> from api import Settings, create_app
>>> create_app(Settings(workspace="nowhere")).title
'Valles'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.app import create_app
    from api.settings import Settings

__all__ = ["Settings", "create_app"]

_HOMES = {"create_app": "api.app", "Settings": "api.settings"}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for: a command that serves nothing pays for no web framework."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(_HOMES[name]), name)
