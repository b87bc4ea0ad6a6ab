"""Tiles drawn in process, each the whole way to a PNG: from a stack's copy, and from layers by rio-tiler."""

from __future__ import annotations

import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from map_calculators import CRS, write_floats
from method_job import CATEGORIES, CELL, LEFT, TOP, MethodLand, write_stack
from rasterio.transform import from_origin
from reference_job import KEYS, LAYERS, Reference, by_float_blocks, limit_arrays

from gis.crs import require_metres
from gis.grid import Grid
from gis.rasters.cog import CogWriter
from gis.rasters.png import encode_palette_png
from gis.rasters.tile_sampler import TileSampler
from gis.rasters.web_level import AREA, TileRange, WebLevelReader, WebLevelWriter
from gis.rasters.web_tile import TILE_PIXELS
from zoning import load_crops, load_ruleset
from zoning.rating.crop_rows import best_crops
from zoning.rating.kernel import classify_block
from zoning.rating.row_tables import build_rows
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.rules.gates import gate_bits
from zoning.rules.rule_change import RuleChange
from zoning.stack.stored_stack import StoredStack
from zoning.web_copy.web_build import write_web
from zoning.web_copy.web_painter import WebPainter, web_table
from zoning.web_copy.web_stack import WebStack

Tile = tuple[int, int, int]
CHANGE = {"gates": {"near_people": {"distance_road": 3000}}, "limits": {"papa": {"temperature": {"low.s1": 16}}}}
"""What changes in the method job: the limit of a gate, and one of a crop."""

PALETTE = np.array(
    [[(place * 37) % 256, (place * 91) % 256, (place * 53) % 256, 255] for place in range(256)], np.uint8
)
PALETTE[0] = 0
_OUTSIDE = 255


class Drawn(ABC):
    """Draws the tiles and notes how long each took."""

    colours = len(PALETTE)

    def __init__(self, tiles: Sequence[Tile]) -> None:
        self.tiles = tiles
        self.milliseconds: list[float] = []

    @abstractmethod
    def zones(self, tile: Tile) -> np.ndarray:
        """Return the answer of every pixel."""

    def picture(self, zones: np.ndarray) -> bytes:
        """Return the PNG."""
        return encode_palette_png(zones, PALETTE[: self.colours])

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


class ReferenceDrawn(Drawn):
    """The reference job from codes that lie as the tiles do; ``held`` keeps those of a tile in memory."""

    def __init__(self, job: Reference, folder: Path, tiles: Sequence[Tile], *, native: int, held: bool) -> None:
        super().__init__(tiles)
        self.job, self.native, self.held = job, native, held
        self.levels = {z: self._level(folder, z) for z in sorted({min(tile[0], native) for tile in tiles})}
        self.codes: dict[Tile, np.ndarray] = {}

    def _level(self, folder: Path, zoom: int) -> WebLevelReader:
        stack, path = folder / "reference.tif", folder / f"{zoom}.tif"
        if not stack.exists():
            job = self.job
            grid = Grid(require_metres(CRS, what="benchmark"), CELL, left=LEFT, top=TOP, rows=job.side, cols=job.side)
            with CogWriter(stack, grid, names=KEYS, unit="", dtype="uint8", nodata=0, thinned=True) as writer:
                writer.write(job.codes)
        sampler = TileSampler(stack)
        tiles = TileRange.covering(sampler.web_bounds, zoom)
        if not path.exists():
            with WebLevelWriter(path, tiles, KEYS) as level:
                for number in range(tiles.count):
                    row, col = divmod(number, tiles.cols)
                    cells = sampler.cells(zoom, tiles.col + col, tiles.row + row, finest=True)
                    if cells is not None:
                        level.write(number, level.packed(sampler.read(cells, range(LAYERS))))
        sampler.close()
        return WebLevelReader(path, tiles, LAYERS)

    def zones(self, tile: Tile) -> np.ndarray:
        """Look the codes up."""
        z, x, y = tile
        codes, deep = self.codes.get(tile), max(z - self.native, 0)
        if codes is None:
            level = self.levels[z - deep]
            place = level.tiles.place(x >> deep, y >> deep)
            codes = np.zeros((LAYERS, AREA), np.uint8) if place is None else level.read(place, range(LAYERS))
            if deep:
                side = TILE_PIXELS >> deep
                row, col = (((each & (1 << deep) - 1) * TILE_PIXELS) >> deep for each in (y, x))
                square = codes.reshape(LAYERS, TILE_PIXELS, TILE_PIXELS)[:, row : row + side, col : col + side]
                codes = np.ascontiguousarray(square).reshape(LAYERS, -1)
            if self.held:
                self.codes[tile] = codes
        best = best_crops(codes, self.job.rows).reshape((TILE_PIXELS >> deep,) * 2)
        return best.repeat(1 << deep, axis=0).repeat(1 << deep, axis=1) if deep else best


