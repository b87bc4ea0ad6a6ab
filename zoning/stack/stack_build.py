"""Making a stack, or bringing one up to date: only what changed is read from the layers again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from gis.atomic import atomic_folder, write_atomically
from gis.rasters.cog import CogWriter
from gis.rasters.raster_reader import RasterReader
from zoning.rating.interval_codes import Codes, Floats, cut_points, encode
from zoning.rating.row_kernel import place_names
from zoning.rules.characteristic import Characteristic
from zoning.rules.compiled_rules import CompiledRules
from zoning.stack.stack_index import CODES_FILE, INDEX_FILE, Band, StackIndex
from zoning.stack.stack_land import StackLand, Units

BLOCK = 256
"""Side of a block of the file, cells; strips of as many rows are read and written."""

FOLDER = "stack"
"""Folder of the workspace that holds its stacks."""

Progress = Callable[[str, float], None]
"""Told the name of a stage and the share of it that is done, 0 to 1."""

Groups = dict[tuple[str, ...], tuple[Characteristic, ...]]


def stack_folder(land: StackLand) -> Path:
    """Return where the stack of a land stands."""
    return land.workspace.root / FOLDER / land.name


def build_stack(
    land: StackLand, rules: CompiledRules, *, workers: int = 2, progress: Progress | None = None
) -> tuple[StackIndex, tuple[str, ...]]:
    """Make the stack of a land, or bring it up to date.

    A band whose layers and class limits are those of the stack that stands there is copied from it; a stack that cuts
    everything where the rules need it, from the same layers, is left as it is.

    Parameters
    ----------
    land
        What it is made from.
    rules
        Rules whose limits it must be cut at.
    workers
        Threads; the bytes do not depend on them.
    progress
        Told how far the strips are.

    Returns
    -------
    tuple
        The index, and the bands that were made: characteristic keys, and ``places``.

    Raises
    ------
    gis.errors.VallesError
        A layer is damaged, the disk refuses, or another program is writing in the workspace.
    """
    folder = stack_folder(land)
    old = StackIndex.read(folder)
    index, made = _plan(land, rules, old)
    if not made:
        return index, ()
    with land.workspace.writing(), ExitStack() as stack, atomic_folder(folder) as new:
        codes = stack.enter_context(RasterReader(folder / CODES_FILE)) if len(made) <= len(index.bands) else None
        seconds = _write(land, index, made, new / CODES_FILE, old=codes, workers=workers, progress=progress)
        index = replace(
            index,
            bands=tuple(replace(band, seconds=seconds.get(band.layers, band.seconds)) for band in index.bands),
            place_seconds=seconds.get((_PLACES,), index.place_seconds),
        )
        write_atomically(new / INDEX_FILE, index.text())
    return index, made


_PLACES = "places"


def _plan(land: StackLand, rules: CompiledRules, old: StackIndex | None) -> tuple[StackIndex, tuple[str, ...]]:
    """Return what the stack shall be, and which of its bands must be made."""
    given = land.inventory.available - rules.flagged
    wanted = {each.key: each for each in rules.inputs if each.name in given}
    known = {band.key: band for band in old.bands} if old else {}
    full, needed = cut_points(rules), cut_points(rules, spare=False)
    bands, made = [], []
    for key in sorted({*wanted, *known}):
        each = wanted.get(key) or Characteristic.parse(key)
        content, band = land.content_of(each), known.get(key)
        same = band is not None and band.content == content
        if band is not None and same and (key not in needed or np.isin(needed[key], band.cuts).all()):
            bands.append(band)
        elif key in wanted:
            bands.append(Band(key=key, layers=land.layers_of(each), content=content, cuts=full[key], seconds=0.0))
            made.append(key)
    place_content = land.place_content()
    dropped = len(bands) < len(known)
    if old is None or old.place_content != place_content or (dropped and not made):
        made.append(_PLACES)
    index = StackIndex(
        bands=tuple(bands),
        place_content=place_content,
        place_seconds=old.place_seconds if old else 0.0,
        municipalities=land.codes,
        categories=land.categories(),
        blocks=_blocks(land.unit),
    )
    return index, tuple(made)


def _blocks(unit: Units) -> npt.NDArray[np.bool_]:
    rows, cols = (-(-count // BLOCK) for count in unit.shape)
    padded = np.zeros((rows * BLOCK, cols * BLOCK), dtype=np.bool_)
    padded[: unit.shape[0], : unit.shape[1]] = unit > 0
    held: npt.NDArray[np.bool_] = np.any(padded.reshape(rows, BLOCK, cols, BLOCK), axis=(1, 3))
    return held


def _write(
    land: StackLand,
    index: StackIndex,
    made: tuple[str, ...],
    path: Path,
    *,
    old: RasterReader | None,
    workers: int,
    progress: Progress | None,
) -> dict[tuple[str, ...], float]:
    """Write the file strip by strip and return the seconds that each group of layers took."""
    seconds: dict[tuple[str, ...], float] = {}
    begin = time.perf_counter()
    places = land.place_bands() if _PLACES in made else None
    if places is not None:
        seconds[_PLACES,] = time.perf_counter() - begin
    fresh = {band.key: band for band in index.bands if band.key in made}
    encoder = StripEncoder(land, {key: band.cuts for key, band in fresh.items()})
    of_place = place_names(len(land.codes))
    names = [*(band.key for band in index.bands), *of_place]
    strips = list(land.grid.strips(BLOCK))
    writer = CogWriter(path, land.grid, names=names, unit="", dtype="uint8", nodata=0, classes=True, thinned=True)

    def strip(rows: tuple[int, int]) -> Codes:
        start, stop = rows
        out = np.zeros((len(names), stop - start, land.grid.cols), dtype=np.uint8)
        encoder.fill(out, {key: names.index(key) for key in fresh}, start, stop)
        for place, name in enumerate(names):
            if name in of_place and places is not None:
                out[place] = places[name][start:stop]
            elif name not in fresh and old is not None:
                out[place] = old.read_stored(start, stop, 0, land.grid.cols, [old.band_named(name)])[0]
        return out

    with encoder, writer, ThreadPoolExecutor(max_workers=workers) as pool:
        for first in range(0, len(strips), workers):
            batch = strips[first : first + workers]
            for rows, codes in zip(batch, pool.map(strip, batch), strict=True):
                writer.write(codes, row=rows[0])
            if progress is not None:
                progress("encode", min(first + workers, len(strips)) / len(strips))
    return seconds | {layers: round(spent / workers, 3) for layers, spent in encoder.seconds.items()}


class StripEncoder:
    """Measures characteristics strip by strip and turns them into codes. Use it as a context.

    Parameters
    ----------
    land
        Whose layers are read.
    cuts
        Characteristic key to the cut points of its codes.
    """

    def __init__(self, land: StackLand, cuts: Mapping[str, Floats]) -> None:
        self._land, self._cuts = land, cuts
        self._groups: Groups = {}
        for key in cuts:
            each = Characteristic.parse(key)
            layers = land.layers_of(each)
            self._groups[layers] = (*self._groups.get(layers, ()), each)
        self.seconds: dict[tuple[str, ...], float] = dict.fromkeys(self._groups, 0.0)
        """Layers to the seconds of all threads that reading and coding what comes from them took."""

    def __enter__(self) -> Self:
        self._open = ExitStack()
        self._data = self._open.enter_context(self._land.open())
        for layers, wanted in self._groups.items():
            begin = time.perf_counter()
            self._data.prepare(wanted, self._land.places)
            self.seconds[layers] += time.perf_counter() - begin
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._open.close()

    def fill(self, out: Codes, rows: Mapping[str, int], start: int, stop: int) -> None:
        """Write the codes of a strip.

        Parameters
        ----------
        out
            uint8, shape (bands, stop − start, cols); 0 outside.
        rows
            Characteristic key to its row of ``out``.
        start, stop
            First row of the grid and the one after the last.

        Raises
        ------
        gis.errors.VallesError
            A layer turns out damaged.
        """
        places = self._land.places
        inside = places.inside[start:stop]
        if not inside.any():
            return
        for layers, wanted in self._groups.items():
            begin = time.perf_counter()
            columns = self._data.columns(wanted, start, stop, places)
            for each in wanted:
                if each.key in columns:
                    out[rows[each.key]][inside] = encode(columns[each.key], self._cuts[each.key])
            self.seconds[layers] += time.perf_counter() - begin
