"""The two jobs of the kernel benchmark in the windows of each contender: in memory, answers to be compared.

All contenders stand on the same made-up land: ours on interval codes, the others on float32 values.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from method_job import MISSING, RANGES, REACH, WARM, smooth_field
from method_numpy import settle_classes
from reference_job import Reference, by_float_blocks, by_numpy, by_xarray, limit_arrays

from zoning import load_crops, load_ruleset
from zoning.rating.competition import compete
from zoning.rating.crop_rows import best_crops
from zoning.rating.interval_codes import cut_points, encode
from zoning.rating.kernel import classify_block
from zoning.rating.row_kernel import zone_rows
from zoning.rating.row_tables import build_rows
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.rules.gates import gate_bits

OUR_BLOCK = 65_536
"""Cells per window of our method job, about as many as a zoning run gives to the kernel."""
OUR_WINDOW = 524_288
"""Cells per window of the reference job."""
PEER_WINDOWS = (4_096, 16_384, 65_536, 262_144, 524_288)
"""Window sizes that the peer may choose from."""
METHOD_WINDOWS = (4_096, 16_384, 65_536)
"""The same in the method job, where a window has a hundred rows of results."""
OPEN = 0.6
"""Share of cells where each gate is open."""
MUNICIPALITY = "070801"

Arrays = dict[str, np.ndarray]


class Land:
    """Made-up land: smooth relief, climate that follows it, soils, gates; the same bytes for the same side."""

    def __init__(self, side: int) -> None:
        rng = np.random.default_rng(20_260_817)
        rules, crops = load_ruleset(), load_crops()
        available = frozenset(RANGES) | frozenset(REACH)
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
    return smooth_field(rng, side).ravel()


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """Return threads that stay, for every contender the same."""
    return ThreadPoolExecutor(threads)


def _parts(cells: int, size: int) -> list[slice]:
    return [slice(first, min(first + size, cells)) for first in range(0, cells, size)]


def _cut(array: np.ndarray, size: int) -> list[np.ndarray]:
    """Cut the last axis into windows that each lie together in memory, as a reader hands them over."""
    return [np.ascontiguousarray(array[..., part]) for part in _parts(array.shape[-1], size)]


def _in_threads(threads: int, work: Any, *windows: list[Any]) -> Any:  # noqa: ANN401  a function of a window
    return list(_pool(threads).map(work, *windows))


def _joined(done: list[Arrays]) -> Arrays:
    return {name: np.concatenate([each[name] for each in done]) for name in done[0]}


def _told(found: Any) -> Arrays:  # noqa: ANN401  the result of either kernel, or of the competition
    told = {"zone": found.zone, "class": found.cls, "runner_up": found.runner_up}
    return told if found.margin is None else {**told, "margin": found.margin}


class Method:
    """The method job in the windows of each contender."""

    def __init__(self, land: Land) -> None:
        self.land = land
        self.codes, self.places = _cut(land.codes, OUR_BLOCK), _cut(land.places, OUR_BLOCK)
        self.values = _cut(land.values, OUR_BLOCK)

    def rows(self, threads: int, *, reasons: bool) -> Arrays:
        """Zone with the row kernel, by class alone or with reasons."""
        rules, rows = self.land.rules, self.land.rows

        def block(codes: np.ndarray, places: np.ndarray) -> Arrays:
            return _told(zone_rows(codes, places, rules, rows, municipalities=1, reasons=reasons))

        return _joined(_in_threads(threads, block, self.codes, self.places))

    def floats(self, threads: int) -> Arrays:
        """Zone with the float32 block kernel."""
        land = self.land

        def block(values: np.ndarray, part: slice) -> Arrays:
            return _told(classify_block(values, land.bits[part], land.decided[part], land.residual[part], land.rules))

        return _joined(_in_threads(threads, block, self.values, _parts(land.cells, OUR_BLOCK)))

    def numpy(self, threads: int, window: int, *, reasons: bool) -> Arrays:
        """Zone with whole-array expressions, by class alone or with reasons; decided cells are set afterwards."""
        land = self.land
        zoned = (lambda *given: compete(*given)[2]) if reasons else settle_classes

        def block(part: slice) -> Arrays:
            values = {each.key: land.values[row, part] for row, each in enumerate(land.rules.characteristics)}
            found = _told(zoned(values, land.bits[part], land.residual[part], land.rules))
            fixed = land.decided[part] > 0
            for name, value in (("zone", land.decided[part]), ("class", 255), ("runner_up", 0), ("margin", np.nan)):
                if name in found:
                    found[name] = np.where(fixed, value, found[name])
            return found

        return _joined(_in_threads(threads, block, _parts(land.cells, window)))


class Simple:
    """The reference job in the windows of each contender, who all write into memory that stands."""

    def __init__(self, job: Reference) -> None:
        self.job = job
        self.cells = job.side * job.side
        flat = job.values.reshape(len(job.values), -1)
        self.codes = _cut(job.codes.reshape(len(job.values), -1), OUR_WINDOW)
        self.values = {size: _cut(flat, size) for size in PEER_WINDOWS}
        self.limits = limit_arrays(job)
        self.answers: dict[tuple[str, int], np.ndarray] = {}

    def rows(self, threads: int) -> np.ndarray:
        """And the words of all layers."""
        return self._zoned("rows", threads, self.codes, lambda codes, out: best_crops(codes, self.job.rows, out=out))

    def floats(self, threads: int) -> np.ndarray:
        """Compare float32 values in compiled blocks."""
        windows = self.values[OUR_BLOCK]
        return self._zoned("floats", threads, windows, lambda values, out: by_float_blocks(values, *self.limits, out))

    def numpy(self, threads: int, window: int) -> np.ndarray:
        """Compare whole windows."""
        windows = self.values[window]
        return self._zoned("numpy", threads, windows, lambda values, out: by_numpy(self.job, values, out))

    def xarray(self, threads: int) -> np.ndarray:
        """Write one expression of chunked arrays."""
        import dask  # noqa: PLC0415  a peer
        import xarray as xr  # noqa: PLC0415  a peer

        chunk = max(self.job.side // 4, 1)
        layers = xr.DataArray(self.job.values, dims=("layer", "y", "x")).chunk({"layer": -1, "y": chunk, "x": chunk})
        with dask.config.set(scheduler="threads", num_workers=threads):
            return by_xarray(self.job, layers).ravel()

    def _zoned(
        self, name: str, threads: int, windows: list[np.ndarray], work: Callable[[np.ndarray, np.ndarray], object]
    ) -> np.ndarray:
        answer = self.answers.setdefault((name, threads), np.zeros(self.cells, dtype=np.uint8))
        _in_threads(threads, work, windows, [answer[part] for part in _parts(self.cells, windows[0].shape[-1])])
        return answer
