"""Points from a user's table: degrees or UTM metres, decimal comma or point, and every usual mistake named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.crs import parse_crs, utm_crs
from gis.errors import InputError
from gis.messages import translator
from gis.vectors.plain_table import FIRST_LINE, numbers_of
from layers.own.own_request import OwnRequest, words_of
from layers.preparation.territory_grid import read_municipalities
from layers.workspace import Workspace

_ = translator("layers")

GEOGRAPHIC = "EPSG:4326"
AROUND_M = 5_000.0
"""Points so far outside the territory still belong to it, m."""
_LON = ("lon", "longitud", "longitude", "long", "lng", "x", "coord_x", "coordenada_x")
_LAT = ("lat", "latitud", "latitude", "y", "coord_y", "coordenada_y")
_EAST = ("este", "easting", "utm_este", "utm_e", "utm_x", "coordenada_este", "x_utm", "este_m")
_NORTH = ("norte", "northing", "utm_norte", "utm_n", "utm_y", "coordenada_norte", "y_utm", "norte_m")
_ZONE = ("zona", "huso", "zona_utm", "huso_utm", "zone", "utm_zona")
_DEGREES = 360.0
_MOST_TOLD = 5


@dataclass(frozen=True, kw_only=True)
class CoordinateColumns:
    """Columns of a table that say where."""

    across: str
    """Longitude, or metres to the east."""
    up: str
    """Latitude, or metres to the north."""
    zone: str = ""
    """UTM zone, row by row."""

    @property
    def names(self) -> tuple[str, ...]:
        """Titles of the columns."""
        return tuple(each for each in (self.across, self.up, self.zone) if each)


def coordinate_columns(columns: Sequence[str]) -> CoordinateColumns | None:
    """Return the columns whose titles say where; ``None`` where there are none.

    Examples
    --------
    >>> coordinate_columns(["Nombre", "ESTE", "Norte", "Zona"]).names
    ('ESTE', 'Norte', 'Zona')
    """
    known = {words_of(name): name for name in reversed(columns)}

    def first(titles: Sequence[str]) -> str:
        return next((known[title] for title in titles if title in known), "")

    across, up = first((*_LON, *_EAST)), first((*_LAT, *_NORTH))
    return CoordinateColumns(across=across, up=up, zone=first(_ZONE)) if across and up else None


def placed(
    table: pd.DataFrame, columns: CoordinateColumns, workspace: Workspace, request: OwnRequest
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the rows of a table as points in degrees, and what was assumed, in words.

    Raises
    ------
    gis.errors.InputError
        A coordinate is missing or no number, the axes are exchanged, a sign is missing, or points lie outside the
        territory; lines are named.
    """
    x, y = (_numbers(table, name, request) for name in (columns.across, columns.up))
    steps: list[str] = []
    if max(x.abs().max(), y.abs().max()) <= _DEGREES:
        points = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=GEOGRAPHIC, index=table.index)
    else:
        west, south, east, north = read_municipalities(workspace).to_crs(GEOGRAPHIC).total_bounds
        zones = table[columns.zone] if columns.zone else None
        points, told = _from_metres(x, y, zones, ((west + east) / 2, (south + north) / 2), request.crs)
        steps.append(told)
    frame = gpd.GeoDataFrame(table, geometry=points, crs=GEOGRAPHIC)
    return _inside(frame, workspace, request, steps)


def _numbers(table: pd.DataFrame, name: str, request: OwnRequest) -> pd.Series[float]:
    numbers = numbers_of(table[name].astype(str))
    wrong = np.flatnonzero(numbers.isna().to_numpy())
    if wrong.size:
        raise InputError(
            _("{file}, línea {line}, columna «{column}»: «{value}» no es una coordenada").format(
                file=request.file.name, line=wrong[0] + FIRST_LINE, column=name, value=table[name].iloc[wrong[0]]
            ),
            expected=_("Grados como −64,103 o metros UTM como 412 345; filas sin coordenada: {count}").format(
                count=wrong.size
            ),
            remedy=_("Complete la coordenada o quite la fila"),
        )
    return numbers


