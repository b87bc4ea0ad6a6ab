"""Make polygons that nearly tile a valid coverage: overlaps and slits between neighbours go, and are measured."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas
import numpy as np
import numpy.typing as npt
import shapely

from gis.crs import require_metres
from gis.errors import CoverageError, InputError
from gis.messages import translator

_ = translator("gis")

Shapes = npt.NDArray[np.object_]

GRID_M = 0.01
"""Grid on which repaired vertices lie, m."""
SLIT_M = 10.0
"""A hole between neighbours that is narrower than this is a wavering border, m; a wider one may be a lake or land of
nobody, whatever the cells of a map."""
GAP_SHARE = 1e-3
"""A hole between neighbours is a defect up to this share of the smallest of them; a larger one is an enclave."""
OVERLAP_SHARE = 0.1
"""Two rows that share more than this part of the smaller one are not neighbours whose border wavers."""


@dataclass(frozen=True)
class CoverageRepair:
    """What a repair found and changed."""

    overlap_m2: float
    """Area covered twice before, m², once per pair of rows."""
    overlap_after_m2: float
    """Area covered twice afterwards, m²: 0 but for rounding."""
    gaps: int
    """Holes between neighbours that were filled; below 0.0001 m² they are rounding and do not count."""
    gap_m2: float
    """Area of the filled holes, m²."""
    holes: int
    """Holes that stayed: enclaves and holes of a single row."""
    hole_m2: float
    """Area of the holes that stayed, m²."""
    mended: int
    """Rows whose own geometry was not valid before."""
    moved_m2: float
    """Land that changed its row, was added or was given up, m²."""


def _overlaps(shapes: Shapes) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    return one, other, np.asarray(shapely.area(shapely.intersection(shapes[one], shapes[other])))


def _require_neighbours(shapes: Shapes, names: list[str]) -> float:
    """Refuse rows that lie on one another; return the area covered twice, m²."""
    one, other, shared = _overlaps(shapes)
    share = shared / np.minimum(shapely.area(shapes[one]), shapely.area(shapes[other]))
    if len(share) and share.max() > OVERLAP_SHARE:
        at = int(np.argmax(share))
        raise CoverageError(
            _("{one} y {other} comparten {percent:.0f} % de la menor").format(
                one=names[one[at]], other=names[other[at]], percent=100 * share[at]
            ),
            expected=_("Se esperaban unidades vecinas, cuyos límites difieren poco"),
            remedy=_("Deje una sola fila por unidad y un solo nivel (municipio, no provincia y municipio)"),
        )
    return float(np.sort(shared).sum())


def _polygonal(frame: geopandas.GeoDataFrame, names: list[str]) -> tuple[Shapes, int]:
    """Return valid polygonal geometries, and how many were not valid."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if missing.any():
        raise InputError(
            _("La fila {row} no tiene geometría").format(row=names[int(np.argmax(missing))]),
            expected=_("Se esperaba un polígono por fila"),
        )
    broken = ~shapely.is_valid(shapes)
    shapes = shapes.copy()
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure")
    polygonal = np.isin(shapely.get_type_id(shapes), [shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON])
    if not polygonal.all():
        at = int(np.argmin(polygonal))
        raise InputError(
            _("La fila {row} es {kind}").format(row=names[at], kind=shapes[at].geom_type),
            expected=_("Se esperaba un polígono por fila"),
        )
    return shapely.force_2d(shapes), int(broken.sum())


def _holes(shapes: Shapes) -> Shapes:
    rings, owner = shapely.get_rings(shapely.get_parts(shapely.union_all(shapes)), return_index=True)
    holes = np.asarray(shapely.polygons(rings[np.append(False, owner[1:] == owner[:-1])]))
    return holes[shapely.area(holes) > GRID_M**2]


def _fill_gaps(shapes: Shapes, snap_m: float) -> Shapes:
    """Give each hole between neighbours to the one that borders most of it."""
    shapes = shapes.copy()
    tree = shapely.STRtree(shapes)
    for hole in _holes(shapes):
        near = np.sort(tree.query(hole, predicate="intersects"))
        border = shapely.length(shapely.intersection(shapely.boundary(shapes[near]), hole.exterior))
        near, border = near[border > 0], border[border > 0]
        width = 2.0 * shapely.length(shapely.maximum_inscribed_circle(hole))
        small = hole.area <= GAP_SHARE * shapely.area(shapes[near]).min() if len(near) else False
        if not len(near) or not (width <= snap_m or (small and len(near) > 1)):
            continue
        receiver = near[int(np.argmax(border))]
        shapes[receiver] = shapely.coverage_union(shapes[receiver], hole)
    return shapes


