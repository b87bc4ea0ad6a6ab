"""Which projected system a territory is laid out in: its UTM zone while that distorts little, else one of its own.

Distortion is the largest relative error of a length in any direction, |a − 1| or |b − 1| with a and b the half axes of
Tissot's indicatrix (Snyder 1987, *Map Projections: A Working Manual*, p. 20), as PROJ computes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyproj
from numpy.typing import NDArray

from gis.crs import equal_area_crs, utm_crs
from gis.errors import CrsError, InputError
from gis.messages import Figure, translator

_ = translator("gis")

UTM_LIMIT = 0.0015
"""Largest relative error of a length that a UTM zone may have in a territory: 1.5 m in 1 km, half a degree beyond the
edge of the zone, whose own is 1 m in 1 km at the equator."""
LAST_LIMIT = 0.03
"""Largest relative error of a length that any system may have; a territory that exceeds it is a continent."""


class Kind(StrEnum):
    """Kind of a projected system."""

    UTM = "utm"
    TRANSVERSE_MERCATOR = "transverse_mercator"
    EQUAL_AREA = "equal_area"


_UTM_SOUTH, _UTM_NORTH = -80.0, 84.0
_HALF_TURN = 180.0
_BAND = 6.0
_MIDDLE_OF_SIDE = 4
_STEPS = 5


@dataclass(frozen=True, kw_only=True)
class ProjectionChoice:
    """A projected system in metres, and how well it fits."""

    crs: pyproj.CRS
    name: str
    """``EPSG:32720``, or a PROJ definition."""
    kind: Kind
    distortion: float
    """Largest relative error of a length inside the territory."""
    utm_zones: tuple[int, ...]
    """UTM zones that the territory touches, from the west."""
    utm_distortion: float
    """What the best UTM zone would have; infinite where UTM is not defined."""


def choose_projection(
    lon: Sequence[float] | NDArray[np.float64], lat: Sequence[float] | NDArray[np.float64]
) -> ProjectionChoice:
    """Choose the projected system of a territory.

    The UTM zone with the least distortion is taken where that is at most :data:`UTM_LIMIT`. Otherwise a transverse
    Mercator and a Lambert azimuthal equal-area system, both centred on the territory, are compared: the equal-area one
    is taken, in which a hectare is a hectare everywhere, unless the other distorts less than half as much, as it does
    along a country drawn out from north to south.

    Parameters
    ----------
    lon, lat
        Corners of the territory's outline, or of its convex hull, degrees.

    Raises
    ------
    CrsError
        A place is not on Earth.
    InputError
        There is no place, the territory crosses the 180° meridian, or no system keeps within :data:`LAST_LIMIT`.

    Examples
    --------
    >>> choose_projection([-64.8, -63.5], [-19.2, -17.4]).name
    'EPSG:32720'
    >>> choose_projection([-69.6, -57.5], [-22.9, -9.7]).kind.value
    'equal_area'
    """
    east, north = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    refuse_antimeridian(east, north)
    west, right, south, top = float(east.min()), float(east.max()), float(north.min()), float(north.max())
    places = _with_sides(east, north)
    zones = tuple(range(_zone(west), _zone(right) + 1))
    best, utm = _best_utm(zones, places, lat=(south + top) / 2)
    if best is not None and utm <= UTM_LIMIT:
        return ProjectionChoice(
            crs=best, name=f"EPSG:{best.to_epsg()}", kind=Kind.UTM, distortion=utm, utm_zones=zones, utm_distortion=utm
        )
    middle = ((west + right) / 2, (south + top) / 2)
    mercator, equal = _transverse(middle, places), equal_area_crs(*middle)
    least, kind, crs = distortion_of(equal, *places), Kind.EQUAL_AREA, equal
    drawn_out = float("inf") if mercator is None else distortion_of(mercator, *places)
    if mercator is not None and drawn_out < least / 2:
        least, kind, crs = drawn_out, Kind.TRANSVERSE_MERCATOR, mercator
    if not least <= LAST_LIMIT:
        raise InputError(
            _("El territorio es tan grande que todo plano deforma sus longitudes en {share:.1%}").format(
                share=Figure(least)
            ),
            expected=_("A lo sumo {share:.0%}: un país, no un continente").format(share=Figure(LAST_LIMIT)),
            remedy=_("Divídalo en territorios, por ejemplo con --only"),
        )
    return ProjectionChoice(
        crs=crs, name=str(crs.srs), kind=kind, distortion=least, utm_zones=zones, utm_distortion=utm
    )


def refuse_antimeridian(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> None:
    """Refuse places that are none, or that lie on both sides of the 180° meridian.

    Raises
    ------
    CrsError
        A place is not on Earth.
    InputError
        There is no place, or they lie on both sides of that meridian.
    """
    if not lon.size:
        raise InputError(_("No hay ningún lugar del que elegir proyección"))
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        raise CrsError(_("Hay coordenadas que no son números"))
    if np.abs(lon).max() > _HALF_TURN or np.abs(lat).max() > _HALF_TURN / 2:
        raise CrsError(
            _("No hay tal lugar: longitud {lon}, latitud {lat}").format(
                lon=Figure(float(lon[np.abs(lon).argmax()])), lat=Figure(float(lat[np.abs(lat).argmax()]))
            ),
            expected=_("Se esperaba una longitud de −180 a 180 y una latitud de −90 a 90"),
        )
    if float(np.ptp(lon)) > _HALF_TURN:
        raise InputError(
            _("El territorio cruza el meridiano 180: va de longitud {west:.2f} a {east:.2f}").format(
                west=Figure(float(lon.min())), east=Figure(float(lon.max()))
            ),
            expected=_("Un territorio a un solo lado de ese meridiano"),
            remedy=_("Haga dos territorios, uno por lado: elija los municipios de cada uno con --only"),
        )


def distortion_of(crs: pyproj.CRS, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> float:
    """Return the largest relative error of a length in a projected system, over places in degrees.

    Infinite where the system is not defined.

    Examples
    --------
    >>> round(distortion_of(pyproj.CRS("EPSG:32720"), np.array([-63.0]), np.array([-18.0])), 6)
    0.0004
    """
    factors = pyproj.Proj(crs).get_factors(lon, lat, errcheck=False)
    both = np.concatenate([np.atleast_1d(factors.tissot_semimajor), np.atleast_1d(factors.tissot_semiminor)])
    worst = np.abs(both - 1.0)
    return float(worst.max()) if np.isfinite(worst).all() else float("inf")


def _with_sides(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Add a net over the box: a projection is seldom at its worst or best in a corner of the outline."""
    across = np.linspace(lon.min(), lon.max(), _STEPS)
    down = np.linspace(lat.min(), lat.max(), _STEPS)
    netted = np.meshgrid(across, down)
    return np.concatenate([lon, netted[0].ravel()]), np.concatenate([lat, netted[1].ravel()])


