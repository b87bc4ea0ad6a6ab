"""Which cells of a study are drawn: all of them where that is cheap, else every second or third in each direction.

A systematic sample keeps the study's own cells: without spread a sampled cell has the very zone it has on the map.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.grid import Grid

CHEAP_CELL_DRAWS = 60_000_000
"""Cells times draws up to which every cell is drawn: a few seconds on two cores."""

WIDEST_STEP_M = 90.0
"""Sampled cells lie at most this far apart, m."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SampleCells:
    """A systematic sample of the cells of a grid: the middle one of each square of ``step`` by ``step``."""

    step: int
    """Cells from one sampled cell to the next."""
    grid: Grid
    """Grid whose cells each hold one sampled cell."""
    inside: npt.NDArray[np.bool_]
    """Sampled cells inside the territory, on the grid of the study, shape (rows, cols)."""

    @property
    def coarse(self) -> npt.NDArray[np.bool_]:
        """Cells of :attr:`grid` whose sampled cell lies inside, in the order of the sampled cells."""
        middle = self.step // 2
        mask = np.zeros(self.grid.shape, dtype=np.bool_)
        found = self.inside[middle :: self.step, middle :: self.step]
        mask[: found.shape[0], : found.shape[1]] = found
        return mask


def sample_cells(inside: npt.NDArray[np.bool_], grid: Grid, *, draws: int) -> SampleCells:
    """Choose the cells to draw.

    Parameters
    ----------
    inside
        Cells of the territory, shape (rows, cols).
    grid
        Grid of the study.
    draws
        Number of draws.

    Examples
    --------
    >>> grid = Grid.covering((0, 0, 300, 300), crs="EPSG:32720", cell=30)
    >>> sample_cells(np.ones(grid.shape, np.bool_), grid, draws=20).step
    1
    """
    cells = int(inside.sum())
    widest = max(int(WIDEST_STEP_M / grid.cell * (1 + 1e-9)), 1)
    step = next((each for each in range(1, widest) if cells * draws <= CHEAP_CELL_DRAWS * each * each), widest)
    chosen = np.zeros_like(inside)
    middle = step // 2
    chosen[middle::step, middle::step] = inside[middle::step, middle::step]
    return SampleCells(step=step, grid=grid.coarser(step), inside=chosen)
