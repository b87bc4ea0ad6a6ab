"""Thousands of random rasters, units, tolerances and minimum areas: never an invalid coverage, never a refusal."""

from __future__ import annotations

import geopandas
import numpy as np
import pytest
import shapely

from gis.coverage.partition import zone_coverage
from gis.coverage.repair import repair_coverage
from gis.grid import Grid


def _units(rng: np.random.Generator, grid: Grid) -> geopandas.GeoDataFrame:
    """Return random Voronoi cells, clipped to the grid's box or to a disc inside it."""
    box = shapely.box(*grid.bounds)
    seeds = rng.uniform(grid.bounds[:2], grid.bounds[2:], (int(rng.integers(2, 8)), 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=box))
    radius = rng.uniform(0.1, 0.49) * min(grid.rows, grid.cols) * grid.cell
    clip = box if rng.random() < 0.5 else shapely.buffer(box.centroid, radius)
    cells = shapely.intersection(cells, clip)
    cells = cells[shapely.area(cells) > grid.cell**2]
    frame = geopandas.GeoDataFrame({"unit": [str(at) for at in range(len(cells))]}, geometry=list(cells), crs=grid.crs)
    return repair_coverage(frame, snap_m=0.01)[0] if len(frame) else frame


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("batch", range(20))
def test_random_rasters_always_partition_random_units(batch: int) -> None:
    for seed in range(200):
        rng = np.random.default_rng([batch, seed])
        rows, cols = (int(size) for size in rng.integers(4, 60, 2))
        grain = int(rng.integers(1, 5))
        coarse = rng.integers(1, rng.integers(2, 7), (rows // grain + 1, cols // grain + 1))
        codes = np.kron(coarse, np.ones((grain, grain), dtype=int))[:rows, :cols].astype(np.uint8)
        codes[rng.random(codes.shape) < rng.choice([0.0, 0.02])] = 0
        cell = float(rng.choice([10.0, 30.0, 33.37, 475.3]))
        grid = Grid("EPSG:32720", cell, left=400_000 + cell * int(rng.integers(9)), top=7.9e6, rows=rows, cols=cols)
        units = _units(rng, grid)
        if not len(units) or not codes.any():
            continue
        result = zone_coverage(
            codes,
            grid,
            units,
            min_area_m2=float(rng.choice([0, 3, 20])) * cell**2,
            tolerance_m=float(rng.choice([0, 0.5, 1.7, 6, 40])) * cell,
            frozen=frozenset({1}) if rng.random() < 0.5 else frozenset(),
        )
        assert shapely.coverage_is_valid(result.frame.geometry.to_numpy())
