"""One map tile of a rule that was just changed, in process: from the kept-open stack, and from layers by rio-tiler.

The reference job (twelve crops on ten layers, class by the law of the minimum) on the tiles of a square, at the zooms
where a pixel is about as wide as a cell and finer. Ours takes the codes of the cells under the pixels from the stack
and looks them up in the table of the rules; the peer reads the float32 layers of the same cells with rio-tiler's own
reader and compares them in compiled loops. Both take the nearest cell and end in a PNG of 256 × 256. Every turn draws
all tiles; the figure is the 95th percentile over the tiles of all turns.
"""

# ruff: noqa: E402  the import path is set first
from __future__ import annotations

import sys
import tempfile
import time
from abc import ABC, abstractmethod
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

import numpy as np
import pyproj
from contest import Contender, Report, hold, main
from map_calculators import CRS, write_floats
from reference_job import CROPS, KEYS, LAYERS, Reference, by_float_blocks, limit_arrays, reference

from gis.crs import require_metres
from gis.grid import Grid
from gis.rasters.cog import CogWriter
from gis.rasters.png import encode_palette_png, encode_png
from gis.rasters.tile_sampler import TileSampler
from gis.rasters.web_tile import TILE_PIXELS, tile_bounds
from zoning.rating.crop_rows import best_crops

SIDE, SMALL_SIDE = 2_048, 300
ZOOMS = (12, 13, 14)
MOST_TILES = 8
"""Tiles of each zoom, spread evenly."""
CELL, LEFT, TOP = 30.0, 400_000.0, 8_000_000.0

Tile = tuple[int, int, int]
PALETTE = np.array(
    [[(place * 37) % 256, (place * 91) % 256, (place * 53) % 256, 255] for place in range(256)], np.uint8
)
PALETTE[0] = 0


class Drawn(ABC):
    """Draws the tiles and notes how long each took."""

    def __init__(self, tiles: list[Tile]) -> None:
        self.tiles = tiles
        self.milliseconds: list[float] = []

    @abstractmethod
    def zones(self, tile: Tile) -> np.ndarray:
        """Return the answer of every pixel."""

    def picture(self, zones: np.ndarray) -> bytes:
        """Return the PNG."""
        return encode_palette_png(zones, PALETTE)

    def __call__(self) -> list[np.ndarray]:
        """Draw them all."""
        answers = []
        for tile in self.tiles:
            begin = time.perf_counter()
            zones = self.zones(tile)
            self.picture(zones)
            self.milliseconds.append((time.perf_counter() - begin) * 1e3)
            answers.append(zones)
        return answers

    def percentile(self, share: float) -> float | None:
        """Return a percentile of the tiles of all turns, the first of each, which warms up, left out, ms."""
        timed = self.milliseconds[len(self.tiles) :]
        return float(np.quantile(timed, share)) if timed else None


class Ours(Drawn):
    """From the stack; ``held`` keeps the codes of a tile in memory, as a server does for the next change."""

    def __init__(self, job: Reference, sampler: TileSampler, tiles: list[Tile], *, held: bool) -> None:
        super().__init__(tiles)
        self.job, self.sampler, self.held = job, sampler, held
        self.codes: dict[Tile, np.ndarray] = {}

    def zones(self, tile: Tile) -> np.ndarray:
        """Look the codes up."""
        codes = self.codes.get(tile)
        if codes is None:
            cells = self.sampler.cells(*tile)
            if cells is None:
                return np.zeros((TILE_PIXELS, TILE_PIXELS), np.uint8)
            codes = self.sampler.read(cells, range(LAYERS))
            if self.held:
                self.codes[tile] = codes
        return best_crops(codes, self.job.rows).reshape(TILE_PIXELS, TILE_PIXELS)


class RioTiler(Drawn):
    """From the layers, kept open, by rio-tiler's reader."""

    def __init__(self, job: Reference, paths: list[Path], tiles: list[Tile], stack: ExitStack) -> None:
        super().__init__(tiles)
        self.limits, self.paths, self.stack = limit_arrays(job), paths, stack
        self.readers: list[Any] = []

    def zones(self, tile: Tile) -> np.ndarray:
        """Compare the values."""
        from rio_tiler.io import Reader  # noqa: PLC0415  a peer

        if not self.readers:
            self.readers = [self.stack.enter_context(Reader(str(path))) for path in self.paths]
        z, x, y = tile
        read = [reader.tile(x, y, z, tilesize=TILE_PIXELS, resampling_method="nearest") for reader in self.readers]
        values = np.stack([np.ma.filled(each.array[0], np.nan).ravel() for each in read]).astype(np.float32)
        answer = np.empty(values.shape[1], dtype=np.uint8)
        by_float_blocks(values, *self.limits, answer)
        return answer.reshape(TILE_PIXELS, TILE_PIXELS)

    def picture(self, zones: np.ndarray) -> bytes:
        """Return the PNG as rio-tiler makes it."""
        from rio_tiler.utils import render  # noqa: PLC0415  a peer

        return bytes(render(np.moveaxis(PALETTE[zones], -1, 0), img_format="PNG", zlevel=1))


