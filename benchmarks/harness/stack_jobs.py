"""Both jobs as ours does them: from a stack, block by block in threads, to compressed rasters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from map_calculators import open_output
from method_job import CELL, CRS, LEFT, TOP, MethodLand, write_stack
from rasterio.windows import Window as FileWindow
from reference_job import KEYS, LAYERS, Reference

from gis.crs import require_metres
from gis.grid import Grid
from gis.rasters.cog import CogWriter
from gis.rasters.raster_reader import RasterReader
from zoning.chunks.chunk_zoning import ChunkRules, zone_chunk
from zoning.rating.crop_rows import best_crops
from zoning.stack.stack_index import CODES_ZSTD_LEVEL
from zoning.stack.stack_window import BLOCK, CHUNK_BLOCKS, Window, cut_windows
from zoning.stack.stored_stack import StoredStack

WIDE = 4
"""Blocks of the reference job that are read at once, side by side; a zoning reads as many as it always does."""

Blocks = tuple[np.ndarray, ...]


@contextmanager
def _taken(threads: int, work: Callable[[Any], Any], windows: Sequence[Any]) -> Iterator[Iterable[Any]]:
    """Give the result of every window in order; one thread is the caller's own, without any other."""
    if threads == 1:
        yield map(work, windows)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield pool.map(work, windows)


class StackJob(ABC):
    """A job from a stack, opened anew in every turn: what was decoded before helps no later turn."""

    side: int
    path: Path
    outputs: tuple[Path, ...]
    windows: list[Window]

    @abstractmethod
    def read(self, place: Window) -> np.ndarray:
        """Read the codes of a window."""

    @abstractmethod
    def classify(self, place: Window) -> Blocks:
        """Read and classify a window: one row of cells for each output."""

    @abstractmethod
    def opened(self) -> Any:  # noqa: ANN401  a context
        """Open the stack."""

    def prepare(self) -> None:  # noqa: B027  most jobs need nothing
        """Do what a turn needs once the stack is open."""

    def decode(self, threads: int) -> int:
        """Only read the stack."""
        with self.opened(), _taken(threads, lambda place: int(self.read(place)[0, 0]), self.windows) as read:
            return sum(read)

    def work(self, threads: int) -> None:
        """Read, classify and write."""
        with ExitStack() as stack:
            stack.enter_context(self.opened())
            self.prepare()
            files = [stack.enter_context(open_output(path, self.side, threads=threads)) for path in self.outputs]
            blocks = stack.enter_context(_taken(threads, self.classify, self.windows))
            for place, found in zip(self.windows, blocks, strict=True):
                target = FileWindow.from_slices(*place.cells)
                for file, block in zip(files, found, strict=True):
                    file.write(block.reshape(place.shape), 1, window=target)

    def answer(self) -> list[np.ndarray]:
        """Return what it wrote."""
        answers = []
        for path in self.outputs:
            with rasterio.open(path) as file:
                answers.append(file.read(1).ravel())
        return answers


class Simple(StackJob):
    """The reference job."""

    def __init__(self, job: Reference, folder: Path) -> None:
        self.job, self.path, self.side = job, folder / "stack.tif", job.side
        self.outputs = (folder / "crop.tif",)
        grid = Grid(require_metres(CRS, what="benchmark"), CELL, left=LEFT, top=TOP, rows=job.side, cols=job.side)
        with CogWriter(
            self.path,
            grid,
            names=KEYS,
            unit="",
            dtype="uint8",
            nodata=0,
            classes=True,
            thinned=True,
            zstd_level=CODES_ZSTD_LEVEL,
        ) as writer:
            writer.write(job.codes)
        whole = np.ones((-(-job.side // BLOCK),) * 2, dtype=np.bool_)
        self.windows = list(cut_windows(whole, grid.shape, wide=WIDE))

    def opened(self) -> RasterReader:
        """Open the stack."""
        self.reader = RasterReader(self.path)
        return self.reader

    def read(self, place: Window) -> np.ndarray:
        """Read the codes of a window."""
        stored = self.reader.read_stored(place.row_start, place.row_stop, place.col_start, place.col_stop)
        return stored.reshape(LAYERS, -1)

    def classify(self, place: Window) -> Blocks:
        """Take the smallest of rows."""
        return (best_crops(self.read(place), self.job.rows),)


class Method(StackJob):
    """The method job, by the stack of the program itself; turning the rules into tables is part of every turn."""

    def __init__(self, land: MethodLand, folder: Path) -> None:
        self.land, self.side = land, land.side
        self.outputs = (folder / "zone.tif", folder / "class.tif")
        self.path = write_stack(land, folder)
        with self.opened() as stack:
            self.windows = list(cut_windows(stack.index.blocks, land.grid.shape, wide=CHUNK_BLOCKS))
            self.keys = ChunkRules.of(stack, land.rules).keys

    def opened(self) -> StoredStack:
        """Open the stack."""
        self.stack = StoredStack(self.path)
        return self.stack

    def prepare(self) -> None:
        """Turn the rules into tables."""
        self.shared = ChunkRules.of(self.stack, self.land.rules)

    def read(self, place: Window) -> np.ndarray:
        """Read the codes of a window."""
        return self.stack.read(place, self.keys)[0]

    def classify(self, place: Window) -> Blocks:
        """Zone a window."""
        found = zone_chunk(self.shared, place)
        return found.zone, found.cls
