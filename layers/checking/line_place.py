"""Where a straight line across a raster lies, in words: which meridian or parallel, and whether tiles meet there."""

from __future__ import annotations

import pyproj

from gis.grid import Grid
from gis.messages import Figure, translator
from layers.checking.seams import Seam

_ = translator("layers")

_NEAR_CELLS = 40.0
_DEGREE_M = 111_000.0


def line_words(seam: Seam, grid: Grid) -> str:
    """Say how long a seam or void is and where, and whether that is the border of a one-degree tile."""
    x, y = grid.xy(seam.row, seam.col)
    lon, lat = pyproj.Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform(x, y)
    place = lon if seam.upright else lat
    told = (
        _("recta de norte a sur de {km:.1f} km a longitud {place:.3f}")
        if seam.upright
        else _("recta de oeste a este de {km:.1f} km a latitud {place:.3f}")
    ).format(km=Figure(seam.cells * grid.cell / 1000.0), place=Figure(place))
    near = min(0.05, _NEAR_CELLS * grid.cell / _DEGREE_M)
    if abs(place - round(place)) <= near:
        told += _(" (borde de una tesela de un grado)")
    return told
