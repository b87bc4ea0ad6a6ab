"""Making the copy of a stack for viewing: every pixel of the tiles takes the codes of the cell under its centre.

The deepest zoom is taken from the stack; each coarser one takes the pixel of the deepest that lies next to the centre
of its own. Only the bands that changed are taken from the stack again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from gis.atomic import atomic_folder, write_atomically
from gis.errors import InputError
from gis.rasters.frames import FrameWriter
from gis.rasters.tile_sampler import TileSampler
from gis.rasters.web_level import AREA, TileRange, WebLevelReader, WebLevelWriter
from gis.rasters.web_tile import TILE_PIXELS
from zoning.rating.interval_codes import Codes, Floats, cut_points
from zoning.rules.compiled_rules import CompiledRules
from zoning.stack.index_file import sizes_of
from zoning.stack.stack import Stack
from zoning.stack.stack_build import Progress, stack_folder
from zoning.stack.stack_index import StackIndex
from zoning.stack.stack_land import StackLand
from zoning.web_copy.web_index import INDEX_FILE, WebIndex, index_for, label_type, level_paths, same_codes

STAGE = "tiles"
"""Name of the stage, for who is told how far it is."""

Tile = tuple[int, int]


def web_folder(land: StackLand) -> Path:
    """Return where the copy of a land's stack stands."""
    folder = stack_folder(land)
    return folder.with_name(f"{folder.name}-web")


def build_web(
    stack: Stack, rules: CompiledRules, *, workers: int = 2, progress: Progress | None = None
) -> tuple[WebIndex, tuple[str, ...]]:
    """Make the copy of a stack for viewing, or bring it up to date. One that is damaged is made anew.

    Parameters
    ----------
    stack
        The stack.
    rules
        Rules whose limits tell kinds of pixels apart. Any other rules may be drawn from the copy too.
    workers
        Threads; the bytes do not depend on them.
    progress
        Told how far it is.

    Returns
    -------
    tuple
        The index, and the bands that were taken from the stack: characteristic keys and places.

    Raises
    ------
    gis.errors.VallesError
        The stack turns out damaged, the disk refuses, or another program is writing in the workspace.
    """
    land, folder = stack.land, web_folder(stack.land)
    old = _standing(folder)
    if old is not None and old.stack == stack.index.hash:
        return old, ()
    with land.workspace.writing(), atomic_folder(folder) as new:
        return write_web(
            new, stack.path, stack.index, rules, old=None if old is None else folder, workers=workers, progress=progress
        )


def _standing(folder: Path) -> WebIndex | None:
    """Return the index of the copy in a folder; ``None`` where there is none, or a damaged one: it is made anew."""
    try:
        found = WebIndex.read(folder)
    except InputError:
        return None
    return found if found is not None and found.whole(folder) else None


def write_web(
    folder: Path,
    codes: Path,
    index: StackIndex,
    rules: CompiledRules,
    *,
    old: Path | None = None,
    workers: int = 2,
    progress: Progress | None = None,
) -> tuple[WebIndex, tuple[str, ...]]:
    """Write the copy of a stack for viewing into an empty folder.

    Parameters
    ----------
    folder
        Where it shall stand.
    codes, index
        The stack's file and index.
    rules, workers, progress
        As of :func:`build_web`.
    old
        Folder of the copy whose bands may be taken over.

    Returns
    -------
    tuple
        As of :func:`build_web`.

    Raises
    ------
    gis.errors.VallesError
        A file turns out damaged, or the disk refuses.
    """
    with ExitStack() as open_files:
        sampler = TileSampler(codes)
        open_files.callback(sampler.close)
        web = index_for(index, cut_points(rules, spare=False), sampler.grid, sampler.web_bounds)
        last = WebIndex.read(old) if old is not None else None
        kept = _kept(last, web)
        before = None
        if old is not None and last is not None and kept:
            reader = WebLevelReader(level_paths(old, web.native)[0], web.levels[-1], len(last.names))
            before = open_files.enter_context(reader)
        source = _Source(
            sampler=sampler,
            stored=tuple(sampler.names.index(name) for name in web.names),
            level=web.levels[-1],
            old=before,
            old_band=tuple(last.names.index(name) if last is not None and name in kept else -1 for name in web.names),
        )
        _write(folder, web, index.cuts, source, workers=workers, progress=progress)
        files = (path.name for tiles in web.levels for path in level_paths(folder, tiles.zoom))
        web = replace(web, sizes=sizes_of(folder, files))
        write_atomically(folder / INDEX_FILE, web.text())
    return web, tuple(name for name in web.names if name not in kept)


def _kept(old: WebIndex | None, new: WebIndex) -> frozenset[str]:
    """Return the bands whose tiles need not be taken from the stack again."""
    if old is None or old.levels != new.levels or old.municipalities != new.municipalities:
        return frozenset()
    same = {key for key, name in new.bands.items() if old.bands.get(key) == name}
    places = set(new.names) - set(new.bands) if old.place_content == new.place_content else set()
    return frozenset(same | places)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Source:
    """Where the codes of the deepest zoom come from."""

    sampler: TileSampler
    stored: tuple[int, ...]
    """Band of the stack of each band of the copy."""
    level: TileRange
    old: WebLevelReader | None
    old_band: tuple[int, ...]
    """Band of the copy that stands, −1 where it must be taken from the stack."""

    def codes(self, x: int, y: int) -> Codes | None:
        """Return the codes of a tile, shape (bands, 65 536); ``None`` where no pixel lies inside."""
        out = np.zeros((len(self.stored), AREA), dtype=np.uint8)
        place = self.level.place(x, y)
        taken = [band for band, old in enumerate(self.old_band) if old < 0]
        kept = [band for band, old in enumerate(self.old_band) if old >= 0]
        if kept and self.old is not None and place is not None:
            out[kept] = self.old.read(place, [self.old_band[band] for band in kept])
        cells = self.sampler.cells(self.level.zoom, x, y, finest=True) if taken else None
        if cells is not None:
            out[taken] = self.sampler.read(cells, [self.stored[band] for band in taken])
        return out if out.any() else None


