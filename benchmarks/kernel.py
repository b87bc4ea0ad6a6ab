"""The row kernel against numpy in windows, xarray on dask and the float32 block kernel, on two jobs.

The *reference job* is twelve crops on ten layers, class by the law of the minimum, every cell to its best crop. The
*method job* is the whole method: every land-use type of the ruleset that comes with the program, limiting and second
limiting factor, zones that compete, runner-up and margin. All contenders stand on the same made-up land in memory: the
row kernel on interval codes, the others on float32 values. The plain numpy contender of the method rates each curve
that land-use types share once; both numpy contenders take windows of the size at which they are fastest.
"""

# ruff: noqa: E402  the import path is set first
from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

import numpy as np
from contest import Contender, Report, hold, main
from reference_job import Reference, by_float_blocks, by_numpy, by_xarray, limit_arrays, reference
from scipy.ndimage import gaussian_filter

from zoning import load_crops, load_ruleset
from zoning.rating.competition import compete
from zoning.rating.crop_rows import best_crops
from zoning.rating.interval_codes import cut_points, encode
from zoning.rating.kernel import classify_block
from zoning.rating.row_kernel import SCORE_QUANTUM, score_error, zone_rows
from zoning.rating.row_tables import build_rows
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.rules.gates import gate_bits

OUR_BLOCK = 65_536
"""Cells per block, as a zoning run gives them to the kernel."""
OUR_WINDOW = 262_144
"""Cells per window of the reference job."""
PEER_WINDOWS = (4_096, 16_384, 65_536, 262_144, 524_288)
"""Window sizes that the peer may choose from."""
THREADS = 2
RANGES = {
    "chill_hours": (0, 1100),
    "extreme_min": (-7, 9),
    "huglin": (1000, 3500),
    "organic_carbon": (0.4, 4),
    "ph": (4, 8.6),
    "rain_annual": (200, 2000),
    "rain_season": (50, 1500),
    "temp_annual": (8, 30),
    "temp_mean": (6, 32),
    "slope": (0, 50),
    "soil_depth": (10, 150),
}
"""Lowest and highest value of each made-up characteristic, in its own unit."""
WARM = ("temp_annual", "temp_mean", "extreme_min", "huglin")
OPEN = 0.6
"""Share of cells where each gate is open."""
MUNICIPALITY = "070801"
METHOD_SIDE, REFERENCE_SIDE = 362, 2_048
MISSING = 0.001
"""Share of cells without a value, per characteristic."""

Arrays = dict[str, np.ndarray]


class Land:
    """Made-up land: smooth relief, climate that follows it, soils, gates; the same bytes for the same side."""

    def __init__(self, side: int) -> None:
        rng = np.random.default_rng(20_260_817)
        rules, crops = load_ruleset(), load_crops()
        distances = {"distance_stream", "distance_permanent_stream", "distance_road", "distance_settlement"}
        available = frozenset(RANGES) | distances | {"height_above_stream"}
        self.rules: CompiledRules = compile_rules(rules, crops, available=available)
        self.cells = side * side
        height = _field(rng, side)
        rows = []
        for each in self.rules.characteristics:
            share = 1 - height if each.name in WARM else _field(rng, side)
            low, high = RANGES[each.name]
            row = low + (high - low) * np.clip(share + rng.normal(0, 0.03, self.cells), 0, 1)
            row[rng.random(self.cells) < MISSING] = np.nan
            rows.append(row.astype(np.float32))
        self.values = np.stack(rows)
        columns = {each.key: self.values[row] for row, each in enumerate(self.rules.characteristics)}
        for each in self.rules.gate_characteristics:
            if each.key not in columns and each.name in available:
                limits = [
                    condition.at_most
                    for gate in self.rules.gates
                    for condition in gate.conditions
                    if condition.characteristic == each and condition.at_most is not None
                ]
                columns[each.key] = np.rint(_field(rng, side) * max(limits) / OPEN).astype(np.float32)
        codes = np.full(self.cells, MUNICIPALITY)
        self.bits = gate_bits(self.rules.gates, columns, cells=self.cells, municipality=codes)
        self.cuts = {key: points for key, points in cut_points(self.rules).items() if key in columns}
        self.codes = np.stack([encode(columns[key], points) for key, points in self.cuts.items()])
        self.rows = build_rows(self.rules, self.cuts, municipalities=[MUNICIPALITY])
        self.places = np.zeros((4, self.cells), np.uint8)
        self.places[0] = 1
        self.places[3] = np.array([10, 30, 0], np.uint8)[np.minimum((_field(rng, side) * 3).astype(int), 2)]
        self.residual = self.rows.residual[self.places[3]]
        steep = columns["slope"] > np.float32(rules.cover.legal_forest_slope)
        self.decided = np.where(steep, self.rules.zone("FOR").number, 0).astype(np.uint8)


