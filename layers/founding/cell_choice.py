"""The side of a territory's cells: the finest that its land can be computed with."""

from __future__ import annotations

import math

CELLS_M = (30.0, 60.0, 90.0, 120.0, 150.0, 250.0, 500.0, 1000.0, 2000.0)
"""Sides that are offered, m: that of open elevation models, and round multiples above it."""
MOST_CELLS = 100_000_000
"""Cells of the box around a territory beyond which the next larger side is taken: 12 months of one theme are then
1.2 thousand million values, about ten minutes of preparation."""


def choose_cell(width_m: float, height_m: float) -> float:
    """Return the finest side at which the box of a territory has at most :data:`MOST_CELLS` cells, m.

    Examples
    --------
    >>> choose_cell(150_000, 200_000), choose_cell(1_300_000, 1_460_000)
    (30.0, 150.0)
    """
    fitting = (cell for cell in CELLS_M if math.ceil(width_m / cell) * math.ceil(height_m / cell) <= MOST_CELLS)
    return next(fitting, CELLS_M[-1])
