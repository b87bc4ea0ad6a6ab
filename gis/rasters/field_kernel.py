"""The compiled loop that reads a coarse field at the cells of a fine grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.jit import compiled


@compiled()
def _between(lattice: NDArray[np.float64], row: int, col: int, spacing: int) -> float:
    """Return the value of a lattice, linear between its places, at a cell of the grid."""
    up, left = row // spacing, col // spacing
    down_share, right_share = (row % spacing) / spacing, (col % spacing) / spacing
    north = lattice[up, left] * (1 - right_share) + lattice[up, left + 1] * right_share
    south = lattice[up + 1, left] * (1 - right_share) + lattice[up + 1, left + 1] * right_share
    return float(north * (1 - down_share) + south * down_share)


@compiled()
def _blend(
    values: NDArray[np.float64],
    cells: tuple[int, int, int, int],
    right_share: float,
    down_share: float,
    means: NDArray[np.float64],
) -> None:
    """Fill ``means`` with the bilinear mean of four cells, of rows ``up`` and ``down``, of every band."""
    up, down, left, right = cells
    left_share, up_share = 1 - right_share, 1 - down_share
    for band in range(np.uint64(means.size)):  # a number without sign needs no look from the end of the array
        upper = values[up, left, band] * left_share + values[up, right, band] * right_share
        lower = values[down, left, band] * left_share + values[down, right, band] * right_share
        means[band] = upper * up_share + lower * down_share


@compiled()
def _without_missing(
    north: tuple[float, float], south: tuple[float, float], right_share: float, down_share: float, home: float
) -> float:
    """Return the bilinear mean of the corners that have a value; NaN where the cell that holds the place has none."""
    total, weight = 0.0, 0.0
    if np.isnan(home):
        return home
    for corner in range(4):
        value = (south if corner > 1 else north)[corner % 2]
        share = (right_share if corner % 2 else 1 - right_share) * (down_share if corner > 1 else 1 - down_share)
        if share > 0 and not np.isnan(value):
            total += share * value
            weight += share
    return total / weight


@compiled()
def _leave_out_missing(
    values: NDArray[np.float64],
    cells: tuple[int, int, int, int],
    right_share: float,
    down_share: float,
    means: NDArray[np.float64],
) -> None:
    """Fill ``means`` as :func:`_blend` does, from the corners that have a value."""
    up, down, left, right = cells
    home_row, home_col = down if down_share >= 0.5 else up, right if right_share >= 0.5 else left  # noqa: PLR2004
    for band in range(means.size):
        north = (values[up, left, band], values[up, right, band])
        south = (values[down, left, band], values[down, right, band])
        means[band] = _without_missing(north, south, right_share, down_share, values[home_row, home_col, band])


@compiled()
def sample_field(  # noqa: PLR0917  compiled code takes its arguments by position
    values: NDArray[np.float64],
    native_top: int,
    native_rows: int,
    lattice_col: NDArray[np.float64],
    lattice_row: NDArray[np.float64],
    first_row: int,
    spacing: int,
    slopes: NDArray[np.float64],
    covariate: NDArray[np.float32],
    inside: NDArray[np.bool_],
    out: NDArray[np.float32],
) -> None:
    """Fill ``out`` (bands, rows, cols) with the bilinear reading of ``values`` plus slopes times the covariate.

    Parameters
    ----------
    values
        Native cells, shape (native rows held, native cols, bands), NaN where missing.
    native_top
        Native row that the first one held is.
    native_rows
        Native rows that the source has.
    lattice_col, lattice_row
        Fractional native column and row (0 = centre of the first cell) at every ``spacing``-th cell of the grid.
    first_row
        Row of the grid that the first row of ``out`` is.
    spacing
        Cells between two places of the lattice.
    slopes
        One per band; ``covariate`` of shape (1, 1) means none.
    covariate, inside
        Shape (rows, cols), or (1, 1) when there is none.
    """
    native_cols, bands = values.shape[1], values.shape[2]
    rows, cols = out.shape[1], out.shape[2]
    masked = inside.size > 1 or rows * cols == 1
    varied = covariate.size > 1 or rows * cols == 1
    means = np.empty(bands)
    for row in range(rows):
        for col in range(cols):
            absent = (masked and not inside[row, col]) or (varied and np.isnan(covariate[row, col]))
            x = 0.0 if absent else _between(lattice_col, first_row + row, col, spacing)
            y = 0.0 if absent else _between(lattice_row, first_row + row, col, spacing)
            if absent or x < -0.5 or y < -0.5 or x > native_cols - 0.5 or y > native_rows - 0.5:  # noqa: PLR2004
                for band in range(bands):
                    out[band, row, col] = np.nan
                continue
            along = covariate[row, col] if varied else np.float32(0)
            left, up = int(np.floor(x)), int(np.floor(y))
            right_share, down_share = x - left, y - up
            right, down = min(left + 1, native_cols - 1), min(up + 1, native_rows - 1) - native_top
            left, up = max(left, 0), max(up, 0) - native_top
            _blend(values, (up, down, left, right), right_share, down_share, means)
            if np.isnan(means.sum()):
                _leave_out_missing(values, (up, down, left, right), right_share, down_share, means)
            for band in range(bands):
                out[band, row, col] = means[band] + slopes[band] * along
