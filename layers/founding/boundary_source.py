"""Reading a boundary file of any origin: zipped or not, with or without a reference system."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np

from gis.crs import parse_crs
from gis.errors import CrsError, InputError
from gis.messages import translator
from gis.projection_choice import refuse_antimeridian
from gis.vectors.vector import read_vector
from gis.vectors.zip_member import unpacked
from layers.serving.vector_layer import GEOGRAPHIC

_ = translator("layers")

_POLYGONS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True, eq=False, kw_only=True)
class BoundarySource:
    """What a boundary file holds."""

    frame: gpd.GeoDataFrame
    """Its polygons with every column, in longitude and latitude."""
    remarks: tuple[str, ...]
    """What was assumed and what was left out, a sentence each."""


def read_boundaries(path: Path, *, layer: str = "", crs: str = "") -> BoundarySource:
    """Read the polygons of a boundary file.

    Parameters
    ----------
    path
        Any vector file, or a ZIP with one.
    layer
        Which layer of it; may be left out where there is one only.
    crs
        Reference system of a file that states none; by default longitude and latitude, where the coordinates fit.

    Raises
    ------
    gis.errors.MissingError
        There is no such file or layer.
    gis.errors.InputError
        It is no file of polygons, or crosses the 180° meridian.
    gis.errors.CrsError
        It states no reference system and none fits, or ``crs`` contradicts its own.
    """
    with unpacked(path) as file:
        frame = _read(file, path, layer=layer, crs=crs)
    remarks = []
    if frame.attrs.get("assumed_crs"):
        told = (
            _("{file} no dice su sistema de coordenadas: se leyó como {crs}, el indicado con --crs")
            if crs
            else _("{file} no dice su sistema de coordenadas: sus números caben en longitud y latitud y así se leyó")
        )
        remarks.append(told.format(file=path.name, crs=frame.attrs["assumed_crs"]))
    if frame.attrs["without_geometry"]:
        remarks.append(_("{count} filas sin geometría, descartadas").format(count=frame.attrs["without_geometry"]))
    if frame.attrs["repaired"]:
        remarks.append(
            _("{count} polígonos que se cruzaban a sí mismos, reparados").format(count=frame.attrs["repaired"])
        )
    other = ~frame.geometry.geom_type.isin(_POLYGONS)
    if other.all():
        raise InputError(
            _("{file} no trae polígonos sino {kinds}").format(
                file=path.name, kinds=", ".join(sorted(set(frame.geometry.geom_type)))
            ),
            expected=_("Un polígono por municipio"),
        )
    if other.any():
        remarks.append(_("{count} geometrías que no son polígonos, descartadas").format(count=int(other.sum())))
        frame = frame[~other].reset_index(drop=True)
    west, south, east, north = frame.total_bounds
    refuse_antimeridian(np.array([west, east]), np.array([south, north]))
    return BoundarySource(frame=frame, remarks=tuple(remarks))


def _read(file: Path, told: Path, *, layer: str, crs: str) -> gpd.GeoDataFrame:
    unstated = crs or GEOGRAPHIC
    try:
        frame = read_vector(file, layer=layer or None, unstated=unstated)
    except CrsError as error:
        raise CrsError(
            error.found.replace(str(file), told.name),
            expected=error.expected,
            remedy=_("Diga el sistema verdadero con --crs, por ejemplo --crs EPSG:32720"),
        ) from error
    if (
        crs
        and not frame.attrs.get("assumed_crs")
        and parse_crs(crs, what="--crs") != parse_crs(frame.crs, what=told.name)
    ):
        raise CrsError(
            _("{file} dice estar en {own}, y --crs dice {other}").format(file=told.name, own=frame.crs.name, other=crs),
            expected=_("--crs solo para un archivo que no dice su sistema"),
            remedy=_("Quite --crs, o corrija el archivo"),
        )
    attrs = frame.attrs
    moved = frame.to_crs(GEOGRAPHIC)
    moved.attrs = attrs
    return moved
