"""TiTiler as its manual sets it up: its tiles of any file, nothing else. Run by :mod:`tile_servers`."""

from __future__ import annotations

from fastapi import FastAPI
from titiler.core.factory import TilerFactory


def make() -> FastAPI:
    """Return the application."""
    app = FastAPI()
    app.include_router(TilerFactory().router)
    return app
