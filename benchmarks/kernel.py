"""The block kernel against numpy in windows: the whole method, cell by cell, on the same made-up land.

Both rate every land-use type of the ruleset that comes with the program, find limiting and second limiting factor, let
the zones compete and settle every cell with runner-up and margin. The peer is the plain numpy reference: whole-array
expressions, each curve that land-use types share rated once, over windows of the size at which it is fastest.
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
from scipy.ndimage import gaussian_filter

from zoning import load_crops, load_ruleset
from zoning.rating.competition import compete
from zoning.rating.kernel import classify_block
from zoning.rules.compiled_rules import CompiledRules, compile_rules

OUR_BLOCK = 65_536
"""Cells per block, as a zoning run gives them to the kernel."""
PEER_WINDOWS = (4_096, 16_384, 65_536)
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
        self.bits = np.zeros(self.cells, np.uint32)
        for bit in range(len(self.rules.gates)):
            self.bits |= (_field(rng, side) < OPEN).astype(np.uint32) << np.uint32(bit)
        residual = [self.rules.zone(code).number for code in ("GAN", "GAF", "FOR")]
        self.residual = np.array(residual, np.uint8)[np.minimum((_field(rng, side) * 3).astype(int), 2)]
        self.decided = np.zeros(self.cells, np.uint8)


def _field(rng: np.random.Generator, side: int) -> np.ndarray:
    """Return (side²,) values spread evenly over 0 to 1, smooth in space."""
    rough = gaussian_filter(rng.normal(size=(side, side)), side / 24, mode="wrap").ravel()
    ranks = np.empty(rough.size)
    ranks[np.argsort(rough, kind="stable")] = np.linspace(0, 1, rough.size)
    return ranks


def _in_parts(cells: int, size: int, threads: int, work: Any) -> Arrays:  # noqa: ANN401  a function of a slice
    parts = [slice(first, min(first + size, cells)) for first in range(0, cells, size)]
    with ThreadPoolExecutor(threads) as pool:
        done = list(pool.map(work, parts))
    return {name: np.concatenate([each[name] for each in done]) for name in done[0]}


def _ours(land: Land, threads: int) -> Arrays:
    def block(part: slice) -> Arrays:
        values = np.ascontiguousarray(land.values[:, part])
        found = classify_block(values, land.bits[part], land.decided[part], land.residual[part], land.rules)
        return {"zone": found.zone, "class": found.cls, "runner_up": found.runner_up, "margin": found.margin}

    return _in_parts(land.cells, OUR_BLOCK, threads, block)


def _numpy(land: Land, threads: int, window: int) -> Arrays:
    def block(part: slice) -> Arrays:
        values = {each.key: land.values[row, part] for row, each in enumerate(land.rules.characteristics)}
        _ratings, _zones, found = compete(values, land.bits[part], land.residual[part], land.rules)
        return {"zone": found.zone, "class": found.cls, "runner_up": found.runner_up, "margin": found.margin}

    return _in_parts(land.cells, window, threads, block)


def _checked(found: dict[str, Arrays], land: Land) -> dict[str, Any]:
    ours, peer = found["valles"], found["numpy_windows"]
    same = {name: int((ours[name] != peer[name]).sum()) for name in ("zone", "class", "runner_up")}
    gap = np.nanmax(np.abs(ours["margin"] - peer["margin"]))
    present = np.unique(ours["zone"])
    return {
        "cells_that_differ": same,
        "largest_margin_difference": float(f"{gap:.2g}"),
        "zones_present": [each.code for each in land.rules.zones if each.number in present],
    }


def contest(small: bool, rounds: int) -> Report:
    """Hold the contest."""
    land = Land(64 if small else 362)
    window = PEER_WINDOWS[0]
    if not small:
        trial = [Contender(name=str(size), work=lambda size=size: _numpy(land, THREADS, size)) for size in PEER_WINDOWS]
        tried = hold(trial, rounds=1).seconds
        window = min(PEER_WINDOWS, key=lambda size: tried[str(size)] or np.inf)
    measured = hold(
        [
            Contender(name="valles", work=lambda: _ours(land, THREADS)),
            Contender(name="numpy_windows", work=lambda: _numpy(land, THREADS, window)),
            Contender(name="valles_one_thread", work=lambda: _ours(land, 1)),
            Contender(name="numpy_windows_one_thread", work=lambda: _numpy(land, 1, window)),
        ],
        rounds=rounds,
    )
    speed = {name: land.cells / each / 1e6 if each else None for name, each in measured.seconds.items()}
    return Report(
        benchmark="kernel",
        ours=speed["valles"],
        peer=speed["numpy_windows"],
        peer_name="numpy_windows",
        better="higher",
        unit="Mcells/s",
        peers={name: speed[name] for name in ("numpy_windows", "numpy_windows_one_thread")},
        also={"valles_one_thread": speed["valles_one_thread"]},
        measured=measured,
        job={
            "cells": land.cells,
            "land_use_types": len(land.rules.land_use_types),
            "crops": len({each.crop for each in land.rules.land_use_types}),
            "characteristics": len(land.rules.characteristics),
            "zones": len(land.rules.rated_zones),
            "threads": THREADS,
            "peer_window_cells": window,
        },
        checks=_checked(dict(measured.answers), land),
        packages=("valles", "numpy", "numba"),
        notes=(
            "values stand in memory; reading layers is no part of the job",
            "the kernel also gives limiting value and incomplete bits, the peer the rating of every land-use type",
            "the kernel computes in float32, the peer compares in float32 and rates in float64",
        ),
    )


if __name__ == "__main__":
    main(__doc__ or "", contest)