def _field(rng: np.random.Generator, side: int) -> np.ndarray:
    """Return (side²,) values spread evenly over 0 to 1, smooth in space."""
    rough = gaussian_filter(rng.normal(size=(side, side)), side / 24, mode="wrap").ravel()
    ranks = np.empty(rough.size)
    ranks[np.argsort(rough, kind="stable")] = np.linspace(0, 1, rough.size)
    return ranks


def _parts(cells: int, size: int) -> list[slice]:
    return [slice(first, min(first + size, cells)) for first in range(0, cells, size)]


def _cut(array: np.ndarray, size: int) -> list[np.ndarray]:
    """Cut the last axis into windows that each lie together in memory, as a reader hands them over."""
    return [np.ascontiguousarray(array[..., part]) for part in _parts(array.shape[-1], size)]


def _in_threads(threads: int, work: Any, *windows: list[Any]) -> Any:  # noqa: ANN401  a function of a window
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, *windows))


def _joined(done: list[Arrays]) -> Arrays:
    return {name: np.concatenate([each[name] for each in done]) for name in done[0]}


def _told(found: Any) -> Arrays:  # noqa: ANN401  the result of either kernel, or of the competition
    return {"zone": found.zone, "class": found.cls, "runner_up": found.runner_up, "margin": found.margin}


class Method:
    """The method job in the windows of each contender."""

    def __init__(self, land: Land) -> None:
        self.land = land
        self.codes, self.places = _cut(land.codes, OUR_BLOCK), _cut(land.places, OUR_BLOCK)
        self.values = _cut(land.values, OUR_BLOCK)

    def rows(self, threads: int) -> Arrays:
        """Zone with the row kernel."""
        rules, rows = self.land.rules, self.land.rows
        work = lambda codes, places: _told(zone_rows(codes, places, rules, rows, municipalities=1, reasons=True))  # noqa: E731
        return _joined(_in_threads(threads, work, self.codes, self.places))

    def floats(self, threads: int) -> Arrays:
        """Zone with the float32 block kernel."""
        land = self.land

        def block(values: np.ndarray, part: slice) -> Arrays:
            return _told(classify_block(values, land.bits[part], land.decided[part], land.residual[part], land.rules))

        return _joined(_in_threads(threads, block, self.values, _parts(land.cells, OUR_BLOCK)))

    def numpy(self, threads: int, window: int) -> Arrays:
        """Zone with whole-array expressions; decided cells are set afterwards."""
        land = self.land

        def block(part: slice) -> Arrays:
            values = {each.key: land.values[row, part] for row, each in enumerate(land.rules.characteristics)}
            found = _told(compete(values, land.bits[part], land.residual[part], land.rules)[2])
            fixed = land.decided[part] > 0
            for name, value in (("zone", land.decided[part]), ("class", 255), ("runner_up", 0), ("margin", np.nan)):
                found[name] = np.where(fixed, value, found[name])
            return found

        return _joined(_in_threads(threads, block, _parts(land.cells, window)))


