"""Stored cells: how values with a unit become the whole or floating numbers of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputError
from gis.messages import translator

_ = translator("gis")

CellType = Literal["float32", "int16", "uint8", "uint16", "int32"]
"""Cell types a file of the house may have."""

NODATA: dict[str, float] = {"float32": float("nan"), "int16": -32768, "uint8": 0, "uint16": 65535, "int32": -(2**31)}
"""Stored value that usually means missing, by cell type."""

_WORTH_COMPILING = 1 << 16
"""Cells from which the compiled loop is worth its start."""


@dataclass(frozen=True, kw_only=True)
class CellSteps:
    """How values are stored: ``value = stored · scale + offset``."""

    dtype: CellType = "float32"
    """Cell type."""
    scale: float = 1.0
    """Value of one stored step, in the unit of the band."""
    offset: float = 0.0
    """Value of a stored 0, in the unit of the band."""


def encode(values: NDArray[Any], *, dtype: CellType, scale: float, nodata: float, offset: float = 0.0) -> NDArray[Any]:
    """Turn values into stored cells: scaled, rounded for whole numbers, ``nodata`` where NaN.

    Parameters
    ----------
    values
        Any shape, NaN where missing.
    dtype
        Cell type.
    scale, offset
        ``value = stored · scale + offset``.
    nodata
        Stored value that means missing.

    Raises
    ------
    InputError
        When a value does not fit the cell type, or would be taken for missing.

    Examples
    --------
    >>> encode(np.array([1.234, np.nan]), dtype="int16", scale=0.01, nodata=-32768)
    array([   123, -32768], dtype=int16)
    """
    array = np.asarray(values)
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    if array.dtype == np.float32 and array.ndim == 2 and dtype != "float32" and array.size >= _WORTH_COMPILING:  # noqa: PLR2004
        from gis.rasters.cells_kernel import store_cells  # noqa: PLC0415  the compiler is paid for by who stores much

        whole, steps = np.empty(array.shape, dtype), np.iinfo(dtype)
        if store_cells(array, np.float32(scale), np.float32(offset), steps.min, steps.max, int(nodata), whole):
            return whole
    if offset:
        array = array - offset
    if dtype == "float32":
        stored = (array / np.float32(scale)) if scale != 1.0 else array
        return stored.astype(np.float32) if np.isnan(nodata) else np.where(np.isnan(stored), nodata, stored)
    if array.dtype.kind in "iu" and scale == 1.0:
        rounded, missing = array, None
    else:
        missing = ~np.isfinite(array)
        rounded = np.where(missing, 0.0, np.rint(array / scale))
    limits = np.iinfo(dtype)
    if rounded.size and (rounded.min() < limits.min or rounded.max() > limits.max):
        raise InputError(
            _("Valores de {low} a {high} no caben en {dtype}").format(
                low=float(rounded.min()) * scale + offset, high=float(rounded.max()) * scale + offset, dtype=dtype
            ),
            expected=_("Se esperaban valores entre {low} y {high}").format(
                low=limits.min * scale + offset, high=limits.max * scale + offset
            ),
            remedy=_("Revise la unidad de la capa"),
        )
    cells = rounded.astype(dtype)
    if missing is not None:
        cells[missing] = int(nodata)
    return cells