def _from_metres(
    x: pd.Series[float], y: pd.Series[float], zones: pd.Series[Any] | None, home: tuple[float, float], crs: str
) -> tuple[gpd.GeoSeries, str]:
    """Return points in degrees from metres in a stated system, in the zones of a column, or in that of a place."""
    if crs:
        chosen = [parse_crs(crs, what="--crs")] * len(x)
    elif zones is not None:
        chosen = [_zone(text, home[1]) for text in zones.astype(str)]
    else:
        chosen = [utm_crs(*home)] * len(x)
    names = [str(each.to_epsg() or each.name) for each in chosen]
    parts = []
    for name in dict.fromkeys(names):
        rows = np.array([each == name for each in names])
        points = gpd.points_from_xy(x[rows], y[rows])
        part = gpd.GeoSeries(points, crs=chosen[names.index(name)], index=x.index[rows])
        parts.append(part.to_crs(GEOGRAPHIC))
    told = _("coordenadas en metros leídas como {systems}").format(
        systems=", ".join(f"EPSG:{each}" if each.isdigit() else each for each in dict.fromkeys(names))
    )
    return gpd.GeoSeries(pd.concat(parts), crs=GEOGRAPHIC).reindex(x.index), told


def _zone(text: str, lat: float) -> Any:  # noqa: ANN401  a reference system
    found = re.match(r"\s*(\d{1,2})", text)
    number = int(found[1]) if found else 0
    if not 1 <= number <= 60:  # noqa: PLR2004  zones of UTM
        raise InputError(
            _("«{text}» no es una zona UTM").format(text=text),
            expected=_("Un número de 1 a 60, como 20 o 20S"),
        )
    return parse_crs(f"EPSG:{(32700 if lat < 0 else 32600) + number}", what=text)


def _inside(
    frame: gpd.GeoDataFrame, workspace: Workspace, request: OwnRequest, steps: list[str]
) -> tuple[gpd.GeoDataFrame, list[str]]:
    home = read_municipalities(workspace)
    land = home.geometry.union_all().buffer(AROUND_M)
    inside = _touch(frame.geometry, land, home.crs)
    if not inside.any():
        _say_why(frame, land, home.crs, request, steps)
    if inside.all():
        return frame, steps
    lines = (np.flatnonzero(~inside) + FIRST_LINE).tolist()
    shown = ", ".join(str(line) for line in lines[:_MOST_TOLD]) + ("…" if len(lines) > _MOST_TOLD else "")
    if not request.only_inside:
        raise InputError(
            _("{file}: {count} puntos quedan fuera del territorio (líneas {lines})").format(
                file=request.file.name, count=len(lines), lines=shown
            ),
            expected=_("Puntos en el territorio o a menos de 5 km de él"),
            remedy=_("Corríjalos, o use --only-inside para dejarlos fuera"),
        )
    told = _("{count} filas fuera del territorio, descartadas").format(count=len(lines))
    return frame[inside].reset_index(drop=True), [*steps, told]


def _touch(points: gpd.GeoSeries, land: shapely.Geometry, crs: object) -> Any:  # noqa: ANN401  an array of booleans
    return np.asarray(shapely.intersects(points.to_crs(crs).to_numpy(), land), dtype=bool)


def _say_why(
    frame: gpd.GeoDataFrame, land: shapely.Geometry, crs: object, request: OwnRequest, steps: Sequence[str]
) -> NoReturn:
    """Refuse a table of which nothing lies in the territory, naming the mistake that would explain it."""
    x, y = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    bounded = (np.abs(x) <= 90) & (np.abs(y) <= 90)  # noqa: PLR2004  what can be a latitude
    if (
        bounded.any()
        and _touch(gpd.GeoSeries(gpd.points_from_xy(y[bounded], x[bounded]), crs=GEOGRAPHIC), land, crs).any()
    ):
        raise InputError(
            _("{file} tiene los ejes cambiados: la longitud está en la columna de la latitud").format(
                file=request.file.name
            ),
            expected=_("Longitud en «{lon}», latitud en «{lat}»").format(lon="lon", lat="lat"),
            remedy=_("Intercambie los títulos de las dos columnas"),
        )
    signed = gpd.GeoSeries(gpd.points_from_xy(-np.abs(x), -np.abs(y)), crs=GEOGRAPHIC)
    if _touch(signed, land, crs).any():
        raise InputError(
            _("{file}: a las coordenadas les falta el signo menos").format(file=request.file.name),
            expected=_("Longitud y latitud negativas al oeste y al sur, como −64,10 y −18,49"),
        )
    assumed = " ".join(f"({each})" for each in steps)
    raise InputError(
        _("{file}: ningún punto cae en el territorio {assumed}")
        .format(file=request.file.name, assumed=assumed)
        .strip(),
        expected=_(
            "Puntos en el territorio o a menos de 5 km; hay de longitud {west:.2f} a {east:.2f}, latitud "
            "{south:.2f} a {north:.2f}"
        ).format(west=x.min(), east=x.max(), south=y.min(), north=y.max()),
        remedy=_("Si están en metros de otra zona o sistema, dígalo con --crs, por ejemplo --crs EPSG:32719"),
    )
