"""Cells by municipality, zone and class: counted as zoning counts them, and by exactextract, rasterstats and numpy.

All stand on the same finished map in memory: zone and class of every cell over eleven municipalities. Ours has the
number of the municipality in a band of the stack and counts bytes, as the kernel does at the end of every block; numpy
is given the same band. exactextract and rasterstats find the municipality of each cell from its polygons, exactextract
by the exact share of the cell that lies inside. What making the band takes is told beside.
"""

# ruff: noqa: E402  the import path is set first
from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

import numpy as np
import rasterio.features
import shapely
from contest import Contender, Measured, Report, hold, main
from method_job import WAVES, method_land, smooth_field
from rasterio.transform import from_origin

from gis.coverage.repair import repair_coverage
from gis.grid import Grid
from gis.vectors.vector import rasterise_values
from layers import demo_territory
from layers.demo.outlines import demo_outlines
from zoning.rating.class_loops import count_cells
from zoning.rating.interval_codes import cut_points, encode
from zoning.rating.row_kernel import CLASSES, zone_rows
from zoning.rating.row_tables import build_rows

CELL, SMALL_CELL = 50.0, 1_000.0
KERNEL_SIDE, SMALL_KERNEL_SIDE = 1_024, 128
ZONES = 12
UNRATED = 255
STRIP = 131_072
"""Cells counted at once, as many as a zoning gives to its kernel."""
SPECKLE = 0.01
"""Share of cells with a random zone and class: no map is smooth."""


