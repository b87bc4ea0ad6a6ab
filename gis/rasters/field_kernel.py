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
def _blend(corners: tuple[float, float, float, float], right_share: float, down_share: float, home: float) -> float:
    """Return the bilinear mean of the corners that have a value; NaN where the cell that holds the place has none."""
    north_west, north_east, south_west, south_east = corners
    upper = north_west * (1 - right_share) + north_east * right_share
    lower = south_west * (1 - right_share) + south_east * right_share
    mean = upper * (1 - down_share) + lower * down_share
    if not np.isnan(mean) or np.isnan(home):
        return mean if not np.isnan(home) else home
    total, weight = 0.0, 0.0
    for corner in range(4):
        value = corners[corner]
        share = (right_share if corner % 2 else 1 - right_share) * (down_share if corner > 1 else 1 - down_share)
        if share > 0 and not np.isnan(value):
            total += share * value
            weight += share
    return total / weight


@compiled()
def sample_field(  # noqa: PLR0917  compiled code takes its arguments by position
    values: NDArray[np.float64],
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
        Native cells, shape (bands, native rows, native cols), NaN where missing.
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
    bands, native_rows, native_cols = values.shape
    rows, cols = out.shape[1], out.shape[2]
    masked = inside.size > 1 or rows * cols == 1
    varied = covariate.size > 1 or rows * cols == 1
    for row in range(rows):
        for col in range(cols):
            x = _between(lattice_col, first_row + row, col, spacing)
            y = _between(lattice_row, first_row + row, col, spacing)
            out_of_source = x < -0.5 or y < -0.5 or x > native_cols - 0.5 or y > native_rows - 0.5  # noqa: PLR2004
            if out_of_source or (masked and not inside[row, col]) or (varied and np.isnan(covariate[row, col])):
                for band in range(bands):
                    out[band, row, col] = np.nan
                continue
            along = covariate[row, col] if varied else np.float32(0)
            left, up = int(np.floor(x)), int(np.floor(y))
            right_share, down_share = x - left, y - up
            right, down = min(left + 1, native_cols - 1), min(up + 1, native_rows - 1)
            left, up = max(left, 0), max(up, 0)
            home_col, home_row = (right if right_share >= 0.5 else left), (down if down_share >= 0.5 else up)  # noqa: PLR2004
            for band in range(bands):
                corners = (
                    values[band, up, left],
                    values[band, up, right],
                    values[band, down, left],
                    values[band, down, right],
                )
                mean = _blend(corners, right_share, down_share, values[band, home_row, home_col])
                out[band, row, col] = mean + slopes[band] * along
