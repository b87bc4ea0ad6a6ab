"""Which cells of a grid lie inside a territory, and where each of them stands in a flat column.

A territory fills about half of its box, so that columns of its cells alone take half the memory of rasters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False, kw_only=True)
class CellPlaces:
    """Cells inside, in row-major order."""

    inside: npt.NDArray[np.bool_]
    """Shape (rows, cols)."""
    row_offset: npt.NDArray[np.int64]
    """Place of the first cell of each row, shape (rows + 1,)."""

    @classmethod
    def of(cls, inside: npt.NDArray[np.bool_]) -> CellPlaces:
        """Return the places of the cells of a mask.

        Examples
        --------
        >>> places = CellPlaces.of(np.array([[True, False], [True, True]]))
        >>> places.rows(1, 2)
        slice(1, 3, None)
        """
        offsets = np.zeros(inside.shape[0] + 1, dtype=np.int64)
        np.cumsum(inside.sum(axis=1), out=offsets[1:])
        return cls(inside=inside, row_offset=offsets)

    @property
    def size(self) -> int:
        """Number of cells inside."""
        return int(self.row_offset[-1])

    def rows(self, start: int, stop: int) -> slice:
        """Return where the cells of rows ``start`` to ``stop`` (not included) stand."""
        return slice(int(self.row_offset[start]), int(self.row_offset[stop]))

    def spread(self, column: npt.NDArray[Any], *, fill: float = 0) -> npt.NDArray[Any]:
        """Return a flat column as a raster of shape (rows, cols), ``fill`` outside.

        Examples
        --------
        >>> CellPlaces.of(np.array([[True, False]])).spread(np.array([7]), fill=0)
        array([[7, 0]])
        """
        raster = np.full(self.inside.shape, fill, dtype=column.dtype)
        raster[self.inside] = column
        return raster
