"""From cells to a valid map: a code raster becomes polygons that partition every unit.

Lines between unlike cells are traced once, simplified once and shared by both neighbours; they are cut by the unit
lines exactly; what is then too small joins a neighbour in its unit; and the result is proved to be a coverage before
anybody sees it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import geopandas
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from gis.coverage.coverage_check import verify_areas, verify_coverage
from gis.coverage.noding import node
from gis.coverage.parts import Thresholds, borders_of, label_parts, merge_parts
from gis.coverage.planar import Faces, build_graph, find_faces
from gis.coverage.polygon_rings import build_polygons
from gis.coverage.repair import SLIT_M
from gis.coverage.unit_lines import require_units, unit_lines
from gis.coverage.zone_lines import Ticks, zone_lines
from gis.crs import require_metres
from gis.errors import CoverageError, CrsError, InputError
from gis.grid import Grid
from gis.messages import translator

_ = translator("gis")


@dataclass(frozen=True)
class CoverageReport:
    """What was done and how long it took."""

    seconds: Mapping[str, float]
    """Wall time of each stage, s."""
    arcs: int
    """Arcs between junctions that were traced."""
    corners: int
    """Vertices before simplification."""
    vertices: int
    """Vertices of the polygons, closing ones included."""
    parts: int
    """Polygons."""
    splinters: int
    """Pieces smaller than a cell that unit borders cut off and that joined a neighbour."""
    merged: int
    """Other parts below the minimum area that joined a neighbour."""
    strips: int
    """Pieces narrower than twice the tolerance, between a unit border and frozen parts, that joined these."""
    area_error: float
    """Greatest relative difference between a unit and the sum of its parts."""


@dataclass(frozen=True)
class ZoneCoverage:
    """A valid coverage and how it came about."""

    frame: geopandas.GeoDataFrame
    """Columns ``unit`` (str), ``code`` (int), ``geometry`` (single Polygon), ordered by unit, code and place."""
    report: CoverageReport
    """What was done."""


class _Clock:
    """Wall time by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - begin, 3)


def _require_input(
    codes: npt.NDArray[np.uint8], grid: Grid, units: geopandas.GeoDataFrame, numbers: tuple[float, float]
) -> None:
    if codes.ndim != 2 or codes.dtype != np.uint8 or codes.shape != grid.shape:  # noqa: PLR2004  rows and columns
        raise InputError(
            _("Matriz de códigos de forma {shape} y tipo {dtype}").format(shape=codes.shape, dtype=codes.dtype),
            expected=_("Se esperaba tipo uint8 y la forma de la grilla, {shape}").format(shape=grid.shape),
        )
    crs = require_metres(units.crs, what=_("La capa de unidades"))
    if crs != grid.crs:
        raise CrsError(
            _("La capa de unidades está en {crs} y la grilla en {grid}").format(crs=crs.name, grid=grid.crs.name),
            expected=_("Se esperaba el mismo sistema de coordenadas"),
            remedy=_("Reproyecte las unidades al sistema de la grilla"),
        )
    if not all(np.isfinite(number) and number >= 0 for number in numbers):
        raise InputError(
            _("Unidad mínima de {area} m² y tolerancia de {tolerance} m").format(area=numbers[0], tolerance=numbers[1]),
            expected=_("Se esperaban números no negativos"),
        )


def _areas(faces: Faces, grid: Grid, ticks: Ticks) -> npt.NDArray[np.float64]:
    """Return the smaller of each face's area on the plane of the map and on the ground, m².

    An equal-area system measures what lies on the ground: what is not too small in either measure is in neither.
    """
    plane = faces.area / ticks.per_metre**2
    place = ticks.metres(faces.anchor[:-1])
    lon, lat = pyproj.Transformer.from_crs(grid.crs, grid.crs.geodetic_crs, always_xy=True).transform(*place.T)
    scale = np.append(pyproj.Proj(grid.crs).get_factors(lon, lat).areal_scale, 1.0)
    # A hundred-thousandth more, for the scale changes inside a face.
    return np.asarray(np.where(scale > 1.0 - 1e-5, plane / scale * (1.0 - 1e-5), plane))


def _ordered(
    polygons: npt.NDArray[np.object_], unit: npt.NDArray[np.object_], code: npt.NDArray[np.int64], grid: Grid
) -> geopandas.GeoDataFrame:
    # Parts come in the order of their place, and the sort is stable.
    order = np.lexsort((code, unit.astype(str)))
    return geopandas.GeoDataFrame(
        {"unit": unit[order], "code": code[order]}, geometry=list(polygons[order]), crs=grid.crs
    )