def _clean(shapes: Shapes, *, snap_m: float) -> Shapes:
    # With no snapping at all GEOS 3.14 can lose a polygon whose border has a vertex that its neighbour's has not.
    distance = max(snap_m, GRID_M)
    return np.asarray(shapely.coverage_clean(shapes, snapping_distance=distance))  # type: ignore[attr-defined]  # new in 2.2


def _rounded(shapes: Shapes) -> Shapes:
    def to_grid(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(np.rint(points / GRID_M) / round(1 / GRID_M))

    return np.asarray(shapely.remove_repeated_points(shapely.transform(shapes, to_grid)))


def _simple(shapes: Shapes) -> Shapes:
    """Unwrap collections of one polygon."""
    single = shapely.get_num_geometries(shapes) == 1
    result = shapes.copy()
    result[single] = shapely.get_geometry(shapes[single], 0)
    return result


def _cleaned(shapes: Shapes, snap_m: float, names: list[str]) -> Shapes:
    tidy = shapes if shapely.coverage_is_valid(shapes, gap_width=snap_m) else _clean(shapes, snap_m=snap_m)
    result = _rounded(_fill_gaps(tidy, snap_m))
    for _attempt in range(3):
        if shapely.coverage_is_valid(result) and shapely.is_valid(result).all():
            break
        # Rounding can bring a vertex onto a side that passes within a grid step: clean and round again.
        result = _rounded(_clean(shapely.make_valid(result, method="structure"), snap_m=GRID_M))
    moved = shapely.area(shapely.symmetric_difference(shapes, shapely.make_valid(result)))
    allowed = OVERLAP_SHARE * shapely.area(shapes) + 2 * snap_m * shapely.length(shapes)
    culprit = np.flatnonzero((moved > allowed) | ~shapely.is_empty(shapely.coverage_invalid_edges(result)))
    if len(culprit) or not shapely.is_valid(result).all():
        raise CoverageError(
            _("No se pudo reparar la capa; quedó mal {row}").format(
                row=names[int(culprit[0])] if len(culprit) else "?"
            ),
            expected=_("Se esperaban unidades mayores que la distancia de ajuste ({snap} m)").format(snap=snap_m),
            remedy=_("Baje la distancia de ajuste o corrija la fila en un programa de edición"),
        )
    return _simple(result)


def repair_coverage(frame: geopandas.GeoDataFrame, *, snap_m: float) -> tuple[geopandas.GeoDataFrame, CoverageRepair]:
    """Make rows that nearly tile share their borders vertex by vertex.

    Vertices closer than ``snap_m`` are snapped together, an overlap goes to the row that borders most of it, and so
    does a hole between neighbours, if it is narrower than ``snap_m`` or not larger than a thousandth of the smallest
    of them. Enclaves and holes of a single row stay: they are land that belongs to nobody here. Vertices are rounded
    to 0.01 m. A valid coverage without slits comes back with the same shapes.

    Parameters
    ----------
    frame
        Polygons in a system in metres.
    snap_m
        Snapping distance, m.

    Returns
    -------
    tuple
        A frame with the same rows and columns, and what was found and changed.

    Raises
    ------
    CrsError
        When the frame is not in metres.
    InputError
        When there is no row, a row has no polygon, or the distance is negative.
    CoverageError
        When two rows lie on one another, or the repair does not succeed.
    """
    require_metres(frame.crs, what=_("La capa que se repara"))
    if not len(frame) or not (np.isfinite(snap_m) and snap_m >= 0):
        raise InputError(
            _("Capa de {rows} filas y distancia de ajuste de {snap} m").format(rows=len(frame), snap=snap_m),
            expected=_("Se esperaba al menos una fila y una distancia no negativa"),
        )
    column = next((name for name in ("unit", "name", "code") if name in frame.columns), None)
    names = [str(name) for name in (frame.index if column is None else frame[column])]
    shapes, mended = _polygonal(frame, names)
    overlap = _require_neighbours(shapes, names)
    repaired = _cleaned(shapes, snap_m, names)
    found, holes = _holes(shapes), _holes(repaired)
    stayed = shapely.STRtree(holes).query(shapely.point_on_surface(found), predicate="intersects")[0]
    gaps = np.delete(found, stayed)
    report = CoverageRepair(
        overlap_m2=overlap,
        overlap_after_m2=float(np.sort(_overlaps(repaired)[2]).sum()),
        gaps=len(gaps),
        gap_m2=float(shapely.area(gaps).sum()),
        holes=len(holes),
        hole_m2=float(shapely.area(holes).sum()),
        mended=mended,
        moved_m2=float(shapely.area(shapely.symmetric_difference(shapes, repaired)).sum()),
    )
    return frame.set_geometry(list(repaired), crs=frame.crs), report
