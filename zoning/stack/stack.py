"""A stack open for zoning: any rules it is cut for, block by block in threads, with flat memory."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from zoning.rating.interval_codes import Codes, Floats
from zoning.rating.row_kernel import RowResult, zone_rows
from zoning.rating.row_tables import RowTables
from zoning.rules.compiled_rules import CompiledRules
from zoning.stack.stack_build import stack_folder
from zoning.stack.stack_index import StackIndex
from zoning.stack.stack_land import StackLand
from zoning.stack.stack_window import BLOCK, Window, cut_windows
from zoning.stack.stored_stack import StoredStack, cuts_read
from zoning.stack.strip_encoder import StripEncoder

WIDE = 2
"""Blocks of the file that are read and zoned at once, side by side."""


@dataclass(frozen=True, eq=False, kw_only=True)
class StackZoning:
    """A territory zoned from its stack, before any merging of cells."""

    counts: npt.NDArray[np.int64]
    """Cells by municipality number, zone number and class: SD, N, S3, S2, S1, not rated."""
    zone: Codes | None = None
    """Zone number of every cell, 0 outside, shape (rows, cols); ``None`` unless asked for."""
    cls: Codes | None = None
    """Class of the zone in every cell, 255 where not rated or outside."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Patch:
    """Bands coded with other cut points than those of the file, in memory."""

    codes: Mapping[str, Codes] = field(default_factory=dict)
    """Characteristic key to uint8 codes, shape (rows, cols)."""
    cuts: Mapping[str, Floats] = field(default_factory=dict)
    """Their cut points."""


class Stack:
    """The stack of a land, open for any number of threads. Use it as a context.

    Parameters
    ----------
    land
        Whose stack.
    index
        From :func:`zoning.stack.stack_build.build_stack`.

    Raises
    ------
    gis.errors.VallesError
        The file is absent or damaged.
    """

    def __init__(self, land: StackLand, index: StackIndex) -> None:
        self.land, self.index = land, index
        self.stored = StoredStack(stack_folder(land), expected=index.hash)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.stored.close()

    @property
    def path(self) -> Path:
        """Its file of codes."""
        return Path(self.stored.address)

    def close(self) -> None:
        """Close the file in all threads."""
        self.stored.close()

    def tables(self, rules: CompiledRules, patch: Patch | None = None) -> RowTables:
        """Return rules as the rows that zone this stack by class alone; parameters as of :meth:`zone`.

        Raises
        ------
        zoning.zoning_errors.RulesError
            A land-use type has more factors than a row holds.
        """
        return self.stored.tables(rules, moved=patch.cuts if patch else {})

    def cuts_for(self, rules: CompiledRules, patch: Patch | None = None) -> dict[str, Floats]:
        """Return the cut points of what the rules read, in the order in which their codes are read."""
        return cuts_read(rules, self.index.cuts | dict(patch.cuts if patch else {}))

    def patch(self, cuts: Mapping[str, Floats], *, workers: int = 2) -> Patch:
        """Code some characteristics with other cut points, in memory.

        Parameters
        ----------
        cuts
            Characteristic key to its cut points.
        workers
            Threads.

        Raises
        ------
        gis.errors.VallesError
            A layer is damaged.
        """
        grid, keys = self.land.grid, list(cuts)
        out = np.zeros((len(keys), *grid.shape), dtype=np.uint8)
        with StripEncoder(self.land, cuts) as encoder, ThreadPoolExecutor(max_workers=workers) as pool:
            places = {key: row for row, key in enumerate(keys)}
            list(pool.map(lambda rows: encoder.fill(out[:, slice(*rows)], places, *rows), grid.strips(BLOCK)))
        return Patch(codes=dict(zip(keys, out, strict=True)), cuts=dict(cuts))

    def windows(self, within: Window | None = None) -> list[Window]:
        """Return the rectangles that hold a cell inside, at most :data:`WIDE` blocks wide, in order."""
        return list(cut_windows(self.index.blocks, self.land.grid.shape, wide=WIDE, within=within))

    def zone(
        self,
        rules: CompiledRules,
        *,
        patch: Patch | None = None,
        within: Window | None = None,
        maps: bool = False,
        workers: int = 2,
    ) -> StackZoning:
        """Zone the territory with some rules.

        Parameters
        ----------
        rules
            Compiled for the layers of the land; their class limits must be cut points of the stack or of the patch.
        patch
            Bands that stand in place of those of the file.
        within
            Cells to zone; ``None`` is all.
        maps
            Whether zone and class of every cell are wanted beside the counts.
        workers
            Threads; the result does not depend on them.

        Raises
        ------
        gis.errors.VallesError
            The file turns out damaged, or the rules do not fit a row.
        """
        tables = self.tables(rules, patch)
        shape = self.land.grid.shape
        zone = np.zeros(shape, dtype=np.uint8) if maps else None
        cls = np.full(shape, 255, dtype=np.uint8) if maps else None

        def work(window: Window) -> npt.NDArray[np.int64]:
            found = self.zone_window(window, rules, tables, patch=patch)
            if zone is not None and cls is not None:
                place = window.cells
                zone[place] = found.zone.reshape(zone[place].shape)
                cls[place] = found.cls.reshape(cls[place].shape)
            return found.counts

        with ThreadPoolExecutor(max_workers=workers) as pool:
            counts = sum(pool.map(work, self.windows(within)), self._no_counts(rules))
        return StackZoning(counts=counts, zone=zone, cls=cls)

    def zone_window(
        self,
        window: Window,
        rules: CompiledRules,
        tables: RowTables,
        *,
        patch: Patch | None = None,
    ) -> RowResult:
        """Zone the cells of a window, row by row; ``tables`` from :meth:`tables`, the others as of :meth:`zone`.

        Parameters
        ----------
        window
            Cells.
        rules, tables, patch
            Rules, the same as rows, and the bands they were made for.

        Raises
        ------
        gis.errors.VallesError
            The file turns out damaged.
        """
        moved = dict(patch.codes) if patch else {}
        keys = tuple(self.cuts_for(rules, patch))
        stored, places = self.stored.read(window, tuple(key for key in keys if key not in moved))
        codes = stored
        if moved:
            rows = iter(stored)
            codes = np.stack([moved[key][window.cells].ravel() if key in moved else next(rows) for key in keys])
        return zone_rows(codes, places, rules, tables, municipalities=len(self.index.municipalities))

    def _no_counts(self, rules: CompiledRules) -> npt.NDArray[np.int64]:
        highest = max(zone.number for zone in rules.zones)
        return np.zeros((len(self.index.municipalities) + 1, highest + 1, 6), dtype=np.int64)