def zone_coverage(
    codes: npt.NDArray[np.uint8],
    grid: Grid,
    units: geopandas.GeoDataFrame,
    *,
    min_area_m2: float,
    tolerance_m: float,
    frozen: frozenset[int] = frozenset(),
) -> ZoneCoverage:
    """Turn a code raster into a valid coverage that partitions every unit.

    Parameters
    ----------
    codes
        (rows, cols) uint8 code of each cell, 0 where there is none; cells without a code inside or beside a unit take
        that of the nearest defined cell. Patches too small should be merged before
        (:func:`gis.coverage.patches.merge_small_patches`).
    grid
        Where the cells lie.
    units
        Column ``unit`` and polygons in the system of ``grid``: a valid coverage (made by
        :func:`gis.coverage.repair.repair_coverage`).
    min_area_m2
        Smallest area of a part, m², on the plane of the map and on the ground. Smaller ones join the neighbour in their
        unit with the longest shared border, except frozen ones and those that have only frozen neighbours in it.
    tolerance_m
        Greatest distance between a simplified line and the cell sides it replaces, m.
    frozen
        Codes that neither disappear nor receive. Only a splinter, smaller than one cell and cut off a larger part by a
        unit border, joins its longest neighbour whatever the codes; and so does a small strip cut off by it that has
        only frozen neighbours in its unit and is narrower than ``2 * tolerance_m``, as either side may be drawn that
        far off. A wider one stays, with the code of its neighbour beyond the border.

    Returns
    -------
    ZoneCoverage
        Single Polygons that share every vertex, across unit borders too.

    Raises
    ------
    CrsError
        When the units are not in the metric system of the grid.
    InputError
        When the codes do not fit the grid, or a number is negative.
    CoverageError
        When units overlap or leave slits, lie outside the grid or hold no code, and if the result failed its proof.
    """
    _require_input(codes, grid, units, (min_area_m2, tolerance_m))
    require_units(units, slit_m=min(grid.cell, SLIT_M))
    return _draw(codes, grid, units, min_area_m2=min_area_m2, tolerance_m=tolerance_m, frozen=frozen, clock=_Clock())


def _draw(
    codes: npt.NDArray[np.uint8],
    grid: Grid,
    units: geopandas.GeoDataFrame,
    *,
    min_area_m2: float,
    tolerance_m: float,
    frozen: frozenset[int],
    clock: _Clock,
) -> ZoneCoverage:
    margin = 2 * tolerance_m + 8 * grid.cell
    left, bottom, right, top = units.total_bounds
    ticks = Ticks.over((left - margin, bottom - margin, right + margin, top + margin))
    with clock.stage("lines"):
        traced = zone_lines(codes, grid, units, tolerance_m=tolerance_m, ticks=ticks)
    with clock.stage("cut"):
        graph = build_graph(node(traced.edges, unit_lines(units, ticks)))
    with clock.stage("faces"):
        faces = find_faces(graph)
        parts = label_parts(graph, faces, _areas(faces, grid, ticks))
    with clock.stage("merge"):
        thresholds = Thresholds(
            area_m2=min_area_m2, cell_m2=grid.cell**2, width_m=2 * tolerance_m, ticks_per_metre=ticks.per_metre
        )
        result = merge_parts(parts, borders_of(graph, faces), thresholds=thresholds, frozen=frozen)
        parts = result.parts
    with clock.stage("polygons"):
        polygons, roots = build_polygons(graph, faces, parts, ticks=ticks)
        names = units["unit"].to_numpy(dtype=object)
        frame = _ordered(polygons, names[parts.unit[roots]], parts.code[roots], grid)
    with clock.stage("proof"):
        area_error = _prove(frame, units, slack_m=2.0 / ticks.per_metre)
    report = CoverageReport(
        clock.seconds,
        arcs=traced.arcs,
        corners=traced.corners,
        vertices=int(shapely.get_num_coordinates(polygons).sum()),
        parts=len(polygons),
        splinters=result.splinters,
        merged=result.merged,
        strips=result.strips,
        area_error=area_error,
    )
    return ZoneCoverage(frame, report)


def _prove(frame: geopandas.GeoDataFrame, units: geopandas.GeoDataFrame, *, slack_m: float) -> float:
    polygons = np.asarray(frame.geometry.array, dtype=object)
    names = [f"{unit}/{code}" for unit, code in zip(frame["unit"], frame["code"], strict=True)]
    outlines = np.asarray(units.geometry.array, dtype=object)
    verify_coverage(polygons, names, rim=shapely.boundary(shapely.coverage_union_all(outlines)), slack_m=slack_m)
    sums = frame.area.groupby(frame["unit"]).sum().reindex(units["unit"])
    if sums.isna().any():
        raise CoverageError(_("La unidad {unit} quedó sin partes").format(unit=sums.index[sums.isna()][0]))
    return verify_areas(sums.to_numpy(), outlines, [str(name) for name in units["unit"]], slack_m=slack_m)
