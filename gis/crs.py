"""Reference systems: metres are guaranteed here, so that nothing above has to ask."""

from __future__ import annotations

import math
from typing import Any

import pyproj
from pyproj.exceptions import CRSError as ProjCrsError

from gis.errors import CrsError
from gis.messages import translator

_ = translator("gis")

CRS84 = pyproj.CRS.from_epsg(4326)
"""Longitude and latitude in degrees, WGS 84; every use in the house is in the order x = longitude, y = latitude."""

_MAX_LATITUDE = 90.0
_UTM_BAND = 6.0


def parse_crs(crs: Any, *, what: str) -> pyproj.CRS:  # noqa: ANN401  texts, codes and foreign CRS objects alike
    """Read a reference system from whatever names it: text, EPSG number or another library's object.

    Parameters
    ----------
    crs
        ``"EPSG:32720"``, ``32720``, WKT, or an object with ``to_wkt``.
    what
        What it belongs to, for the message.

    Raises
    ------
    CrsError
        When it is missing or unknown, or has no place on Earth.
    """
    if crs is None or crs == "":
        raise CrsError(
            _("{what} no dice en qué sistema de coordenadas está").format(what=what),
            expected=_("Se esperaba un sistema declarado, por ejemplo EPSG:32720 o EPSG:4326"),
            remedy=_("Asigne el sistema de coordenadas con el que se hizo el archivo y repita la orden"),
        )
    try:
        parsed = pyproj.CRS.from_user_input(crs)
    except ProjCrsError as error:
        raise CrsError(
            _("{what} nombra un sistema de coordenadas desconocido: {crs}").format(what=what, crs=str(crs)[:80]),
            expected=_("Se esperaba un código EPSG o una definición WKT"),
            remedy=_("Corrija el sistema de coordenadas"),
        ) from error
    if parsed.is_engineering:
        raise CrsError(
            _("{what} está en un sistema local, sin lugar en la Tierra: {crs}").format(what=what, crs=parsed.name),
            expected=_("Se esperaba un sistema declarado, por ejemplo EPSG:32720 o EPSG:4326"),
            remedy=_("Asigne el sistema de coordenadas con el que se hizo el archivo y repita la orden"),
        )
    return parsed


def is_metric(crs: pyproj.CRS) -> bool:
    """Say whether both axes of ``crs`` are projected metres.

    Examples
    --------
    >>> is_metric(pyproj.CRS("EPSG:32720")), is_metric(CRS84)
    (True, False)
    """
    axes = crs.axis_info
    return bool(crs.is_projected) and len(axes) > 1 and all(axis.unit_conversion_factor == 1.0 for axis in axes[:2])


def require_metres(crs: Any, *, what: str) -> pyproj.CRS:  # noqa: ANN401  see parse_crs
    """Return ``crs`` if it is projected in metres.

    Parameters
    ----------
    crs
        Anything :func:`parse_crs` reads.
    what
        What it belongs to, for the message.

    Raises
    ------
    CrsError
        When it is missing, unknown, geographic, or its unit is not the metre.

    Examples
    --------
    >>> require_metres("EPSG:32720", what="La grilla").name
    'WGS 84 / UTM zone 20S'
    """
    parsed = parse_crs(crs, what=what)
    if not is_metric(parsed):
        unit = parsed.axis_info[0].unit_name if parsed.axis_info else "?"
        raise CrsError(
            _("{what} está en {crs}, cuya unidad es {unit}").format(what=what, crs=parsed.name, unit=unit),
            expected=_("Se esperaba un sistema proyectado en metros"),
            remedy=_("Reproyecte a metros, por ejemplo a la zona UTM del lugar"),
        )
    return parsed


