"""One piece of a territory zoned from a stack, wherever the piece is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.rasters.raster_place import is_virtual
from zoning.rating.interval_codes import Codes
from zoning.rating.row_kernel import zone_rows
from zoning.rating.row_tables import RowTables
from zoning.rules.compiled_rules import CompiledRules
from zoning.stack.stack_window import Window
from zoning.stack.stored_stack import StoredStack, cuts_read, opened_stack

_TOGETHER = 131_072
"""Cells given to the kernel at once: their codes stay near the processor."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ChunkRules:
    """What every piece needs; it travels to other processes by the address of the stack."""

    address: str
    """File of codes."""
    hash: str
    """Hash of its index."""
    rules: CompiledRules
    tables: RowTables
    keys: tuple[str, ...]
    """Bands read."""
    municipalities: int
    """Number of municipalities."""
    here: StoredStack | None = field(default=None, repr=False)
    """The stack, where it is open already; it stays behind."""

    @classmethod
    def of(cls, stack: StoredStack, rules: CompiledRules) -> ChunkRules:
        """Fit rules to a stack.

        Raises
        ------
        zoning.zoning_errors.RulesError
            They do not fit a row.
        """
        return cls(
            address=str(stack.address if is_virtual(stack.address) else Path(stack.address).resolve()),
            hash=stack.index.hash,
            rules=rules,
            tables=stack.tables(rules),
            keys=tuple(cuts_read(rules, stack.index.cuts)),
            municipalities=len(stack.index.municipalities),
            here=stack,
        )

    def __getstate__(self) -> dict[str, Any]:
        """Leave the open file behind."""
        return {**self.__dict__, "here": None}

    @property
    def stack(self) -> StoredStack:
        """The stack, opened once in each process.

        Raises
        ------
        gis.errors.VallesError
            It is not there, or has changed.
        """
        return self.here if self.here is not None else opened_stack(self.address, self.hash)


@dataclass(frozen=True, eq=False, kw_only=True)
class ChunkZones:
    """What became of one piece; arrays of the shape of its window."""

    zone: Codes
    """Zone number, 0 outside."""
    cls: Codes
    """Class of the zone here, 255 where not rated or outside."""
    counts: npt.NDArray[np.int64]
    """Cells by municipality number, zone number and class."""


def zone_chunk(shared: ChunkRules, window: Window) -> ChunkZones:
    """Zone the cells of a window.

    Parameters
    ----------
    shared
        Stack and rules.
    window
        Cells.

    Raises
    ------
    gis.errors.VallesError
        The stack is not there, has changed or is damaged.
    """
    codes, places = shared.stack.read(window, shared.keys)
    cells = codes.shape[1]
    parts = []
    for first in range(0, cells, _TOGETHER):
        part = slice(first, min(first + _TOGETHER, cells))
        parts.append(
            zone_rows(
                codes[:, part],
                places[:, part],
                shared.rules,
                shared.tables,
                municipalities=shared.municipalities,
            )
        )
    return ChunkZones(
        zone=np.concatenate([each.zone for each in parts]).reshape(window.shape),
        cls=np.concatenate([each.cls for each in parts]).reshape(window.shape),
        counts=np.sum([each.counts for each in parts], axis=0),
    )


def no_counts(shared: ChunkRules) -> npt.NDArray[np.int64]:
    """Return counts of no cell yet, shape (municipalities + 1, highest zone + 1, 6)."""
    highest = max(zone.number for zone in shared.rules.zones)
    return np.zeros((shared.municipalities + 1, highest + 1, 6), dtype=np.int64)
