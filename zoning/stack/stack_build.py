"""Making a stack, or bringing one up to date: only what changed is read from the layers again."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from gis.atomic import atomic_folder, write_atomically
from gis.errors import InputError
from gis.messages import translator
from gis.rasters.cog import CogWriter
from gis.rasters.packed_arrays import ArrayReader, ArrayWriter, Packed, pack
from gis.rasters.raster_reader import RasterReader
from zoning.rating.interval_codes import Codes
from zoning.rating.row_kernel import place_names
from zoning.rules.compiled_rules import CompiledRules
from zoning.stack.index_file import sizes_of
from zoning.stack.positions import strip_name
from zoning.stack.stack_extras import SampleTaker, measure_blocks
from zoning.stack.stack_index import (
    CODES_FILE,
    CODES_ZSTD_LEVEL,
    EXTRAS_FILE,
    INDEX_FILE,
    POSITIONS_FILE,
    SEAL,
    StackIndex,
)
from zoning.stack.stack_land import StackLand
from zoning.stack.stack_plan import PLACES, StackPlan, plan_stack
from zoning.stack.stack_window import BLOCK
from zoning.stack.strip_encoder import StripEncoder

_ = translator("zoning")

FOLDER = "stack"
"""Folder of the workspace that holds its stacks."""

Progress = Callable[[str, float], None]
"""Told the name of a stage and the share of it that is done, 0 to 1."""


def stack_folder(land: StackLand) -> Path:
    """Return where the stack of a land stands."""
    return land.workspace.root / FOLDER / land.name


@dataclass(frozen=True, eq=False, kw_only=True)
class StackUpdate:
    """What bringing a stack up to date came to."""

    index: StackIndex
    """Of the stack that stands now."""
    made: tuple[str, ...]
    """Bands that were made: characteristic keys, and ``places``."""
    told: str
    """What was made and why, a sentence in the reader's language; empty where nothing was."""


def build_stack(
    land: StackLand, rules: CompiledRules, *, workers: int = 2, progress: Progress | None = None
) -> tuple[StackIndex, tuple[str, ...]]:
    """Make the stack of a land, or bring it up to date; the index, and the bands that were made.

    Parameters and errors as of :func:`update_stack`.
    """
    update = update_stack(land, rules, workers=workers, progress=progress)
    return update.index, update.made


def update_stack(
    land: StackLand,
    rules: CompiledRules,
    *,
    workers: int = 2,
    progress: Progress | None = None,
    say: Callable[[str], None] | None = None,
    held: bool = False,
) -> StackUpdate:
    """Make the stack of a land, or bring it up to date.

    A band whose layers and class limits are those of the stack that stands there is copied from it; a stack that cuts
    everything where the rules need it, from the same layers, is left as it is. A stack that is damaged is made anew.

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
    say
        Told in words what is made and why, before it is.
    held
        Whether the caller keeps other writers of the workspace out already.

    Raises
    ------
    gis.errors.VallesError
        A layer is damaged, or changed while it was read; the disk refuses; or another program is writing in the
        workspace.
    """
    folder = stack_folder(land)
    plan = plan_stack(land, rules, folder)
    if not plan.made and not plan.extras:
        return StackUpdate(index=plan.index, made=(), told="")
    if say is not None:
        say(str(plan))
    seen = land.fingerprint()
    with ExitStack() as stack, nullcontext() if held else land.workspace.writing(), atomic_folder(folder) as new:
        before = None if plan.before is None else stack.enter_context(_Before(folder))
        index = _Writing(land, plan, new, before).write(rules, workers=workers, progress=progress)
        if land.fingerprint() != seen:
            raise _layers_changed(seen, land.fingerprint())
        write_atomically(new / INDEX_FILE, index.text())
    return StackUpdate(index=index, made=plan.made, told=str(plan))


def _layers_changed(before: Mapping[str, object], after: Mapping[str, object]) -> InputError:
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return InputError(
        _("Cambió en el disco mientras se leía: {names}").format(names=", ".join(names)),
        expected=_("Se esperaban las mismas capas de principio a fin"),
        remedy=_("Espere a que el otro programa termine y repita la orden; la pila anterior sigue ahí"),
    )


