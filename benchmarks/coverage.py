"""From a code raster to a map of zones by municipality: one valid coverage against the ordinary route.

Ours merges patches below the minimum mapping unit, traces, simplifies, cuts by municipality and proves the result. The
peer strings together what every analyst has at hand: GDAL's sieve and polygonise (rasterio), ``coverage_clean`` and
``coverage_simplify`` (shapely), an overlay with the municipalities (geopandas). Both results are then examined alike;
the examination is outside the measured time, although ours has already paid for its own proof.
"""

# ruff: noqa: E402  the import path is set first
from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

import geopandas as gpd
import numpy as np
import rasterio.features
import shapely
from contest import Contender, Report, hold, main
from rasterio.transform import from_origin
from scipy.ndimage import binary_dilation, zoom

from gis.coverage.partition import zone_coverage
from gis.coverage.patches import merge_small_patches, minimum_cells
from gis.coverage.repair import repair_coverage
from gis.grid import Grid
from gis.vectors.vector import rasterise
from layers import demo_territory
from layers.demo.outlines import demo_outlines

CODES = 8
"""Zones, numbered from 1; the last is spared by the minimum mapping unit, as parks and towns are."""
SPARED = CODES
SCALE = 100_000
PAPER_HA = 0.4
"""Minimum mapping unit on paper, cm²."""
PAPER_M = 0.0005
"""Half a millimetre on paper, m."""
WAVES = ((9_000, 1.0), (2_500, 0.5), (600, 0.3))
"""Length, m, and weight of the waves that the zones are made of."""
OFFSET = 0.5
SPECKLE = 0.04
"""Share of cells with a random zone."""
RIM_CELLS = 5
"""Cells beyond the municipalities that have a code, so that the peer leaves no rim without one."""