class Values(RioTiler):
    """From the layers without any peer: the same values by our own sampler, one file a layer."""

    def zones(self, tile: Tile) -> np.ndarray:
        """Compare the values."""
        if not self.readers:
            self.readers = [TileSampler(path) for path in self.paths]
        found = [(sampler, sampler.cells(*tile)) for sampler in self.readers]
        read = [sampler.read(cells, [0])[0] for sampler, cells in found if cells is not None]
        answer = np.zeros(TILE_PIXELS * TILE_PIXELS, dtype=np.uint8)
        if read:
            by_float_blocks(np.stack(read).astype(np.float32), *self.limits, answer)
        return answer.reshape(TILE_PIXELS, TILE_PIXELS)

    def picture(self, zones: np.ndarray) -> bytes:
        """Return the PNG in full colour."""
        return encode_png(PALETTE[zones])


def _tiles(small: bool) -> list[Tile]:
    """Return tiles that lie wholly inside the square, of each zoom some."""
    side = (SMALL_SIDE if small else SIDE) * CELL
    to_web = pyproj.Transformer.from_crs(CRS, "EPSG:3857", always_xy=True)
    left, bottom, right, top = to_web.transform_bounds(LEFT, TOP - side, LEFT + side, TOP)
    half = tile_bounds(0, 0, 0)[2]
    found: list[Tile] = []
    for z in ZOOMS:
        width = 2 * half / 2**z
        xs = range(int((left + half) // width) + 1, int((right + half) // width))
        ys = range(int((half - top) // width) + 1, int((half - bottom) // width))
        inside = [(z, x, y) for x in xs for y in ys]
        found += inside[:: max(len(inside) // MOST_TILES, 1)][:MOST_TILES]
    return found[-2:] if small else found


def _stack(job: Reference, folder: Path) -> TileSampler:
    grid = Grid(require_metres(CRS, what="benchmark"), CELL, left=LEFT, top=TOP, rows=job.side, cols=job.side)
    path = folder / "stack.tif"
    with CogWriter(path, grid, names=KEYS, unit="", dtype="uint8", nodata=0, classes=True, thinned=True) as writer:
        writer.write(job.codes)
    return TileSampler(path)


def contest(small: bool, rounds: int) -> Report:
    """Hold the contest."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, tiles = Path(name), _tiles(small)
        job = reference(SMALL_SIDE if small else SIDE)
        sampler, paths = _stack(job, folder), write_floats(job, folder)
        drawn: dict[str, Drawn] = {
            "stack": Ours(job, sampler, tiles, held=False),
            "stack_held": Ours(job, sampler, tiles, held=True),
            "values": Values(job, paths, tiles, stack),
            "rio_tiler": RioTiler(job, paths, tiles, stack),
        }
        needs = {"rio_tiler": ("rio_tiler",)}
        measured = hold(
            [Contender(name=name, work=work, needs=needs.get(name, ())) for name, work in drawn.items()], rounds=rounds
        )
    p95, p50 = ({name: each.percentile(share) for name, each in drawn.items()} for share in (0.95, 0.5))
    served = "served over HTTP, not in process: TiTiler's one static layer is not measured here"
    return Report(
        benchmark="preview_tiles",
        ours=p95["stack"],
        peer=p95["rio_tiler"],
        peer_name="rio_tiler",
        better="lower",
        unit="ms",
        peers={"rio_tiler": p95["rio_tiler"], "values": p95["values"], "titiler": None},
        also={"stack_held": p95["stack_held"], **{f"{name} p50": value for name, value in p50.items()}},
        measured=replace(measured, reasons={**measured.reasons, "titiler": served}),
        job={"cells": job.side**2, "crops": CROPS, "layers": LAYERS, "tiles": len(tiles), "zooms": list(ZOOMS)},
        checks=_checked(dict(measured.answers)),
        packages=("valles", "rio-tiler", "rasterio", "numpy", "numba"),
        notes=(
            "figures are the 95th percentile of a tile over all turns; seconds are whole turns of all tiles",
            "ours is the whole way of a tile that no one asked for before, but whose blocks may stand in GDAL's cache",
            "stack_held: the codes of the tile stand in memory, as when the next change is drawn",
        ),
    )


def _checked(found: dict[str, Any]) -> dict[str, Any]:
    ours = np.stack(found["stack"])
    return {
        f"pixels_that_differ {name}": int((ours != np.stack(answer)).sum())
        for name, answer in found.items()
        if name != "stack"
    } | {"pixels": int(ours.size)}


if __name__ == "__main__":
    main(__doc__ or "", contest)