class Simple:
    """The reference job in the windows of each contender."""

    def __init__(self, job: Reference) -> None:
        self.job = job
        self.cells = job.side * job.side
        flat = job.values.reshape(len(job.values), -1)
        self.codes = _cut(job.codes.reshape(len(job.values), -1), OUR_WINDOW)
        self.values = {size: _cut(flat, size) for size in PEER_WINDOWS}
        self.limits = limit_arrays(job)
        self.chunks: Any = None

    def rows(self, threads: int) -> np.ndarray:
        """And the words of all layers."""
        answer = np.empty(self.cells, dtype=np.uint8)

        def block(codes: np.ndarray, part: slice) -> None:
            best_crops(codes, self.job.rows, out=answer[part])

        _in_threads(threads, block, self.codes, _parts(self.cells, OUR_WINDOW))
        return answer

    def floats(self, threads: int) -> np.ndarray:
        """Compare float32 values in compiled blocks."""

        def block(values: np.ndarray) -> np.ndarray:
            answer = np.empty(values.shape[1], dtype=np.uint8)
            by_float_blocks(values, *self.limits, answer)
            return answer

        return np.concatenate(_in_threads(threads, block, self.values[OUR_BLOCK]))

    def numpy(self, threads: int, window: int) -> np.ndarray:
        """Compare whole windows."""
        return np.concatenate(_in_threads(threads, lambda values: by_numpy(self.job, values), self.values[window]))

    def xarray(self, threads: int) -> np.ndarray:
        """Write one expression of chunked arrays."""
        import dask  # noqa: PLC0415  a peer
        import xarray as xr  # noqa: PLC0415  a peer

        chunk = max(self.job.side // 4, 1)
        layers = xr.DataArray(self.job.values, dims=("layer", "y", "x")).chunk({"layer": -1, "y": chunk, "x": chunk})
        with dask.config.set(scheduler="threads", num_workers=threads):
            return by_xarray(self.job, layers).ravel()


def _fastest(work: Any, small: bool) -> int:  # noqa: ANN401  a function of a window's size
    if small:
        return PEER_WINDOWS[0]
    trial = [Contender(name=str(size), work=lambda size=size: work(THREADS, size)) for size in PEER_WINDOWS]
    tried = hold(trial, rounds=1).seconds
    return min(PEER_WINDOWS, key=lambda size: tried[str(size)] or np.inf)


def _checked(found: dict[str, Any], land: Land) -> dict[str, Any]:
    ours = found["method_rows"]
    differ = {
        f"{name} {field}": int((ours[field] != found[name][field]).sum())
        for name in ("method_numpy_windows", "method_float32_blocks")
        for field in ("zone", "class", "runner_up")
    }
    for name in ("numpy_windows", "xarray_dask", "float32_blocks"):
        if name in found:
            differ[name] = int((found["rows"] != found[name]).sum())
    gap = np.nanmax(np.abs(ours["margin"] - found["method_numpy_windows"]["margin"]), initial=0.0)
    present = np.unique(ours["zone"])
    return {
        "cells_that_differ": differ,
        "largest_margin_difference": float(f"{gap:.2g}"),
        "largest_score_error_possible": float(f"{score_error(land.rules, land.cuts):.2g}"),
        "declared_score_quantum": SCORE_QUANTUM,
        "zones_present": [each.code for each in land.rules.zones if each.number in present],
    }


def contest(small: bool, rounds: int) -> Report:
    """Hold the contest."""
    land = Land(64 if small else METHOD_SIDE)
    method, simple = Method(land), Simple(reference(128 if small else REFERENCE_SIDE))
    window = _fastest(simple.numpy, small)
    method_window = _fastest(method.numpy, small)
    measured = hold(
        [
            Contender(name="rows", work=lambda: simple.rows(THREADS)),
            Contender(name="numpy_windows", work=lambda: simple.numpy(THREADS, window)),
            Contender(name="xarray_dask", work=lambda: simple.xarray(THREADS), needs=("xarray", "dask")),
            Contender(name="float32_blocks", work=lambda: simple.floats(THREADS)),
            Contender(name="rows_one_thread", work=lambda: simple.rows(1)),
            Contender(name="method_rows", work=lambda: method.rows(THREADS)),
            Contender(name="method_numpy_windows", work=lambda: method.numpy(THREADS, method_window)),
            Contender(name="method_float32_blocks", work=lambda: method.floats(THREADS)),
            Contender(name="method_rows_one_thread", work=lambda: method.rows(1)),
        ],
        rounds=rounds,
    )
    cells = {name: land.cells if name.startswith("method") else simple.cells for name in measured.seconds}
    speed = {name: cells[name] / each / 1e6 if each else None for name, each in measured.seconds.items()}
    ratio = {
        f"{name} ratio": speed[ours] / speed[name] if speed[name] and speed[ours] else None
        for ours, name in (
            ("rows", "numpy_windows"),
            ("rows", "xarray_dask"),
            ("rows", "float32_blocks"),
            ("method_rows", "method_numpy_windows"),
            ("method_rows", "method_float32_blocks"),
        )
    }
    own = ("rows_one_thread", "method_rows", "method_rows_one_thread")
    return Report(
        benchmark="kernel",
        ours=speed["rows"],
        peer=speed["numpy_windows"],
        peer_name="numpy_windows",
        better="higher",
        unit="Mcells/s",
        peers={name: speed[name] for name in speed if name not in {"rows", *own}},
        also={**{name: speed[name] for name in own}, **ratio},
        measured=measured,
        job={
            "reference": {"cells": simple.cells, "crops": 12, "layers": 10, "window_cells": window},
            "method": {
                "cells": land.cells,
                "land_use_types": len(land.rules.land_use_types),
                "crops": len({each.crop for each in land.rules.land_use_types}),
                "characteristics": len(land.rules.characteristics),
                "zones": len(land.rules.rated_zones),
                "window_cells": method_window,
            },
            "threads": THREADS,
        },
        checks=_checked(dict(measured.answers), land),
        packages=("valles", "numpy", "numba", "xarray", "dask"),
        notes=(
            "values and codes stand in memory; reading layers and encoding are no part of the job",
            "the row kernel finds the gates from codes inside the measured time, the others are given them as bits",
            "in the method job the row kernel rates a zone only where its gates let it claim the cell",
        ),
    )


if __name__ == "__main__":
    main(__doc__ or "", contest)