class _Before:
    """The files of the stack that is being replaced. Use it as a context."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.codes = stack.enter_context(RasterReader(self.folder / CODES_FILE))
            self.positions = stack.enter_context(ArrayReader(self.folder / POSITIONS_FILE))
            self.extras = stack.enter_context(ArrayReader(self.folder / EXTRAS_FILE))
            self._open = stack.pop_all()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._open.close()


class _Writing:
    """One stack on its way to the disk.

    Parameters
    ----------
    land, plan
        What it is made from, and what is made of it.
    folder
        Where its files go.
    before
        The stack that stands, from which the rest is copied.
    """

    def __init__(self, land: StackLand, plan: StackPlan, folder: Path, before: _Before | None) -> None:
        self._land, self._plan, self._folder, self._before = land, plan, folder, before
        self._keys = [band.key for band in plan.index.bands]
        self._of_place = place_names(len(land.codes))
        self._names = [*self._keys, *self._of_place]
        self._fresh = {band.key: band for band in plan.index.bands if band.key in plan.made}
        self._places: dict[str, Codes] | None = None
        self._place_seconds = plan.index.place_seconds

    def write(self, rules: CompiledRules, *, workers: int, progress: Progress | None) -> StackIndex:
        """Write the files and return the index that tells of them."""
        land, plan = self._land, self._plan
        if PLACES in plan.made:
            begin = time.perf_counter()
            self._places = land.place_bands()
            self._place_seconds = time.perf_counter() - begin
        taker = SampleTaker(land, plan.extras)
        encoder = StripEncoder(
            land,
            {key: band.cuts for key, band in self._fresh.items()},
            watcher=taker,
            also=[each for each in taker.columns if each.key not in self._fresh],
            months=taker.themes,
        )
        with encoder:
            self._strips(encoder, workers=workers, progress=progress)
        self._extras(taker.found | measure_blocks(land, rules, plan.extras))
        seconds = {layers: round(spent / workers, 3) for layers, spent in encoder.seconds.items()}
        return replace(
            plan.index,
            bands=tuple(
                replace(band, seconds=seconds.get(band.layers, 0.0)) if band.key in self._fresh else band
                for band in plan.index.bands
            ),
            place_seconds=self._place_seconds,
            sizes=sizes_of(self._folder, (CODES_FILE, POSITIONS_FILE, EXTRAS_FILE)),
        )

    def _strips(self, encoder: StripEncoder, *, workers: int, progress: Progress | None) -> None:
        strips = list(self._land.grid.strips(BLOCK))
        with ExitStack() as files, ThreadPoolExecutor(max_workers=workers) as pool:
            codes = positions = None
            if self._plan.made:
                positions = files.enter_context(ArrayWriter(self._folder / POSITIONS_FILE))
                codes = files.enter_context(self._codes_writer())
            for first in range(0, len(strips), workers):
                batch = strips[first : first + workers]
                found = pool.map(lambda rows: self._strip(encoder, *rows), batch)
                for (start, _stop), (bands, parts) in zip(batch, found, strict=True):
                    if codes is not None and positions is not None:
                        codes.write(bands, row=start)
                        for key in self._keys:
                            positions.write(strip_name(key, start), parts[key])
                if progress is not None:
                    progress("encode", min(first + workers, len(strips)) / len(strips))
        if self._before is not None and not self._plan.made:
            for name in (CODES_FILE, POSITIONS_FILE):
                shutil.copyfile(self._before.folder / name, self._folder / name)

    def _strip(self, encoder: StripEncoder, start: int, stop: int) -> tuple[Codes, dict[str, Packed]]:
        """Return all bands of a strip, and the positions of each characteristic."""
        cols, before = self._land.grid.cols, self._before
        held = self._names if self._plan.made else []
        out = np.zeros((len(held), stop - start, cols), dtype=np.uint8)
        positions = encoder.fill(out, {key: self._names.index(key) for key in self._fresh}, start, stop)
        for row, name in enumerate(held):
            if name in self._of_place and self._places is not None:
                out[row] = self._places[name][start:stop]
            elif name not in self._fresh and before is not None:
                out[row] = before.codes.read_stored(start, stop, 0, cols, [before.codes.band_named(name)])[0]
                if name not in self._of_place:
                    positions[name] = before.positions.packed(strip_name(name, start))
        return out, positions

    def _extras(self, found: Mapping[str, npt.NDArray[Any]]) -> None:
        with ArrayWriter(self._folder / EXTRAS_FILE) as writer:
            for name in self._plan.index.extras:
                if name in found:
                    writer.write(name, pack(found[name]))
                elif self._before is not None:
                    writer.write(name, self._before.extras.packed(name))

    def _codes_writer(self) -> CogWriter:
        """Return the writer of the codes, which carry the index: the file alone is a stack."""
        return CogWriter(
            self._folder / CODES_FILE,
            self._land.grid,
            names=self._names,
            unit="",
            dtype="uint8",
            nodata=0,
            classes=True,
            thinned=True,
            tags={SEAL: self._plan.index.seal()},
            zstd_level=CODES_ZSTD_LEVEL,
        )
