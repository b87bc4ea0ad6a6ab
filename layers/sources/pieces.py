"""Pieces of a mirror: the file an adapter writes for a place, and the entry that describes it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from gis.atomic import sha256_of
from gis.messages import translator
from gis.rasters.lattice import Lattice
from layers.map_layer import Bounds
from layers.mirrors.mirror import MirrorLayer
from layers.sources.product import ProductRecord

_ = translator("layers")

_BLOCK_ROWS = 1024
_FEWEST_ROWS = 256
_MOST_CELLS = 2**24
_FIRST_LON, _LAST_LON = -180, 180
_FIRST_LAT, _LAST_LAT = -90, 90


def piece_path(folder: Path, record: ProductRecord, theme: str) -> Path:
    """Return where the piece of a theme is written."""
    return folder / f"{record.id}_{theme}.tif"


def strips(lattice: Lattice) -> Iterator[tuple[int, Lattice]]:
    """Return the first row of each strip of a window and the strip, from the north.

    A strip is as high as the blocks of the largest products, and lower where the window is so wide that it would not
    fit in memory: what is held at once does not grow with the territory.

    Examples
    --------
    >>> import pyproj
    >>> wide = Lattice(pyproj.CRS("EPSG:4326"), left=0, top=9, width=1e-4, height=1e-4, rows=2000, cols=50_000)
    >>> [(row, strip.rows) for row, strip in strips(wide)][:2]
    [(0, 256), (256, 256)]
    """
    fitting = _MOST_CELLS // lattice.cols // _FEWEST_ROWS * _FEWEST_ROWS
    rows = max(_FEWEST_ROWS, min(_BLOCK_ROWS, fitting))
    for start in range(0, lattice.rows, rows):
        yield start, lattice.part(start, min(start + rows, lattice.rows), 0, lattice.cols)


def piece_entry(record: ProductRecord, theme: str, path: Path, *, unit: str, steps: Iterable[str] = ()) -> MirrorLayer:
    """Return the entry of a mirror for a file just written.

    Parameters
    ----------
    record
        The product.
    theme
        Name of the theme in the catalogue.
    path
        The file.
    unit
        Unit of the bands; several are joined by semicolons.
    steps
        What was done to make it, and what a reader of the provenance should know; empty texts are left out.

    Raises
    ------
    gis.errors.StorageError
        The file cannot be read back.
    """
    return MirrorLayer(
        theme=theme,
        file=path.name,
        unit=unit,
        source="; ".join(each for each in (record.title, record.homepage) if each),
        licence=record.licence,
        attribution=record.attribution,
        date=record.date,
        sha256=sha256_of(path),
        climate=record.climate,
        steps=tuple(each for each in steps if each),
    )


def corner_name(lat: int, lon: int) -> tuple[str, str]:
    """Return how tiles name their south-western corner: ``("S18", "W065")``.

    Examples
    --------
    >>> corner_name(0, 0), corner_name(-1, -1), corner_name(51, 7)
    (('N00', 'E000'), ('S01', 'W001'), ('N51', 'E007'))
    """
    return f"{'N' if lat >= 0 else 'S'}{abs(lat):02d}", f"{'E' if lon >= 0 else 'W'}{abs(lon):03d}"


def tile_corners(bounds: Bounds, *, degrees: int) -> list[tuple[int, int]]:
    """Return latitude and longitude of the south-western corners of the tiles that a box touches, south-west first.

    Parameters
    ----------
    bounds
        West, south, east, north, degrees.
    degrees
        Side of a tile; corners are its multiples.

    Examples
    --------
    >>> tile_corners((-64.2, -18.6, -63.9, -17.9), degrees=1)
    [(-19, -65), (-19, -64), (-18, -65), (-18, -64)]
    """
    west, south, east, north = bounds
    lats = range(math.floor(south / degrees) * degrees, math.ceil(north / degrees) * degrees, degrees)
    lons = range(math.floor(west / degrees) * degrees, math.ceil(east / degrees) * degrees, degrees)
    return [
        (lat, lon) for lat in lats for lon in lons if _FIRST_LAT <= lat < _LAST_LAT and _FIRST_LON <= lon < _LAST_LON
    ]


def absent_words(names: list[str]) -> str:
    """Say which tiles a product does not have here."""
    if not names:
        return ""
    return _("sin tesela publicada, queda sin dato: {names}").format(names=", ".join(names))
