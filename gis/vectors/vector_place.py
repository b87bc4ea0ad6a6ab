"""Whether vector data lies where it should: exchanged axes, contradicting units, the wrong country."""

from __future__ import annotations

import geopandas
import pyproj

from gis.crs import CRS84
from gis.errors import CrsError, InputError, NothingHereError
from gis.grid import Bounds
from gis.messages import translator

_ = translator("gis")

_SOUTHERNMOST_LAND = -56.0
"""No farmland lies south of Cape Horn: latitudes below it are longitudes in the wrong place."""
_POLE = 90.0


def refuse_elsewhere(frame: geopandas.GeoDataFrame, near: Bounds, *, what: str) -> None:
    """Refuse a frame of which nothing lies where it is expected, and say so if its axes are exchanged.

    Parameters
    ----------
    frame
        Any frame with a reference system.
    near
        West, south, east, north in degrees.
    what
        What is being read, for the message.

    Raises
    ------
    InputError
        When nothing touches ``near``.
    """
    west, south, east, north = frame.to_crs(CRS84).total_bounds
    if _touch((west, south, east, north), near):
        return
    if _touch((south, west, north, east), near):
        raise _swapped(what, (west, south, east, north))
    raise NothingHereError(
        _("{what} queda en otro lugar: longitud {west:.2f} a {east:.2f}, latitud {south:.2f} a {north:.2f}").format(
            what=what, west=west, east=east, south=south, north=north
        ),
        expected=_("Se esperaba longitud {west:.2f} a {east:.2f}, latitud {south:.2f} a {north:.2f}").format(
            west=near[0], east=near[2], south=near[1], north=near[3]
        ),
        remedy=_("Elija el archivo de este territorio"),
    )


def _touch(one: Bounds, other: Bounds) -> bool:
    return one[0] <= other[2] and one[2] >= other[0] and one[1] <= other[3] and one[3] >= other[1]


def refuse_swapped(crs: pyproj.CRS, bounds: Bounds, *, what: str) -> None:
    """Recognise exchanged axes without knowing the territory: latitudes beyond the pole or south of all farmland.

    Parameters
    ----------
    crs
        Declared reference system; a projected one is not judged.
    bounds
        Left, bottom, right, top in its unit.
    what
        What is being read, for the message.

    Raises
    ------
    InputError
        When longitude and latitude are exchanged.
    CrsError
        When the coordinates cannot be degrees at all.
    """
    if not crs.is_geographic:
        return
    _west, south, _east, north = bounds
    beyond = max(abs(south), abs(north)) > _POLE and max(abs(bounds[0]), abs(bounds[2])) <= _POLE
    if beyond or north < _SOUTHERNMOST_LAND:
        raise _swapped(what, bounds)
    if max(abs(south), abs(north)) > _POLE:
        raise CrsError(
            _("{what} declara grados, pero su latitud llega a {value:.6g}").format(
                what=what, value=max(abs(south), abs(north))
            ),
            expected=_("Se esperaban latitudes de −90 a 90"),
            remedy=_("Declare el sistema verdadero del archivo, por ejemplo EPSG:32720"),
        )


def _swapped(what: str, bounds: Bounds) -> InputError:
    west, south, east, north = bounds
    return InputError(
        _("{what} tiene los ejes cambiados: x de {west:.2f} a {east:.2f}, y de {south:.2f} a {north:.2f}").format(
            what=what, west=west, east=east, south=south, north=north
        ),
        expected=_("Se esperaba el orden longitud, latitud"),
        remedy=_("Intercambie las dos coordenadas al exportar el archivo"),
    )
