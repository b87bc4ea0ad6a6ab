"""Install the peers that the benchmarks compare with and that are not there yet.

A peer belongs in :data:`PEERS` if Python's own package tools can install it, else in :data:`PROGRAMS`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

PEERS: dict[str, str] = {
    "dask": "dask",
    "distributed": "distributed",
    "duckdb": "duckdb",
    "exactextract": "exactextract",
    "geopandas": "geopandas",
    "numpy": "numpy",
    "rasterio": "rasterio",
    "rasterstats": "rasterstats",
    "rio_tiler": "rio-tiler",
    "shapely": "shapely",
    "statsmodels": "statsmodels",
    "titiler.core": "titiler.core",
    "xarray": "xarray",
}
"""Importable package and what to ask the package tools for."""

PROGRAMS: dict[str, str] = {"gdalwarp": "gdal-bin", "grass": "grass-core", "gdal_calc.py": "python3-gdal"}
"""Program that no Python package brings, and the package of Debian that does."""


def main() -> int:
    """Install what is missing; 1 if some of it is missing still."""
    programs = [package for name, package in PROGRAMS.items() if shutil.which(name) is None]
    if programs:
        _install_programs(programs)
    packages = [package for name, package in PEERS.items() if not there(name)]
    if packages:
        print(f"installing {', '.join(packages)}", flush=True)
        for tool in _package_tools():
            if subprocess.run([*tool, *packages], check=False).returncode == 0:
                break
    lacking = [name for name in PROGRAMS if shutil.which(name) is None] + [name for name in PEERS if not there(name)]
    print(f"not there, its benchmarks will say so: {', '.join(lacking)}" if lacking else "every peer is there")
    return 1 if lacking else 0


def there(name: str) -> bool:
    """Whether a package, or one inside another, can be imported."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _package_tools() -> list[list[str]]:
    """Return the commands that may install Python packages here, the quicker first."""
    beside = Path(sys.executable).with_name("uv")
    quick = [[str(beside), "pip", "install", "--quiet", "--python", sys.executable]] if beside.is_file() else []
    return [*quick, [sys.executable, "-m", "pip", "install", "--quiet"]]


def _install_programs(wanted: list[str]) -> None:
    """Install packages of the system where that can be done; elsewhere the benchmark tells that its peer is absent."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        print(f"not installed, ask the system's own package tools for it: {', '.join(wanted)}")
        return
    print(f"installing {', '.join(wanted)}", flush=True)
    subprocess.run(["apt-get", "update", "--quiet"], check=False)
    subprocess.run(["apt-get", "install", "--yes", "--no-install-recommends", *wanted], check=False)


if __name__ == "__main__":
    sys.exit(main())
