"""Install the peers that the benchmarks compare with and that are not there yet.

A peer belongs in :data:`PEERS` if Python's own package tools can install it. Most of today's are libraries that
the program itself stands on.
"""

from __future__ import annotations

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
}
"""Importable package and what to ask the package tools for."""


def main() -> int:
    """Install what is missing; 1 if that failed."""
    missing = [wanted for name, wanted in PEERS.items() if find_spec(name) is None]
    if not missing:
        print("every peer is there")
        return 0
    print(f"installing {', '.join(missing)}")
    return subprocess.run([sys.executable, "-m", "pip", "install", *missing], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