class Map:
    """A made-up map over the demonstration's municipalities."""

    def __init__(self, cell: float) -> None:
        rng = np.random.default_rng(20_261_122)
        outlines = demo_outlines(demo_territory()).rename(columns={"code": "unit"})
        self.units, _report = repair_coverage(outlines, snap_m=0.0)
        self.units = self.units.sort_values("unit", ignore_index=True)
        grid = Grid.covering(tuple(self.units.total_bounds), crs=self.units.crs, cell=cell, margin=2)
        self.grid, shape = grid, grid.shape
        self.transform = from_origin(grid.left, grid.top, cell, cell)
        begin = time.perf_counter()
        unit = rasterise_values(self.units, np.arange(1, len(self.units) + 1), grid).astype(np.uint8)
        self.band_seconds = time.perf_counter() - begin
        side = max(shape)
        zone, cls = (
            np.minimum((smooth_field(rng, side, WAVES) * count).astype(np.uint8), count - 1)[: shape[0], : shape[1]]
            for count in (ZONES, CLASSES)
        )
        odd = rng.random(shape) < SPECKLE
        zone[odd], cls[odd] = rng.integers(0, ZONES, int(odd.sum())), rng.integers(0, CLASSES, int(odd.sum()))
        told = np.stack([zone + 1, np.where(cls == CLASSES - 1, UNRATED, cls)]).astype(np.uint8)
        told[:, unit == 0] = np.array([[0], [UNRATED]])
        self.bytes = told.reshape(2, -1)
        self.places = unit.reshape(1, -1)
        self.cells = self.places.size
        self.codes = np.where(unit > 0, (zone + 1) * CLASSES + cls, 0).astype(np.uint8)
        """Zone and class of every cell as one number, for those who count one raster; 0 outside."""

    def spread(self, unit: int, codes: np.ndarray, counts: np.ndarray, out: np.ndarray) -> None:
        """Add the counts of one municipality, by the number of zone and class, to a table of all."""
        known = np.asarray(codes, dtype=np.int64)
        np.add.at(out, (unit, known // CLASSES, known % CLASSES), counts)


def _table(land: Map, kind: type = np.float64) -> np.ndarray:
    return np.zeros((len(land.units) + 1, ZONES + 1, CLASSES), dtype=kind)


def _ours(land: Map, threads: int) -> np.ndarray:
    def part(first: int) -> np.ndarray:
        counts = _table(land, np.int64)
        count_cells(first, min(STRIP, land.cells - first), land.places, land.bytes, counts)
        return counts

    starts = range(0, land.cells, STRIP)
    if threads == 1:
        return sum((part(first) for first in starts), _table(land, np.int64))
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(part, starts), _table(land, np.int64))


def _numpy(land: Map) -> np.ndarray:
    """Count one number of municipality, zone and class with ``bincount``."""
    number = land.places[0].astype(np.int32) * 256 + land.codes.ravel()
    found = np.bincount(number, minlength=256 * (len(land.units) + 1)).reshape(-1, 256)
    out = _table(land)
    for unit in range(1, len(land.units) + 1):
        codes = np.flatnonzero(found[unit])
        land.spread(unit, codes, found[unit, codes], out)
    return out


def _rasterstats(land: Map) -> np.ndarray:
    """Count the categories of one raster by cell centres."""
    from rasterstats import zonal_stats  # noqa: PLC0415  a peer

    told = zonal_stats(land.units, land.codes, affine=land.transform, categorical=True, nodata=0)
    out = _table(land)
    for unit, found in enumerate(told, 1):
        land.spread(unit, np.array(list(found)), np.array(list(found.values())), out)
    return out


def _exact(land: Map, strategy: str, operations: list[str]) -> Any:  # noqa: ANN401  a data frame
    from exactextract import exact_extract  # noqa: PLC0415  a peer
    from exactextract.raster import NumPyRasterSource  # noqa: PLC0415  a peer

    left, top, cell = land.grid.left, land.grid.top, land.grid.cell
    rows, cols = land.grid.shape
    raster = NumPyRasterSource(
        land.codes,
        xmin=left,
        ymin=top - rows * cell,
        xmax=left + cols * cell,
        ymax=top,
        nodata=0,
        srs_wkt=land.units.crs.to_wkt(),
    )
    return exact_extract(raster, land.units, operations, output="pandas", strategy=strategy)


def _exact_shares(land: Map, strategy: str) -> np.ndarray:
    """Take exactextract's own fractions of each value times its count."""
    frame = _exact(land, strategy, ["count", "unique", "frac"])
    out = _table(land)
    for unit, (count, codes, shares) in enumerate(frame[["count", "unique", "frac"]].itertuples(index=False), 1):
        land.spread(unit, codes, np.asarray(shares) * count, out)
    return out


def _exact_values(land: Map) -> np.ndarray:
    """Take exactextract's values and covered shares of all cells and let numpy count them."""
    frame = _exact(land, "feature-sequential", ["values", "coverage"])
    out = _table(land)
    for unit, (values, coverage) in enumerate(frame[["values", "coverage"]].itertuples(index=False), 1):
        summed = np.bincount(np.asarray(values), weights=np.asarray(coverage), minlength=256)
        codes = np.flatnonzero(summed)
        land.spread(unit, codes, summed[codes], out)
    return out


def _in_the_pass(side: int) -> dict[str, float]:
    """Tell what share of zoning a finished block the counts of that block are, by processor time."""
    land = method_land(side)
    rules = land.rules
    cuts = {key: points for key, points in cut_points(rules).items() if key in land.values}
    rows = build_rows(rules, cuts, municipalities=land.municipalities)
    codes = np.stack([encode(land.values[key], points).ravel() for key, points in cuts.items()])
    places = np.stack([band.ravel() for band in land.places.values()])
    parts = [slice(first, first + STRIP) for first in range(0, side * side, STRIP)]
    blocks = [(np.ascontiguousarray(codes[:, part]), np.ascontiguousarray(places[:, part])) for part in parts]
    spent: dict[str, list[float]] = {"zoning": [], "counting": []}
    for _turn in range(4):
        begin = time.process_time()
        zoned = [zone_rows(*block, rules, rows, municipalities=len(land.municipalities)) for block in blocks]
        told = [np.stack([each.zone, each.cls]) for each in zoned]
        middle = time.process_time()
        counts = [np.zeros_like(each.counts) for each in zoned]
        for (_codes, here), each, count in zip(blocks, told, counts, strict=True):
            count_cells(0, here.shape[1], here, each, count)
        end = time.process_time()
        spent["zoning"].append(middle - begin)
        spent["counting"].append(end - middle)
        if any((each.counts != count).any() for each, count in zip(zoned, counts, strict=True)):
            message = "the counts of the pass are not those of the finished map"
            raise RuntimeError(message)
    zoning, counting = (float(np.median(spent[name][1:])) for name in ("zoning", "counting"))
    return {"counting_ns_a_cell": counting / side**2 * 1e9, "zoning_with_counts_ns_a_cell": zoning / side**2 * 1e9}


def contest(small: bool, rounds: int) -> Report:
    """Hold the contest."""
    land = Map(SMALL_CELL if small else CELL)
    peers = {
        "exactextract_feature_sequential": ("exactextract", lambda: _exact_shares(land, "feature-sequential")),
        "exactextract_raster_sequential": ("exactextract", lambda: _exact_shares(land, "raster-sequential")),
        "exactextract_values": ("exactextract", lambda: _exact_values(land)),
        "rasterstats": ("rasterstats", lambda: _rasterstats(land)),
        "numpy_bincount": ("numpy", lambda: _numpy(land)),
    }
    measured = hold(
        [
            Contender(name="valles", work=lambda: _ours(land, 1)),
            Contender(name="valles_two_threads", work=lambda: _ours(land, 2)),
            *(Contender(name=name, work=work, needs=(package,)) for name, (package, work) in peers.items()),
        ],
        rounds=rounds,
    )
    return _report(land, measured, list(peers), _in_the_pass(SMALL_KERNEL_SIDE if small else KERNEL_SIDE))


def _report(land: Map, measured: Measured, peers: list[str], in_the_pass: dict[str, float]) -> Report:
    speed = {name: land.cells / each / 1e6 if each else None for name, each in measured.seconds.items()}
    inside = int((land.places > 0).sum())
    ways = [speed[name] for name in peers if name.startswith("exactextract")]
    fastest = max((each for each in ways if each), default=None)
    reasons = dict(measured.reasons)
    if "exactextract_values" in reasons:
        reasons["exactextract"] = reasons["exactextract_values"]
    return Report(
        benchmark="zonal",
        ours=speed["valles"],
        peer=fastest,
        peer_name="exactextract",
        better="higher",
        unit="Mcells/s",
        peers={"exactextract": fastest, **{name: speed[name] for name in peers}},
        also={
            "valles_two_threads": speed["valles_two_threads"],
            "over rasterstats": _over(speed["valles"], speed["rasterstats"]),
            "over numpy_bincount": _over(speed["valles"], speed["numpy_bincount"]),
            "with the municipality band made anew, over exactextract": _over(
                land.cells / ((measured.seconds["valles"] or np.inf) + land.band_seconds) / 1e6, fastest
            ),
            **in_the_pass,
        },
        measured=replace(measured, reasons=reasons),
        job={"cells": land.cells, "inside": inside, "municipalities": len(land.units), "zones": ZONES, "classes": 6},
        checks=_checked(land, dict(measured.answers)),
        packages=("valles", "numpy", "numba", "exactextract", "rasterstats", "shapely"),
        notes=(
            "one thread on every side; the map stands in memory, nobody reads a file",
            "exactextract is judged by the fastest of three ways",
            "exactextract reads polygons and finds the share of border cells; ours has the municipality of each cell",
            "counting_ns_a_cell is what the counts add to a zoning pass, by processor time",
        ),
    )


def _over(one: float | None, other: float | None) -> float | None:
    return one / other if one and other else None


def _checked(land: Map, found: dict[str, Any]) -> dict[str, Any]:
    """Compare counts: to the cell where both ask for centres, within the border cells where shares are asked."""
    ours = found["valles"].astype(np.float64)
    checks: dict[str, Any] = {
        f"counts_that_differ {name}": int((ours[1:] != found[name][1:]).sum())
        for name in ("valles_two_threads", "rasterstats", "numpy_bincount")
        if name in found
    }
    borders = [
        int(
            rasterio.features.rasterize(
                [shapely.boundary(shape)], out_shape=land.grid.shape, transform=land.transform, all_touched=True
            ).sum()
        )
        for shape in land.units.geometry
    ]
    for name in found:
        if name.startswith("exactextract"):
            moved = np.abs(ours[1:] - found[name][1:]).sum(axis=(1, 2))
            checks[f"{name}: cells counted elsewhere, of {sum(borders)} on a border"] = round(float(moved.sum()), 1)
            checks[f"{name}: municipalities beyond their border cells"] = int((moved > borders).sum())
    return checks


if __name__ == "__main__":
    main(__doc__ or "", contest)