def utm_crs(lon: float, lat: float) -> pyproj.CRS:
    """Return the WGS 84 UTM zone of a place, in metres.

    Parameters
    ----------
    lon, lat
        Degrees.

    Raises
    ------
    CrsError
        When the place is not on Earth.

    Examples
    --------
    >>> utm_crs(-64.1, -18.5).to_epsg()
    32720
    """
    _require_place(lon, lat)
    zone = min(int((lon + 180.0) // _UTM_BAND) + 1, 60)
    return pyproj.CRS.from_epsg((32700 if lat < 0 else 32600) + zone)


def equal_area_crs(lon: float, lat: float) -> pyproj.CRS:
    """Return a Lambert azimuthal equal-area system in metres, centred on a place rounded to 0.01 degrees.

    Areas measured in it are those of the WGS 84 ellipsoid; the rounding makes it the same for every caller.

    Parameters
    ----------
    lon, lat
        Degrees.

    Raises
    ------
    CrsError
        When the place is not on Earth.

    Examples
    --------
    >>> "+lon_0=-64.12 " in equal_area_crs(-64.123, -18.456).srs
    True
    """
    _require_place(lon, lat)
    return pyproj.CRS.from_string(
        f"+proj=laea +lat_0={round(lat, 2)} +lon_0={round(lon, 2)} +datum=WGS84 +units=m +no_defs +type=crs"
    )


def looks_like_degrees(bounds: tuple[float, float, float, float]) -> bool:
    """Say whether bounds that claim to be metres can only be degrees: all inside ±180 × ±90, less than 60 across.

    Examples
    --------
    >>> looks_like_degrees((-64.8, -19.2, -63.5, -17.4)), looks_like_degrees((3e5, 7.9e6, 4e5, 8e6))
    (True, False)
    """
    left, bottom, right, top = bounds
    longitudes, latitudes = max(abs(left), abs(right)), max(abs(bottom), abs(top))
    span = max(right - left, top - bottom)
    return longitudes <= 2 * _MAX_LATITUDE and latitudes <= _MAX_LATITUDE and span <= 10 * _UTM_BAND


def refuse_degrees_as_metres(crs: pyproj.CRS, bounds: tuple[float, float, float, float], *, what: str) -> None:
    """Refuse data that claims metres while its coordinates are degrees, or claims degrees while they are metres.

    Parameters
    ----------
    crs
        The declared system.
    bounds
        Left, bottom, right, top in that system's unit.
    what
        What is being read, for the message.

    Raises
    ------
    CrsError
        When coordinates and unit contradict each other.
    """
    if not all(math.isfinite(value) for value in bounds):
        return
    if crs.is_projected and looks_like_degrees(bounds):
        raise CrsError(
            _("{what} declara metros ({crs}) pero sus coordenadas parecen grados: {bounds}").format(
                what=what, crs=crs.name, bounds=_numbers(bounds)
            ),
            expected=_("Se esperaban coordenadas en metros"),
            remedy=_("Declare el sistema verdadero (por ejemplo EPSG:4326) o reproyecte de veras"),
        )
    if crs.is_geographic and max(abs(bounds[0]), abs(bounds[2])) > 4 * _MAX_LATITUDE:
        raise CrsError(
            _("{what} declara grados ({crs}) pero sus coordenadas parecen metros: {bounds}").format(
                what=what, crs=crs.name, bounds=_numbers(bounds)
            ),
            expected=_("Se esperaban longitud y latitud en grados"),
            remedy=_("Declare el sistema verdadero del archivo, por ejemplo EPSG:32720"),
        )


def _numbers(bounds: tuple[float, float, float, float]) -> str:
    return ", ".join(f"{value:.6g}" for value in bounds)


def _require_place(lon: float, lat: float) -> None:
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 2 * _MAX_LATITUDE and abs(lat) <= _MAX_LATITUDE):
        raise CrsError(
            _("No hay tal lugar: longitud {lon}, latitud {lat}").format(lon=lon, lat=lat),
            expected=_("Se esperaba una longitud de −180 a 180 y una latitud de −90 a 90"),
        )
