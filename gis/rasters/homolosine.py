"""Boxes of degrees in the interrupted Goode Homolosine projection, which cuts the oceans open."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyproj

from gis.crs import CRS84
from gis.errors import GridError
from gis.grid import Bounds
from gis.messages import translator

_ = translator("gis")

HOMOLOSINE = "+proj=igh +lat_0=0 +lon_0=0 +datum=WGS84 +units=m +no_defs"
"""The projection over the whole Earth, spelled as those who publish in it do."""
INTERRUPTIONS: dict[str, tuple[float, ...]] = {
    "north": (-180.0, -40.0, 180.0),
    "south": (-180.0, -100.0, -20.0, 80.0, 180.0),
}
"""Meridians at which each hemisphere is cut, degrees; Goode (1925), Snyder (1987), p. 232."""
_SIDE = 65
_INSET = 1e-9


def homolosine_boxes(bounds: Bounds) -> list[Bounds]:
    """Return the boxes that a box of degrees fills in the projection, one for each lobe that it touches.

    Inside a lobe the ground is continuous; between two lobes there may be thousands of kilometres of nothing.

    Parameters
    ----------
    bounds
        West, south, east, north, degrees, west of 180°.

    Returns
    -------
    list of tuple
        Left, bottom, right, top of each part, m; north to south, west to east.

    Raises
    ------
    GridError
        When the box is empty or passes beyond 180°.

    Examples
    --------
    >>> [tuple(round(value / 1000) for value in box) for box in homolosine_boxes((-65.0, -19.0, -64.0, -18.0))]
    [(-7211, -2115, -7085, -2004)]
    >>> len(homolosine_boxes((-41.0, 30.0, -39.0, 31.0)))
    2
    """
    west, south, east, north = bounds
    if not (-180.0 <= west < east <= 180.0 and -90.0 <= south < north <= 90.0):  # noqa: PLR2004  the whole Earth
        raise GridError(
            _("Extensión en grados: {bounds}").format(bounds=tuple(bounds)),
            expected=_("Se esperaba oeste < este y sur < norte, entre −180° y 180°"),
        )
    project = pyproj.Transformer.from_crs(CRS84, HOMOLOSINE, always_xy=True)
    boxes = []
    for hemisphere, bottom, top in (("north", max(south, 0.0), north), ("south", south, min(north, 0.0))):
        cuts = INTERRUPTIONS[hemisphere]
        for first, last in pairwise(cuts):
            left, right = max(west, first), min(east, last)
            if left >= right or bottom >= top:
                continue
            lon, lat = np.meshgrid(np.linspace(left + _INSET, right - _INSET, _SIDE), np.linspace(bottom, top, _SIDE))
            x, y = project.transform(lon, lat)
            boxes.append((float(np.min(x)), float(np.min(y)), float(np.max(x)), float(np.max(y))))
    return boxes