class Map:
    """A made-up code raster over the demonstration's eleven municipalities."""

    def __init__(self, cell: float, scale: int) -> None:
        rng = np.random.default_rng(20_260_817)
        self.min_area = PAPER_HA * 1e-4 * scale**2
        self.tolerance = PAPER_M * scale
        outlines = demo_outlines(demo_territory()).rename(columns={"code": "unit"})
        self.units, _report = repair_coverage(outlines, snap_m=0.0)
        left, bottom, right, top = self.units.total_bounds
        margin = 10
        self.grid = Grid.covering((left, bottom, right, top), crs=self.units.crs, cell=cell, margin=margin)
        shape = self.grid.shape
        fields = np.stack([self._field(rng, shape, cell) for _code in range(CODES)])
        fields[SPARED - 1] = self._field(rng, shape, cell, fine=False) - OFFSET  # parks: few, large, smooth
        codes = fields.argmax(axis=0).astype(np.uint8) + np.uint8(1)
        odd = (rng.random(shape) < SPECKLE) & (codes != SPARED)
        codes[odd] = rng.integers(1, SPARED, int(odd.sum()))  # parks and towns are drawn by hand: none is speckle
        self.inside = rasterise(self.units, self.grid)
        codes[~binary_dilation(self.inside, iterations=RIM_CELLS)] = 0
        self.codes = codes
        self.transform = from_origin(self.grid.left, self.grid.top, cell, cell)

    @staticmethod
    def _field(rng: np.random.Generator, shape: tuple[int, int], cell: float, *, fine: bool = True) -> np.ndarray:
        field = np.zeros(shape, dtype=np.float32)
        for metres, weight in WAVES if fine else WAVES[:1]:
            step = max(round(metres / cell), 1)
            coarse = rng.normal(size=(shape[0] // step + 4, shape[1] // step + 4)).astype(np.float32)
            field += weight * zoom(coarse, step, order=1)[: shape[0], : shape[1]]
        return field


def _ours(land: Map) -> gpd.GeoDataFrame:
    cells = minimum_cells(land.min_area, cell=land.grid.cell)
    merged = merge_small_patches(land.codes, min_cells=cells, frozen=frozenset({SPARED}))
    return zone_coverage(
        merged,
        land.grid,
        land.units,
        min_area_m2=land.min_area,
        tolerance_m=land.tolerance,
        frozen=frozenset({SPARED}),
    ).frame


def _ordinary(land: Map) -> gpd.GeoDataFrame:
    cells = minimum_cells(land.min_area, cell=land.grid.cell)
    sieved = rasterio.features.sieve(land.codes, cells, mask=land.codes > 0, connectivity=4)
    traced = list(rasterio.features.shapes(sieved, mask=sieved > 0, connectivity=4, transform=land.transform))
    polygons = np.array([shapely.geometry.shape(shape) for shape, _code in traced])
    cleaned = shapely.coverage_clean(polygons)
    simple = shapely.coverage_simplify(cleaned, land.tolerance)
    zones = gpd.GeoDataFrame({"code": [int(code) for _shape, code in traced]}, geometry=simple, crs=land.units.crs)
    cut = gpd.overlay(zones, land.units, how="intersection", keep_geom_type=True)
    return cut.explode(ignore_index=True)


def examine(frame: gpd.GeoDataFrame, land: Map) -> dict[str, Any]:
    """Measure what a map of zones must keep: validity, closure, no overlap, no gap, no part too small."""
    shapes = frame.geometry.to_numpy()
    sums = frame.area.groupby(frame["unit"]).sum().reindex(land.units["unit"]).to_numpy()
    union = shapely.union_all(shapes)
    whole = shapely.union_all(land.units.geometry.to_numpy())
    small = (shapely.area(shapes) < land.min_area * 0.999) & (frame["code"] != SPARED).to_numpy()
    slivers = shapely.area(shapes) < land.grid.cell**2
    return {
        "polygons": len(frame),
        "vertices": int(shapely.get_num_coordinates(shapes).sum()),
        "invalid_polygons": int((~shapely.is_valid(shapes)).sum()),
        "is_a_valid_coverage": bool(shapely.coverage_is_valid(shapes)),
        "edges_that_do_not_match": int((~shapely.is_empty(shapely.coverage_invalid_edges(shapes))).sum()),
        "overlap_m2": round(float(shapely.area(shapes).sum() - union.area), 1),
        "gap_m2": round(float(whole.difference(union).area), 1),
        "largest_area_error_of_a_municipality": float(f"{np.abs(sums / land.units.area.to_numpy() - 1).max():.2g}"),
        "parts_below_the_minimum_mapping_unit": int(small.sum()),
        "parts_below_one_cell": int(slivers.sum()),
    }


def _agreement(ours: gpd.GeoDataFrame, peer: gpd.GeoDataFrame, land: Map) -> float:
    """Return the share of the cells inside that have the same code on both maps."""
    burnt = [
        rasterio.features.rasterize(
            zip(each.geometry, each["code"], strict=True),
            out_shape=land.grid.shape,
            transform=land.transform,
            dtype="uint8",
        )[land.inside]
        for each in (ours, peer)
    ]
    return round(float((burnt[0] == burnt[1]).mean()), 4)


def contest(small: bool, rounds: int) -> Report:
    """Hold the contest."""
    land = Map(1_000.0, 2_500_000) if small else Map(50.0, SCALE)
    measured = hold(
        [
            Contender(name="valles", work=lambda: _ours(land)),
            Contender(name="rasterio_shapely_geopandas", work=lambda: _ordinary(land)),
        ],
        rounds=rounds,
    )
    ours, peer = measured.answers["valles"], measured.answers["rasterio_shapely_geopandas"]
    return Report(
        benchmark="coverage",
        ours=measured.seconds["valles"],
        peer=measured.seconds["rasterio_shapely_geopandas"],
        peer_name="rasterio_shapely_geopandas",
        better="lower",
        unit="s",
        peers={"rasterio_shapely_geopandas": measured.seconds["rasterio_shapely_geopandas"]},
        measured=measured,
        job={
            "cells": int(land.codes.size),
            "cells_inside": int(land.inside.sum()),
            "cell_m": land.grid.cell,
            "municipalities": len(land.units),
            "minimum_mapping_unit_ha": land.min_area / 10_000,
            "tolerance_m": land.tolerance,
        },
        checks={
            "valles": examine(ours, land),
            "rasterio_shapely_geopandas": examine(peer, land),
            "cells_with_the_same_code": _agreement(ours, peer, land),
        },
        packages=("valles", "rasterio", "shapely", "geopandas", "numpy", "numba"),
        notes=(
            "the peer spares no zone: its sieve swallows small parks and towns that the method keeps",
            "the peer's sieve gives a patch to its largest neighbour, ours to the one with the longest shared border",
            "the peer's overlay cuts parts below the minimum mapping unit at the municipalities and leaves them",
            "ours keeps a small part only where its unit offers none but spared neighbours",
            "ours proves its coverage inside the measured time; the peer does not",
        ),
    )


if __name__ == "__main__":
    main(__doc__ or "", contest)
