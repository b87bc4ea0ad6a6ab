"""What the installed GDAL can do: its version and the vector formats it writes."""

from __future__ import annotations

import pyogrio


def gdal_version() -> str:
    """Return the version of the GDAL that reads and writes vectors.

    Examples
    --------
    >>> gdal_version().count(".")
    2
    """
    return str(pyogrio.__gdal_version_string__)


def writable_formats() -> frozenset[str]:
    """Return the names of the vector formats that can be written.

    Examples
    --------
    >>> "GPKG" in writable_formats()
    True
    """
    return frozenset(name for name, mode in pyogrio.list_drivers().items() if "w" in mode)
