"""The proof that polygons cover their units once: no overlap, no gap, every shared border vertex by vertex.

The directed sides of all polygons are added up. Where every side is met by its opposite, except along the rim of the
units, the number of polygons over a place changes nowhere but at the rim: it is one inside and none outside. GEOS then
confirms it with an algorithm of its own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from gis.errors import CoverageError
from gis.messages import translator

_ = translator("gis")

Polygons = npt.NDArray[np.object_]
Names = npt.NDArray[np.str_] | list[str]

AREA_TOLERANCE = 1e-6
"""Greatest relative difference between a unit's area and the sum of its parts."""


def directed_sides(polygons: Polygons) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """Return the sides (n, 4) x₀, y₀, x₁, y₁ of polygons, interior on the left, and the polygon of each.

    Parameters
    ----------
    polygons
        (p,) Polygons or MultiPolygons.
    """
    pieces, piece_owner = shapely.get_parts(polygons, return_index=True)
    rings, ring_owner = shapely.get_rings(shapely.orient_polygons(pieces), return_index=True)
    points, point_ring = shapely.get_coordinates(rings, return_index=True)
    follows = point_ring[1:] == point_ring[:-1]
    sides = np.hstack([points[:-1], points[1:]])[follows]
    return sides, piece_owner[ring_owner[point_ring[1:][follows]]]


def unmatched_sides(sides: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Return which sides have no opposite; of sides that occur twice the same way, the surplus."""
    places = np.unique(sides.reshape(-1, 2) @ np.array([1, 1j]), return_inverse=True)[1].reshape(-1, 2)
    low, high = places.min(axis=1), places.max(axis=1)
    pair = np.unique(low * (places.max(initial=0) + 1) + high, return_inverse=True)[1]
    balance = np.bincount(pair, weights=np.where(places[:, 0] == low, 1.0, -1.0))
    return np.flatnonzero((balance[pair] != 0) | (np.bincount(pair)[pair] > 2))  # noqa: PLR2004  a pair


def _require_valid(polygons: Polygons, names: Names) -> None:
    kinds = shapely.get_type_id(polygons)
    bad = np.flatnonzero((kinds != shapely.GeometryType.POLYGON) | ~shapely.is_valid(polygons))
    if len(bad):
        raise CoverageError(
            _("{parts} partes no son polígonos válidos; la primera, {name}: {reason}").format(
                parts=len(bad), name=names[bad[0]], reason=shapely.is_valid_reason(polygons[bad[0]])
            ),
            expected=_("Se esperaba un polígono simple y válido por parte"),
        )


def verify_coverage(polygons: Polygons, names: Names, *, rim: shapely.Geometry, slack_m: float) -> None:
    """Refuse polygons that are not a valid coverage of what ``rim`` bounds.

    Parameters
    ----------
    polygons
        (p,) Polygons.
    names
        (p,) what to call each in an error.
    rim
        Lines that bound the covered area.
    slack_m
        Greatest distance of an unmatched side from ``rim``, m.

    Raises
    ------
    CoverageError
        When a polygon is not valid, two overlap or do not share their vertices, or a gap lies between them; the message
        says between which and where.
    """
    _require_valid(polygons, names)
    sides, owner = directed_sides(polygons)
    alone = unmatched_sides(sides)
    along_rim = shapely.buffer(rim, slack_m)
    shapely.prepare(along_rim)
    stray = np.flatnonzero(~shapely.covers(along_rim, shapely.linestrings(sides[alone].reshape(-1, 2, 2))))
    if len(stray):
        side = alone[stray[0]]
        raise _no_coverage(str(names[owner[side]]), sides[side, :2], len(stray))
    if not shapely.coverage_is_valid(polygons):
        edges = shapely.coverage_invalid_edges(polygons)
        first = int(np.flatnonzero(~shapely.is_empty(edges))[0])
        raise _no_coverage(
            str(names[first]), shapely.get_coordinates(edges[first])[0], int(np.sum(~shapely.is_empty(edges)))
        )


def _no_coverage(name: str, place: npt.NDArray[np.float64], count: int) -> CoverageError:
    return CoverageError(
        _(
            "Los polígonos no forman una cobertura en {count} lados; el primero, de {name}, en ({x:.2f}, {y:.2f})"
        ).format(count=count, name=name, x=float(place[0]), y=float(place[1])),
        expected=_("Se esperaban polígonos sin huecos ni solapes que compartan cada vértice"),
        remedy=_("Repare la capa con la reparación de coberturas, o informe del caso si salió de una zonificación"),
    )


def verify_areas(areas: npt.NDArray[np.float64], units: Polygons, names: Names, *, slack_m: float) -> float:
    """Refuse units whose parts do not add up to them; return the greatest relative difference.

    Parameters
    ----------
    areas
        (u,) sum of the parts of each unit, m².
    units
        (u,) Polygons or MultiPolygons.
    names
        (u,) names of the units.
    slack_m
        How far rounding may move an outline, m: it matters only where a unit is tiny.

    Raises
    ------
    CoverageError
        When a sum differs by more than 10⁻⁶ of the unit and by more than rounding explains.
    """
    expected = shapely.area(units)
    difference = np.abs(areas - expected) / expected
    allowed = np.maximum(AREA_TOLERANCE, slack_m * shapely.length(units) / expected)
    worst = int(np.argmax(difference / allowed))
    if not difference[worst] <= allowed[worst]:
        raise CoverageError(
            _("Las partes de {unit} suman {sum:.1f} m² y la unidad mide {area:.1f} m²").format(
                unit=names[worst], sum=areas[worst], area=expected[worst]
            ),
            expected=_("Se esperaba la misma área"),
        )
    return float(difference.max())
