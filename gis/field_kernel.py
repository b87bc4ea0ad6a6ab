"""The compiled loop that reads a coarse field at the cells of a fine grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.jit import compiled


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
        lattice_y = (first_row + row) // spacing
        share_y = ((first_row + row) % spacing) / spacing
        for col in range(cols):
            lattice_x = col // spacing
            share_x = (col % spacing) / spacing
            north = lattice_col[lattice_y, lattice_x] * (1 - share_x) + lattice_col[lattice_y, lattice_x + 1] * share_x
            south = (
                lattice_col[lattice_y + 1, lattice_x] * (1 - share_x)
                + lattice_col[lattice_y + 1, lattice_x + 1] * share_x
            )
            x = north * (1 - share_y) + south * share_y
            north = lattice_row[lattice_y, lattice_x] * (1 - share_x) + lattice_row[lattice_y, lattice_x + 1] * share_x
            south = (
                lattice_row[lattice_y + 1, lattice_x] * (1 - share_x)
                + lattice_row[lattice_y + 1, lattice_x + 1] * share_x
            )
            y = north * (1 - share_y) + south * share_y
            out_of_source = x < -0.5 or y < -0.5 or x > native_cols - 0.5 or y > native_rows - 0.5  # noqa: PLR2004
            if out_of_source or (masked and not inside[row, col]) or (varied and np.isnan(covariate[row, col])):
                for band in range(bands):
                    out[band, row, col] = np.nan
                continue
            left, up = int(np.floor(x)), int(np.floor(y))
            right_share, down_share = x - left, y - up
            right, down = min(left + 1, native_cols - 1), min(up + 1, native_rows - 1)
            left, up = max(left, 0), max(up, 0)
            home_col, home_row = min(int(x + 0.5), native_cols - 1), min(int(y + 0.5), native_rows - 1)
            along = covariate[row, col] if varied else np.float32(0)
            for band in range(bands):
                if np.isnan(values[band, home_row, home_col]):
                    out[band, row, col] = np.nan
                    continue
                total, weight = 0.0, 0.0
                for corner in range(4):
                    corner_row = down if corner >= 2 else up  # noqa: PLR2004  the lower two corners
                    corner_col = right if corner % 2 else left
                    share = (down_share if corner >= 2 else 1 - down_share) * (  # noqa: PLR2004
                        right_share if corner % 2 else 1 - right_share
                    )
                    value = values[band, corner_row, corner_col]
                    if share > 0 and not np.isnan(value):
                        total += share * value
                        weight += share
                out[band, row, col] = total / weight + slopes[band] * along
