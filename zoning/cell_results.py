"""What the kernel says of every cell of a territory, kept flat: only cells inside it are stored.

Thirty million cells of a territory's box would cost twice the memory of the fifteen million inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gis.grid import Grid

if TYPE_CHECKING:
    from zoning.kernel import BlockResult

RESTRICTED, LEGAL = 1, 2
"""Bits of :attr:`CellResults.flags`: no new clearings; zone given by law."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CellResults:
    """Flat columns over the cells inside the territory, in row-major order; meanings as in ``BlockResult``."""

    grid: Grid
    inside: npt.NDArray[np.bool_]
    """Which cells are stored, shape (rows, cols)."""
    row_offset: npt.NDArray[np.int64]
    """First stored cell of each row, shape (rows + 1,)."""
    zone: npt.NDArray[np.uint8]
    cls: npt.NDArray[np.uint8]
    score: npt.NDArray[np.float32]
    land_use_type: npt.NDArray[np.int16]
    limiting: npt.NDArray[np.int16]
    limiting_value: npt.NDArray[np.float32]
    second_limiting: npt.NDArray[np.int16]
    runner_up: npt.NDArray[np.uint8]
    runner_up_class: npt.NDArray[np.uint8]
    margin: npt.NDArray[np.float32]
    incomplete: npt.NDArray[np.uint16]
    flags: npt.NDArray[np.uint8]
    """Bits :data:`RESTRICTED` and :data:`LEGAL`."""
    present_use: npt.NDArray[np.uint8]
    """Code of the mapped present use, 0 where none is mapped."""

    @classmethod
    def empty(cls, grid: Grid, inside: npt.NDArray[np.bool_]) -> CellResults:
        """Reserve the columns for the cells of ``inside``, shape (rows, cols)."""
        offsets = np.zeros(grid.rows + 1, dtype=np.int64)
        np.cumsum(inside.sum(axis=1), out=offsets[1:])
        count = int(offsets[-1])
        columns: dict[str, Any] = {name: np.zeros(count, dtype=kind) for name, kind in _KINDS.items()}
        return cls(grid=grid, inside=inside, row_offset=offsets, **columns)

    @property
    def size(self) -> int:
        """Number of stored cells."""
        return int(self.row_offset[-1])

    def rows(self, start: int, stop: int) -> slice:
        """Return where the cells of rows ``start`` to ``stop`` (not included) are stored."""
        return slice(int(self.row_offset[start]), int(self.row_offset[stop]))

    def put(
        self,
        place: slice,
        block: BlockResult,
        *,
        flags: npt.NDArray[np.uint8],
        present_use: npt.NDArray[np.uint8],
    ) -> None:
        """Store a block; threads may store different places at once."""
        for name in _BLOCK_COLUMNS:
            getattr(self, name)[place] = getattr(block, name)
        self.flags[place] = flags
        self.present_use[place] = present_use

    def spread(self, column: npt.NDArray[Any], *, fill: float = 0) -> npt.NDArray[Any]:
        """Return a flat column as a raster of shape (rows, cols), ``fill`` where nothing is stored."""
        raster = np.full(self.grid.shape, fill, dtype=column.dtype)
        raster[self.inside] = column
        return raster


_KINDS: dict[str, Any] = {
    "zone": np.uint8,
    "cls": np.uint8,
    "score": np.float32,
    "land_use_type": np.int16,
    "limiting": np.int16,
    "limiting_value": np.float32,
    "second_limiting": np.int16,
    "runner_up": np.uint8,
    "runner_up_class": np.uint8,
    "margin": np.float32,
    "incomplete": np.uint16,
    "flags": np.uint8,
    "present_use": np.uint8,
}
_BLOCK_COLUMNS = tuple(name for name in _KINDS if name not in {"flags", "present_use"})
