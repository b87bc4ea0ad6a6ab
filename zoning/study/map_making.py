"""From classified cells to the map: small patches merged, a valid coverage drawn, cells labelled by polygon."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gis.coverage.partition import ZoneCoverage, zone_coverage
from gis.coverage.patches import merge_small_patches, minimum_cells
from gis.grid import Grid
from gis.vectors.vector import rasterise_values
from zoning.land.cell_places import CellPlaces
from zoning.rules.limits import NR
from zoning.rules.map_looks import NOT_RATED
from zoning.study.cell_results import CellResults
from zoning.study.mapping_unit import EXEMPT
from zoning.study.polygon_statistics import PolygonStatistics
from zoning.study.polygons import LEGAL_BIT, legal_codes
from zoning.study.run_job import RunJob
from zoning.study.study_files import StudyMaps

Codes = npt.NDArray[np.uint8]

PAPER_TOLERANCE_M = 0.0005
"""A drawn line leaves the cell sides by at most half a millimetre of the map, m."""

_NEVER_LEGAL = ("URB", "AGUA", "SD")
_SQUARE_METRES = 10_000.0
_BORROW_CELLS = 16


def frozen_codes(job: RunJob) -> frozenset[int]:
    """Return the codes that the minimum mapping unit spares."""
    numbers = {job.rules.zone(code).number for code in EXEMPT}
    return frozenset(numbers | {zone.number | LEGAL_BIT for zone in job.rules.zones})


def map_codes(cells: CellResults, job: RunJob) -> Codes:
    """Return the map's codes with patches below the minimum mapping unit merged, 0 outside, shape (rows, cols).

    Raises
    ------
    gis.errors.InputError
        The grid has no cell.
    """
    undecided = tuple(job.rules.zone(code).number for code in _NEVER_LEGAL)
    codes = cells.places.spread(legal_codes(cells.zone, cells.flags, undecided))
    least = minimum_cells(job.minimum_ha * _SQUARE_METRES, cell=job.grid.cell)
    return merge_small_patches(codes, min_cells=least, frozen=frozen_codes(job))


def draw_map(codes: Codes, job: RunJob) -> ZoneCoverage:
    """Turn the codes into polygons that partition every municipality.

    Raises
    ------
    gis.errors.CoverageError
        The municipalities overlap, or the result failed its proof.
    """
    units = job.municipalities[["code", job.municipalities.geometry.name]].rename(columns={"code": "unit"})
    return zone_coverage(
        codes,
        job.grid,
        units,
        min_area_m2=job.minimum_ha * _SQUARE_METRES,
        tolerance_m=PAPER_TOLERANCE_M * job.scale,
        frozen=frozen_codes(job),
    )


def label_cells(coverage: gpd.GeoDataFrame, cells: CellResults, *, grid: Grid) -> npt.NDArray[np.int32]:
    """Return the number of the polygon that speaks for each stored cell, from 1, 0 for none; shape (cells.size,).

    A polygon so narrow that it holds the centre of no cell of its own zone borrows the nearest such cell.
    """
    from zoning.study.label_loops import own_cells  # noqa: PLC0415  the compiler is loaded on demand

    labels = rasterise_values(coverage, np.arange(1, len(coverage) + 1), grid)[cells.places.inside]
    numbers = coverage["code"].to_numpy().astype(np.uint8) & np.uint8(0xFF ^ LEGAL_BIT)
    own = np.zeros(len(coverage) + 1, dtype=np.int32)
    own_cells(labels, cells.zone, np.append(np.uint8(0), numbers), own)
    without = np.flatnonzero(own[1:] == 0)
    taken: set[int] = set()
    for index in without.tolist():
        place = _nearest_cell(coverage.geometry.iloc[index], int(numbers[index]), cells, grid)
        if place is not None and place not in taken:
            taken.add(place)
            labels[place] = index + 1
    return labels


def _nearest_cell(polygon: shapely.Polygon, zone: int, cells: CellResults, grid: Grid) -> int | None:
    """Return the place of the cell of a zone nearest to a polygon's middle, within sixteen cells of its box."""
    middle = polygon.representative_point()
    left, bottom, right, top = polygon.bounds
    reach = _BORROW_CELLS * grid.cell
    first_row, last_row = (int((grid.top - y) // grid.cell) for y in (top + reach, bottom - reach))
    first_col, last_col = (int((x - grid.left) // grid.cell) for x in (left - reach, right + reach))
    rows = slice(max(first_row, 0), min(last_row + 1, grid.rows))
    cols = slice(max(first_col, 0), min(last_col + 1, grid.cols))
    places, xs, ys = cells.places, grid.xs, grid.ys
    found = [
        (float((xs[col] - middle.x) ** 2 + (ys[row] - middle.y) ** 2), place)
        for row in range(rows.start, rows.stop)
        for place, col in _cells_of_row(places, row, cols)
        if cells.zone[place] == zone
    ]
    return min(found)[1] if found else None


def _cells_of_row(places: CellPlaces, row: int, cols: slice) -> Iterator[tuple[int, int]]:
    inside = places.inside[row]
    first = int(places.row_offset[row]) + int(inside[: cols.start].sum())
    for step, col in enumerate(np.flatnonzero(inside[cols]) + cols.start):
        yield first + step, int(col)


def cell_maps(
    cells: CellResults,
    codes: Codes,
    labels: npt.NDArray[np.int32],
    statistics: list[PolygonStatistics],
    *,
    grid: Grid,
) -> StudyMaps:
    """Return zone and class of every cell as they stand on the map.

    A cell that joined another zone because its patch was too small has the class of the polygon it joined.
    """
    zones = codes & np.uint8(0xFF ^ LEGAL_BIT)
    of_polygon = np.array([NR, *(each.cls for each in statistics)], dtype=np.uint8)
    classes = np.where(cells.zone == zones[cells.places.inside], cells.cls, of_polygon[labels])
    classes[classes == NR] = NOT_RATED
    return StudyMaps(grid=grid, zones=zones, classes=cells.places.spread(classes, fill=NR))
