"""Install the peers that the benchmarks compare with and that are not there yet.

A peer belongs in :data:`PEERS` if Python's own package tools can install it, else in :data:`PROGRAMS`. Most of today's
are libraries that the program itself stands on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec

PEERS: dict[str, str] = {
    "duckdb": "duckdb",
    "numpy": "numpy",
    "rasterio": "rasterio",
    "shapely": "shapely",
    "geopandas": "geopandas",
    "statsmodels": "statsmodels",
    "xarray": "xarray",
    "dask": "dask",
    "rio_tiler": "rio-tiler",
}
"""Importable package and what to ask the package tools for."""

PROGRAMS: dict[str, str] = {"gdalwarp": "gdal-bin", "grass": "grass-core", "gdal_calc.py": "python3-gdal"}
"""Program that no Python package brings, and the package of Debian that does."""


def main() -> int:
    """Install what is missing; 1 if that failed."""
    programs = [wanted for name, wanted in PROGRAMS.items() if shutil.which(name) is None]
    if programs:
        _install_programs(programs)
    for name, package in PROGRAMS.items():
        if shutil.which(name) is None:
            print(f"{name} is not there: it comes with the system's own packages, for instance {package} of Debian")
    missing = [wanted for name, wanted in PEERS.items() if find_spec(name) is None]
    if not missing:
        print("every peer is there")
        return 0
    print(f"installing {', '.join(missing)}")
    return subprocess.run([sys.executable, "-m", "pip", "install", *missing], check=False).returncode


def _install_programs(wanted: list[str]) -> None:
    """Install packages of the system where that can be done; elsewhere the benchmark tells that its peer is absent."""
    command = ["apt-get", "install", "--yes", *wanted]
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        print(f"not installed, ask the system's own package tools for it: {', '.join(wanted)}")
        return
    print(f"installing {', '.join(wanted)}")
    subprocess.run(command, check=False)


if __name__ == "__main__":
    sys.exit(main())
