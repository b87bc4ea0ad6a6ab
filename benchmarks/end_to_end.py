"""From layers on disk to a compressed zone raster, against GRASS r.mapcalc and gdal_calc.py: the reference job.

Ours reads a stack, all layers as bytes in one file, and writes zstd; the map calculators read float32 layers in the
form each keeps them, GRASS its own, and write zstd. Making the stack and importing into GRASS are no part of the job.
Every pixel of the answers is compared. Besides, the time is set against only decoding the same stack.
"""

# ruff: noqa: E402  the import path is set first
from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import which
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

import numpy as np
import rasterio
from contest import Contender, Report, hold, main
from map_calculators import CRS, ZSTD_LEVEL, GdalCalc, Grass, open_output, write_floats
from rasterio.windows import Window
from reference_job import CROPS, KEYS, LAYERS, Reference, reference

from gis.crs import require_metres
from gis.grid import Grid
from gis.rasters.cog import CogWriter
from gis.rasters.raster_reader import RasterReader
from zoning.rating.crop_rows import best_crops

SIDE, SMALL_SIDE = 1_536, 128
BLOCK = 256
WIDE = 1_024
"""Columns that are read at once."""
THREADS = 2


class Ours:
    """The job from a stack."""

    def __init__(self, job: Reference, folder: Path) -> None:
        self.job, self.path, self.result = job, folder / "stack.tif", folder / "zone.tif"
        crs = require_metres(CRS, what="benchmark")
        grid = Grid(crs, 30.0, left=400_000.0, top=8_000_000.0, rows=job.side, cols=job.side)
        with CogWriter(
            self.path, grid, names=KEYS, unit="", dtype="uint8", nodata=0, classes=True, thinned=True
        ) as writer:
            writer.write(job.codes)
        self.reader = RasterReader(self.path)
        starts = range(0, job.side, BLOCK)
        self.windows = [(row, col) for row in starts for col in range(0, job.side, WIDE)]

    def _read(self, place: tuple[int, int]) -> np.ndarray:
        row, col = place
        stored = self.reader.read_stored(row, min(row + BLOCK, self.job.side), col, min(col + WIDE, self.job.side))
        return stored.reshape(LAYERS, -1)

    def decode(self, threads: int) -> int:
        """Only read the stack."""
        with ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(lambda place: int(self._read(place)[0, 0]), self.windows))

    def work(self, threads: int) -> None:
        """Read, classify and write."""

        def block(place: tuple[int, int]) -> np.ndarray:
            return best_crops(self._read(place), self.job.rows)[0]

        with ThreadPoolExecutor(threads) as pool, open_output(self.result, self.job.side) as file:
            for (row, col), best in zip(self.windows, pool.map(block, self.windows), strict=True):
                wide = min(WIDE, self.job.side - col)
                file.write(best.reshape(-1, wide), 1, window=Window(col, row, wide, best.size // wide))

    def answer(self) -> np.ndarray:
        """Return what it wrote."""
        with rasterio.open(self.result) as file:
            return file.read(1).ravel()


def _contenders(ours: Ours, peers: dict[str, Any]) -> list[Contender]:
    found = [
        Contender(name="valles", work=lambda: ours.work(THREADS)),
        Contender(name="valles_one_thread", work=lambda: ours.work(1)),
        Contender(name="only_decoding", work=lambda: ours.decode(THREADS)),
        Contender(name="only_decoding_one_thread", work=lambda: ours.decode(1)),
    ]
    for name, (program, package) in PEERS.items():
        work = peers[name].work if name in peers else lambda: None
        install = f"install {package} with the system's packages"
        found.append(Contender(name=name, work=work, programs=(program,), install=install))
    return found


PEERS = {"grass_r_mapcalc": ("grass", "grass-core"), "gdal_calc": ("gdal_calc.py", "python3-gdal")}
"""Contender to its program and the package of Debian that brings it."""


def contest(small: bool, rounds: int) -> Report:
    """Hold the contest."""
    job = reference(SMALL_SIDE if small else SIDE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, paths = Ours(job, folder), write_floats(job, folder)
        makers = {"grass_r_mapcalc": Grass, "gdal_calc": GdalCalc}
        peers = {each: makers[each](job, paths, folder) for each, (program, _deb) in PEERS.items() if which(program)}
        measured = hold(_contenders(ours, peers), rounds=rounds)
        answer = ours.answer()
        differ = {each: int((answer != peer.answer()).sum()) for each, peer in peers.items()}
        sizes = {"stack_mb": ours.path.stat().st_size / 1e6, "zone_mb": ours.result.stat().st_size / 1e6}
        ours.reader.close()
    cells = job.side * job.side
    seconds = measured.seconds
    speed = {each: cells / spent / 1e6 if spent else None for each, spent in seconds.items()}

    def ratio(one: str, other: str) -> float | None:
        return speed[one] / speed[other] if speed[one] and speed[other] else None

    return Report(
        benchmark="end_to_end",
        ours=speed["valles"],
        peer=speed["grass_r_mapcalc"],
        peer_name="grass_r_mapcalc",
        better="higher",
        unit="Mcells/s",
        peers={each: speed[each] for each in PEERS},
        also={
            "valles_one_thread": speed["valles_one_thread"],
            "one thread over grass_r_mapcalc": ratio("valles_one_thread", "grass_r_mapcalc"),
            "two threads over gdal_calc": ratio("valles", "gdal_calc"),
            "time over only decoding": ratio("only_decoding", "valles"),
            "time over only decoding, one thread": ratio("only_decoding_one_thread", "valles_one_thread"),
        },
        measured=measured,
        job={
            "cells": cells,
            "crops": CROPS,
            "layers": LAYERS,
            "compression": f"zstd {ZSTD_LEVEL}",
            "threads": {"valles": THREADS, "valles_one_thread": 1, "grass_r_mapcalc": 1, "gdal_calc": 1},
            **{each: round(size, 2) for each, size in sizes.items()},
        },
        checks={"cells_that_differ": differ, "zones_present": int(np.unique(answer).size)},
        packages=("valles", "numpy", "numba", "rasterio"),
        notes=(
            "making the stack and importing into GRASS are not measured; GRASS's start-up is left out, r.mapcalc alone",
            "the map calculators are processes that read float32; ours is a function of a running program",
            "our writer may compress in two threads in every turn",
        ),
    )


if __name__ == "__main__":
    main(__doc__ or "", contest)
