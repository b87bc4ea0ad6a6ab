"""The units that a map is partitioned into: checked, and turned into lines that know their two sides."""

from __future__ import annotations

import geopandas
import numpy as np
import shapely

from gis.coverage.coverage_check import directed_sides
from gis.coverage.noding import OUTSIDE, UNKNOWN, Edges, unique_edges
from gis.coverage.zone_lines import Ticks
from gis.errors import CoverageError, InputError
from gis.messages import translator

_ = translator("gis")


def _remedy() -> str:
    return _("Repare antes la capa de unidades: los solapes y huecos entre vecinas se ajustan y se miden")


def require_units(units: geopandas.GeoDataFrame, *, slit_m: float) -> None:
    """Refuse units that cannot be partitioned.

    Parameters
    ----------
    units
        Column ``unit`` and geometry, m.
    slit_m
        Width below which a hole between units is a defect, m.

    Raises
    ------
    InputError
        When the column is missing, a name occurs twice, there is no unit, or a geometry is no valid polygon.
    CoverageError
        When units overlap, do not share the vertices of their borders, or leave a slit between them.
    """
    if "unit" not in units.columns or not len(units) or units["unit"].duplicated().any():
        raise InputError(
            _("La capa de unidades no nombra cada unidad una vez"),
            expected=_("Se esperaba al menos una fila y una columna «unit» sin repeticiones"),
        )
    shapes = np.asarray(units.geometry.array, dtype=object)
    names = units["unit"].astype(str).to_numpy()
    polygonal = np.isin(shapely.get_type_id(shapes), [shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON])
    bad = np.flatnonzero(~polygonal | ~shapely.is_valid(shapes) | shapely.is_empty(shapes))
    if len(bad):
        raise InputError(
            _("La geometría de la unidad {unit} no es un polígono válido: {reason}").format(
                unit=names[bad[0]], reason=shapely.is_valid_reason(shapes[bad[0]])
            ),
            remedy=_remedy(),
        )
    if not shapely.coverage_is_valid(shapes):
        wrong = shapely.coverage_invalid_edges(shapes)
        where = np.flatnonzero(~shapely.is_empty(wrong))
        x, y = shapely.get_coordinates(wrong[where[0]])[0]
        raise CoverageError(
            _("Las unidades {units} se solapan o no comparten su límite, cerca de ({x:.0f}, {y:.0f})").format(
                units=", ".join(names[where]), x=x, y=y
            ),
            expected=_("Se esperaba que las unidades vecinas compartan su límite vértice por vértice"),
            remedy=_remedy(),
        )
    _require_no_slit(shapes, slit_m)


def _require_no_slit(shapes: np.ndarray[tuple[int], np.dtype[np.object_]], slit_m: float) -> None:
    pieces = shapely.get_parts(shapely.coverage_union_all(shapes))
    rings, owner = shapely.get_rings(pieces, return_index=True)
    holes = shapely.polygons(rings[np.append(False, owner[1:] == owner[:-1])])
    for hole in holes:
        width = 2.0 * shapely.length(shapely.maximum_inscribed_circle(hole, tolerance=slit_m / 10.0))
        if width < slit_m:
            place = shapely.point_on_surface(hole)
            raise CoverageError(
                _("Entre las unidades queda un hueco de {area:.0f} m² cerca de ({x:.0f}, {y:.0f})").format(
                    area=hole.area, x=place.x, y=place.y
                ),
                expected=_("Se esperaba que las unidades cubran el territorio sin huecos entre ellas"),
                remedy=_remedy(),
            )


def unit_lines(units: geopandas.GeoDataFrame, ticks: Ticks) -> Edges:
    """Return every side of every unit once, with the units on its left and right.

    Parameters
    ----------
    units
        A valid coverage; units are numbered by row.
    ticks
        Fine grid of the result.
    """
    sides, owner = directed_sides(np.asarray(units.geometry.array, dtype=object))
    unit = np.stack([owner, np.full_like(owner, OUTSIDE)], axis=1).astype(np.int64)
    return unique_edges(Edges(ticks.of(sides[:, :2]), ticks.of(sides[:, 2:]), np.full_like(unit, UNKNOWN), unit))