def _zone(lon: float) -> int:
    return min(int((lon + _HALF_TURN) // _BAND) + 1, 60)


def _best_utm(
    zones: tuple[int, ...], places: tuple[NDArray[np.float64], NDArray[np.float64]], *, lat: float
) -> tuple[pyproj.CRS | None, float]:
    """Return the zone with the least distortion; a territory on both sides of the equator takes its middle's half."""
    if places[1].min() < _UTM_SOUTH or places[1].max() > _UTM_NORTH:
        return None, float("inf")
    near = sorted(zones, key=lambda zone: abs(zone - (zones[0] + zones[-1]) / 2))[:_MIDDLE_OF_SIDE]
    found = [utm_crs(zone * _BAND - _HALF_TURN - _BAND / 2, lat) for zone in near]
    ranked = [(distortion_of(crs, *places), crs) for crs in found]
    least, crs = min(ranked, key=lambda each: each[0])
    return crs, least


def _transverse(
    middle: tuple[float, float], places: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> pyproj.CRS | None:
    """Return a transverse Mercator through the middle whose scale errs as much at the edges as on its meridian."""
    plain = _mercator(middle, 1.0)
    worst = distortion_of(plain, *places)
    if not np.isfinite(worst) or worst >= 1.0:
        return None
    return _mercator(middle, round(1.0 / (1.0 + worst / 2.0), 6))


def _mercator(middle: tuple[float, float], scale: float) -> pyproj.CRS:
    lon, lat = round(middle[0], 2), round(middle[1], 2)
    return pyproj.CRS.from_string(
        f"+proj=tmerc +lat_0={lat} +lon_0={lon} +k={scale} +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs +type=crs"
    )
