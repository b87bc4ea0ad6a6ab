"""A systematic sample of the cells of a territory: every n-th row and column."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from zoning.land.cell_places import CellPlaces

SAMPLE_CELLS = 150_000
"""Cells looked at, at most: the sampling error of a share is then below 0.13 % of the territory."""


class CellSample:
    """Which cells are taken, and where they stand.

    Parameters
    ----------
    places
        Cells inside the territory.
    most
        Cells to take, at most.
    """

    def __init__(self, places: CellPlaces, *, most: int = SAMPLE_CELLS) -> None:
        self.step = max(1, math.ceil(math.sqrt(places.size / most)))
        """Every how many rows and columns a cell is taken."""
        first = self.step // 2
        self.chosen: npt.NDArray[np.bool_] = np.zeros(places.inside.shape, dtype=np.bool_)
        """Shape (rows, cols)."""
        self.chosen[first :: self.step, first :: self.step] = places.inside[first :: self.step, first :: self.step]
        self.row, self.col = (part.astype(np.int32) for part in np.nonzero(self.chosen))
        self._offset = np.concatenate([[0], np.cumsum(self.chosen.sum(axis=1))])
        self._rows = places.row_offset
        # Rows of the sample are few: their cells are counted row by row, not over the whole territory.
        flat = [
            self._rows[row] + np.cumsum(places.inside[row])[self.chosen[row]] - 1
            for row in np.flatnonzero(np.diff(self._offset)).tolist()
        ]
        self._flat = np.concatenate([np.zeros(0, dtype=np.int64), *flat]).astype(np.int64)

    @property
    def cells(self) -> int:
        """Number of cells taken."""
        return len(self.row)

    def within(self, start: int, stop: int) -> tuple[slice, npt.NDArray[np.int64]]:
        """Return where the sampled cells of some rows stand in the sample, and where among the rows' cells inside."""
        place = slice(int(self._offset[start]), int(self._offset[stop]))
        return place, self._flat[place] - self._rows[start]