class MethodDrawn(Drawn):
    """The method job under changed rules, from the copy of its stack; ``held`` keeps what was read of a tile."""

    colours = 16

    def __init__(self, land: MethodLand, folder: Path, tiles: Sequence[Tile], *, held: bool) -> None:
        super().__init__(tiles)
        self.held, copy = held, folder / "web"
        if not copy.exists():
            copy.mkdir(parents=True)
            write_stack(land, folder)
        with StoredStack(folder) as stored:
            index = stored.index
            path = Path(stored.address)
            web, _made = write_web(copy, path, index, land.rules) if not any(copy.iterdir()) else (None, ())
        self.painter = WebPainter(WebStack(copy, web or _index(copy)), most_bytes=96 * 2**20)
        rules = changed(land)
        cuts = {key: index.cuts[key] for key in index.cuts if key in {each.key for each in rules.inputs}}
        rows = build_rows(rules, cuts, municipalities=index.municipalities, categories=index.categories)
        self.table = web_table(self.painter.web.index, cuts, rules, rows)

    def zones(self, tile: Tile) -> np.ndarray:
        """Draw the kinds of pixels."""
        if not self.held:
            self.painter.shelf.forget()
        found = self.painter.zones(self.table, *tile)
        return np.zeros((TILE_PIXELS, TILE_PIXELS), np.uint8) if found is None else found


def _index(folder: Path) -> Any:  # noqa: ANN401  its own type
    from zoning.web_copy.web_index import WebIndex  # noqa: PLC0415  as above

    return WebIndex.read(folder)


def changed(land: MethodLand) -> CompiledRules:
    """Return the rules of the method job with :data:`CHANGE`."""
    ruleset, crops = RuleChange.of(CHANGE).apply(load_ruleset(), load_crops())
    return compile_rules(ruleset, crops, available=land.rules.available, flagged=land.rules.flagged)


class RioTiler(Drawn):
    """From layers, kept open, by rio-tiler's reader, nearest cell; then compiled float32 comparisons."""

    def __init__(
        self,
        paths: Sequence[Path],
        tiles: Sequence[Tile],
        classify: Callable[[np.ndarray], np.ndarray],
        open_: ExitStack,
    ) -> None:
        super().__init__(tiles)
        self.paths, self.classify, self.open = paths, classify, open_
        self.readers: list[Any] = []

    def zones(self, tile: Tile) -> np.ndarray:
        """Compare the values."""
        from rio_tiler.io import Reader  # noqa: PLC0415  a peer

        if not self.readers:
            warnings.filterwarnings("ignore", module="rio_tiler")  # that small files have no overviews
            self.readers = [self.open.enter_context(Reader(str(path))) for path in self.paths]
        z, x, y = tile
        read = [reader.tile(x, y, z, tilesize=TILE_PIXELS, resampling_method="nearest") for reader in self.readers]
        values = np.stack([np.ma.filled(each.array[0].astype(np.float32), np.nan).ravel() for each in read])
        return self.classify(values).reshape(TILE_PIXELS, TILE_PIXELS)

    def picture(self, zones: np.ndarray) -> bytes:
        """Return the PNG as rio-tiler makes it."""
        from rio_tiler.utils import render  # noqa: PLC0415  a peer

        return bytes(render(np.moveaxis(PALETTE[zones], -1, 0), img_format="PNG", zlevel=1))


def reference_by_floats(job: Reference, folder: Path) -> tuple[list[Path], Callable[[np.ndarray], np.ndarray]]:
    """Write the layers of the reference job and return them with what classifies their values."""
    folder.mkdir(exist_ok=True)
    limits = limit_arrays(job)

    def classify(values: np.ndarray) -> np.ndarray:
        answer = np.empty(values.shape[1], dtype=np.uint8)
        by_float_blocks(values, *limits, answer)
        return answer

    return write_floats(job, folder), classify


def method_by_floats(land: MethodLand, folder: Path) -> tuple[list[Path], Callable[[np.ndarray], np.ndarray]]:
    """Write the layers of the method job and return them with what zones their values under the changed rules."""
    folder.mkdir(exist_ok=True)
    rules, keys, places = changed(land), list(land.values), list(land.places)
    tables = build_rows(rules, {}, municipalities=land.municipalities, categories=CATEGORIES)
    codes = np.array(["", *land.municipalities])
    paths = []
    for number, (name, layer) in enumerate((land.values | land.places).items()):
        paths.append(folder / f"{number}.tif")
        profile = {"driver": "GTiff", "width": land.side, "height": land.side, "count": 1, "dtype": layer.dtype}
        profile |= {"crs": CRS, "transform": from_origin(LEFT, TOP, CELL, CELL), "tiled": True, "compress": "zstd"}
        with rasterio.open(paths[-1], "w", blockxsize=256, blockysize=256, **profile) as file:
            file.write(np.where(land.places["municipality"] > 0, layer, np.nan if name in keys else 0), 1)

    def classify(values: np.ndarray) -> np.ndarray:
        by_key = dict(zip(keys, values, strict=False))
        municipality, protected, built, cover = np.nan_to_num(values[len(keys) : len(keys) + len(places)]).astype(int)
        gates = gate_bits(rules.gates, by_key, cells=values.shape[1], municipality=codes[municipality])
        kept, town = tables.protected[protected], tables.built[built & 3]
        kept, covered = np.where(town > 0, town, kept), tables.cover[cover]
        decided = np.where((covered > 0) & (kept != tables.numbers[2]), covered, kept)
        steep = by_key["slope"] > np.float32(rules.ruleset.cover.legal_forest_slope)
        decided = np.where((decided == 0) & steep, tables.numbers[1], decided)
        decided = np.where(municipality == 0, _OUTSIDE, decided).astype(np.uint8)
        none = np.full(values.shape[1], np.nan, np.float32)
        rated = np.stack([by_key.get(each.key, none) for each in rules.characteristics])
        return classify_block(rated, gates, decided, tables.residual[cover], rules).zone

    return paths, classify
