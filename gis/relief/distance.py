"""Straight-line distance to the nearest marked cell."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.errors import GridError
from gis.grid import Grid
from gis.messages import translator

_ = translator("gis")


def distance_to(mask: NDArray[Any], grid: Grid) -> NDArray[np.float32]:
    """Return the exact Euclidean distance between cell centres to the nearest marked cell.

    Parameters
    ----------
    mask
        bool, shape (rows, cols).
    grid
        Gives the cell, m, and the shape.

    Returns
    -------
    numpy.ndarray
        float32 m, shape (rows, cols); infinite everywhere when nothing is marked.

    Raises
    ------
    GridError
        When the mask has another shape.

    Examples
    --------
    >>> grid = Grid.covering((0, 0, 90, 30), crs="EPSG:32720", cell=30)
    >>> distance_to(np.array([[True, False, False]]), grid)
    array([[ 0., 30., 60.]], dtype=float32)
    """
    if mask.shape != grid.shape:
        raise GridError(
            _("Máscara de forma {shape}").format(shape=mask.shape),
            expected=_("Se esperaba {expected}").format(expected=grid.shape),
        )
    from gis.relief.distance_kernel import columns_pass, rows_pass  # noqa: PLC0415  only who computes pays for the compiler

    marked = np.ascontiguousarray(mask, dtype=np.bool_)
    far = grid.rows + grid.cols + 1
    reach = np.empty(grid.shape, np.int32)
    columns_pass(marked, reach, far)
    out = np.empty(grid.shape, np.float32)
    rows_pass(reach, far, float(grid.cell), out)
    return out
