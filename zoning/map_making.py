"""From classified cells to the map: small patches merged, a valid coverage drawn, cells labelled by polygon."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gis.coverage import ZoneCoverage, zone_coverage
from gis.grid import Grid
from gis.patches import merge_small_patches, minimum_cells
from gis.vector import rasterise_values
from zoning.cell_results import CellResults
from zoning.limits import NR
from zoning.polygon_statistics import PolygonStatistics
from zoning.polygons import LEGAL_BIT, legal_codes
from zoning.run_job import RunJob
from zoning.study_files import NOT_RATED, StudyMaps

Codes = npt.NDArray[np.uint8]

PAPER_TOLERANCE_M = 0.0005
"""A drawn line leaves the cell sides by at most half a millimetre of the map, m."""

EXEMPT = ("CON", "URB", "AGUA", "SD")
"""Zones that the minimum mapping unit spares (METHOD §6); legal forest is spared by its own code."""

_NEVER_LEGAL = ("URB", "AGUA", "SD")
_SQUARE_METRES = 10_000.0


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
    codes = cells.spread(legal_codes(cells.zone, cells.flags, undecided))
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


def label_cells(coverage: gpd.GeoDataFrame, grid: Grid) -> npt.NDArray[np.int32]:
    """Return the number of the polygon that holds the centre of each cell, from 1, 0 outside, shape (rows, cols)."""
    return rasterise_values(coverage, np.arange(1, len(coverage) + 1), grid)


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
    drawn = zones[cells.inside]
    own = np.where(cells.zone == drawn, cells.cls, of_polygon[labels[cells.inside]])
    own[own == NR] = NOT_RATED
    classes = cells.spread(own, fill=NR)
    return StudyMaps(grid=grid, zones=zones, classes=classes)
