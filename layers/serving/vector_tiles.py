"""Vector tiles out of PMTiles files that are kept open and reopened when they are replaced."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from gis.vectors.tile_archive import TileArchive
from layers.map_layer import Tile

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
"""What a vector tile calls itself."""


def vector_tile(path: Path, z: int, x: int, y: int) -> Tile | None:
    """Return one tile of a PMTiles file, or ``None`` where it holds none or is not there.

    Raises
    ------
    gis.errors.InputError
        The file is no PMTiles archive.
    """
    try:
        found = path.stat()
    except OSError:
        return None
    archive = _archive(path, (found.st_mtime_ns, found.st_size))
    content = archive.tile(z, x, y)
    if content is None:
        return None
    return Tile(content=content, media_type=MEDIA_TYPE, encoding="gzip" if archive.gzipped else "")


@lru_cache(maxsize=64)
def _archive(path: Path, stamp: tuple[int, int]) -> TileArchive:  # noqa: ARG001  a new stamp, a new archive
    return TileArchive(path)
