"""The minimum mapping unit on a code raster: patches too small to be drawn join a neighbour."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.messages import translator

_ = translator("gis")

Codes = npt.NDArray[np.uint8]


def minimum_cells(min_area_m2: float, *, cell: float) -> int:
    """Return the smallest whole number of cells that covers ``min_area_m2``.

    Parameters
    ----------
    min_area_m2
        Minimum mapping unit, m².
    cell
        Side of a cell, m.

    Raises
    ------
    InputError
        If the area is negative or the cell is not positive.

    Examples
    --------
    >>> minimum_cells(400_000, cell=30)
    445
    """
    if not (math.isfinite(min_area_m2) and math.isfinite(cell) and min_area_m2 >= 0 and cell > 0):
        raise InputError(
            _("Unidad mínima de {area} m² con celda de {cell} m").format(area=min_area_m2, cell=cell),
            expected=_("Se esperaba un área no negativa y una celda mayor que cero"),
        )
    return max(1, math.ceil(min_area_m2 / cell**2 * (1 - 1e-12)))


def merge_small_patches(codes: Codes, *, min_cells: int, frozen: frozenset[int], outside: int = 0) -> Codes:
    """Merge the 4-connected patches below ``min_cells`` into their neighbours, smallest first.

    The smallest patch joins the neighbour with which it shares the longest border and takes its code; other neighbours
    of that code join too, for they now touch. This repeats until no patch is below ``min_cells``, except frozen ones
    and those that have only frozen patches or the outside around them. Ties are broken by location: the patch whose
    first cell, row by row, comes first; the numbers used as codes play no part.

    Parameters
    ----------
    codes
        (rows, cols) uint8 code of each cell; not changed.
    min_cells
        Smallest number of cells a patch may have.
    frozen
        Codes that neither disappear nor receive.
    outside
        Code of the cells that belong to nothing; it neither disappears nor receives.

    Returns
    -------
    numpy.ndarray
        (rows, cols) uint8, a new array.

    Raises
    ------
    InputError
        If ``codes`` is not a two-dimensional uint8 array with cells, or ``min_cells`` is below 1.

    Examples
    --------
    >>> codes = np.array([[1, 1, 1], [1, 2, 3], [1, 1, 3]], dtype=np.uint8)
    >>> merge_small_patches(codes, min_cells=2, frozen=frozenset()).tolist()
    [[1, 1, 1], [1, 1, 3], [1, 1, 3]]
    >>> merge_small_patches(codes, min_cells=2, frozen=frozenset({2})).tolist()
    [[1, 1, 1], [1, 2, 3], [1, 1, 3]]
    """
    _require_input(codes, min_cells)
    return _merged(codes, min_cells=min_cells, still=np.array([*sorted(frozen), outside], dtype=np.int64))


def _require_input(codes: Codes, min_cells: int) -> None:
    if codes.ndim != 2 or codes.dtype != np.uint8 or codes.size == 0:  # noqa: PLR2004  rows and columns
        raise InputError(
            _("Matriz de códigos de forma {shape} y tipo {dtype}").format(shape=codes.shape, dtype=codes.dtype),
            expected=_("Se esperaba una matriz de dos dimensiones de tipo uint8 con al menos una celda"),
        )
    if min_cells < 1:
        raise InputError(
            _("Unidad mínima de {cells} celdas").format(cells=min_cells), expected=_("Se esperaba al menos 1")
        )


def _merged(codes: Codes, *, min_cells: int, still: npt.NDArray[np.int64]) -> Codes:
    from gis.coverage import patch_kernels, region_merge  # noqa: PLC0415  the compiler is for those who merge

    labels, sizes, patch_codes = patch_kernels.label_patches(np.ascontiguousarray(codes))
    receives = ~np.isin(patch_codes, still)
    movable = receives & (sizes < min_cells)
    result = codes.copy()
    if not movable.any():
        return result
    starts, neighbours = patch_kernels.patch_borders(labels, movable, receives)
    small = np.flatnonzero(movable)
    small = small[np.argsort(sizes[small], kind="stable")]
    code = patch_codes.astype(np.int64)
    root = region_merge.merge_regions(
        sizes.astype(np.float64),
        code,
        ~receives,
        starts,
        neighbours,
        np.empty(0),
        sizes[small].astype(np.float64),
        small.astype(np.int32),
        small.size,
        float(min_cells),
    )
    patch_kernels.recode(labels, root, code, result)
    return result