@dataclass(eq=False)
class _Level:
    """One zoom while it is written: the tile that is being filled."""

    tiles: TileRange
    codes: WebLevelWriter
    kinds: FrameWriter
    tile: Tile | None = None
    pixels: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.uint8))


Packed = tuple[int, list[bytes], bytes]


def _write(
    folder: Path,
    index: WebIndex,
    cuts: Mapping[str, Floats],
    source: _Source,
    *,
    workers: int,
    progress: Progress | None,
) -> None:
    bands, native = len(index.names), index.native
    same = np.vstack([same_codes(cuts, index.cuts), *(_EVERY for _place in range(bands - len(index.bands)))])
    with ExitStack() as open_files:
        levels = []
        for tiles in index.levels:
            paths = level_paths(folder, tiles.zoom)
            codes = open_files.enter_context(WebLevelWriter(paths[0], tiles, index.names))
            levels.append(_Level(tiles, codes, open_files.enter_context(FrameWriter(paths[1], tiles.count))))
        pool = open_files.enter_context(ThreadPoolExecutor(max_workers=workers))

        def leaf(tile: Tile) -> tuple[Codes, Packed] | None:
            found = source.codes(*tile)
            return None if found is None else (found, _packed(levels[native], tile, found, same))

        order = _in_order(index.levels[-1])
        waiting: deque[Future[tuple[Codes, Packed] | None]] = deque()
        coming = iter(order)
        for number, tile in enumerate(order):
            while len(waiting) < 2 * workers and (following := next(coming, None)) is not None:
                waiting.append(pool.submit(leaf, following))
            found = waiting.popleft().result()
            if found is not None:
                _put(levels[native], found[1])
                for level in levels[:native]:
                    _thin(level, native, tile, found[0], same)
            if progress is not None:
                progress(STAGE, (number + 1) / len(order))
        for level in levels[:native]:
            _finish(level, same)


def _packed(level: _Level, tile: Tile, codes: Codes, same: Codes) -> Packed:
    """Return a tile ready to be written."""
    from zoning.web_copy.web_loops import find_kinds  # noqa: PLC0415  the compiler is paid for by who computes

    label, first = np.empty(AREA, dtype=np.int32), np.empty(AREA, dtype=np.int32)
    count = find_kinds(codes, same, np.zeros(AREA, dtype=np.uint16), label, first)
    vectors = np.ascontiguousarray(codes[:, first[:count]])
    place = level.tiles.place(*tile)
    frame = label.astype(label_type(count)).tobytes() + vectors.tobytes()
    return (-1 if place is None else place), level.codes.packed(codes), frame


def _put(level: _Level, packed: Packed) -> None:
    place, blocks, frame = packed
    if place >= 0:
        level.codes.write(place, blocks)
        level.kinds.write(place, frame)


def _thin(level: _Level, native: int, tile: Tile, codes: Codes, same: Codes) -> None:
    """Give the pixels of a tile of the deepest zoom that lie next to the centre of a coarser pixel to that."""
    depth = native - level.tiles.zoom
    mine = (tile[0] >> depth, tile[1] >> depth)
    if level.tile != mine:
        _finish(level, same)
        level.tile, level.pixels = mine, np.zeros((len(codes), TILE_PIXELS, TILE_PIXELS), dtype=np.uint8)
    (cols, from_cols), (rows, from_rows) = (_chosen(each, depth) for each in tile)
    square = codes.reshape(-1, TILE_PIXELS, TILE_PIXELS)
    level.pixels[:, rows, cols] = square[:, from_rows, from_cols]


def _chosen(tile: int, depth: int) -> tuple[slice, slice]:
    """Return which pixels of the coarser tile are filled, and which of the deepest one fill them, along one axis."""
    step, middle, begin = 1 << depth, 1 << depth >> 1, tile * TILE_PIXELS
    skip = (middle - begin) % step
    count = len(range(skip, TILE_PIXELS, step))
    start = ((begin + skip) // step) % TILE_PIXELS
    return slice(start, start + count), slice(skip, TILE_PIXELS, step)


def _finish(level: _Level, same: Codes) -> None:
    if level.tile is not None and level.pixels.any():
        _put(level, _packed(level, level.tile, level.pixels.reshape(len(level.pixels), AREA), same))
    level.tile = None


def _in_order(tiles: TileRange) -> list[Tile]:
    """Return the tiles so that those of one coarser tile come one after the other."""
    found = [(tiles.col + col, tiles.row + row) for row in range(tiles.rows) for col in range(tiles.cols)]
    return sorted(found, key=lambda tile: _interleaved(*tile))


def _interleaved(x: int, y: int) -> int:
    return sum(((x >> bit & 1) | (y >> bit & 1) << 1) << 2 * bit for bit in range(max(x.bit_length(), y.bit_length())))


_EVERY = np.arange(256, dtype=np.uint8)
"""Bands of places: every value is a kind of its own."""
