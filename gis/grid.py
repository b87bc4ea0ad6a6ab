"""The grid: reference system in metres, square cell and shape, with axes that cannot be swapped."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyproj
from affine import Affine
from numpy.typing import NDArray

from gis.crs import require_metres
from gis.errors import GridError
from gis.messages import translator

_ = translator("gis")

Bounds = tuple[float, float, float, float]
"""Left, bottom, right, top."""


class RowCol(NamedTuple):
    """A cell: row from the top, column from the left, both from 0."""

    row: int
    col: int


class XY(NamedTuple):
    """A place in the unit of the grid's reference system: x to the east, y to the north."""

    x: float
    y: float


@dataclass(frozen=True)
class Grid:
    """A raster's place on the ground.

    Raises
    ------
    CrsError
        When the reference system is not in metres: geographic grids cannot be built.
    GridError
        When the cell or the shape is not positive, or a number is not finite.
    """

    crs: pyproj.CRS
    """Projected reference system in metres."""
    cell: float
    """Side of a square cell, m."""
    kw: KW_ONLY
    left: float
    """x of the left edge, m."""
    top: float
    """y of the top edge, m."""
    rows: int
    """Number of rows."""
    cols: int
    """Number of columns."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "crs", require_metres(self.crs, what=_what()))
        numbers = (self.cell, self.left, self.top)
        if not all(math.isfinite(value) for value in numbers) or self.cell <= 0:
            raise GridError(
                _("La grilla tiene celda {cell} y esquina ({left}, {top})").format(
                    cell=self.cell, left=self.left, top=self.top
                ),
                expected=_("Se esperaba una celda positiva en metros y una esquina finita"),
            )
        if self.rows < 1 or self.cols < 1:
            raise GridError(
                _("La grilla tiene {rows} filas y {cols} columnas").format(rows=self.rows, cols=self.cols),
                expected=_("Se esperaba al menos una fila y una columna"),
            )

    @classmethod
    def covering(cls, bounds: Bounds, *, crs: Any, cell: float, margin: int = 0) -> Grid:  # noqa: ANN401  any CRS text
        """Return the smallest grid over ``bounds`` whose edges are whole multiples of the cell.

        Parameters
        ----------
        bounds
            Left, bottom, right, top in the unit of ``crs``, m.
        crs
            Anything that names a projected reference system in metres.
        cell
            Side of a cell, m.
        margin
            Cells added on each side.

        Raises
        ------
        CrsError
            When ``crs`` is not in metres.
        GridError
            When the bounds are empty, not finite or in the wrong order.

        Examples
        --------
        >>> Grid.covering((5, 5, 95, 35), crs="EPSG:32720", cell=30).bounds
        (0, 0, 120, 60)
        """
        left, bottom, right, top = bounds
        if not all(math.isfinite(value) for value in bounds) or right <= left or top <= bottom:
            raise GridError(
                _("Extensión vacía o desordenada: {bounds}").format(bounds=tuple(bounds)),
                expected=_("Se esperaba izquierda < derecha y abajo < arriba"),
            )
        if not math.isfinite(cell) or cell <= 0:
            raise GridError(
                _("Celda de {cell} m").format(cell=cell), expected=_("Se esperaba una celda positiva en metros")
            )
        first_col, last_col = math.floor(left / cell) - margin, math.ceil(right / cell) + margin
        first_row, last_row = math.floor(bottom / cell) - margin, math.ceil(top / cell) + margin
        return cls(
            require_metres(crs, what=_what()),
            cell,
            left=first_col * cell,
            top=last_row * cell,
            rows=last_row - first_row,
            cols=last_col - first_col,
        )

    @cached_property
    def transform(self) -> Affine:
        """Affine transform from (column, row) to (x, y)."""
        return Affine(self.cell, 0.0, self.left, 0.0, -self.cell, self.top)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return (self.rows, self.cols)

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.rows * self.cols

    @property
    def right(self) -> float:
        """Return x of the right edge, m."""
        return self.left + self.cols * self.cell

    @property
    def bottom(self) -> float:
        """Return y of the bottom edge, m."""
        return self.top - self.rows * self.cell

    @property
    def bounds(self) -> Bounds:
        """Left, bottom, right, top, m."""
        return (self.left, self.bottom, self.right, self.top)

    @property
    def cell_area_ha(self) -> float:
        """Area of a cell on the map plane, ha."""
        return self.cell * self.cell / 10_000.0

    @property
    def xs(self) -> NDArray[np.float64]:
        """Return x of the cell centres, m, shape (cols,)."""
        return np.asarray(self.left + (np.arange(self.cols) + 0.5) * self.cell, dtype=np.float64)

    @property
    def ys(self) -> NDArray[np.float64]:
        """Return y of the cell centres from the top, m, shape (rows,)."""
        return np.asarray(self.top - (np.arange(self.rows) + 0.5) * self.cell, dtype=np.float64)

    def rowcol(self, x: float, y: float) -> RowCol:
        """Return the cell that holds a place.

        Parameters
        ----------
        x, y
            Place in the unit of the grid, m.

        Raises
        ------
        GridError
            When the place is outside the grid.

        Examples
        --------
        >>> Grid.covering((0, 0, 90, 60), crs="EPSG:32720", cell=30).rowcol(31, 59)
        RowCol(row=0, col=1)
        """
        if not (self.left <= x < self.right and self.bottom < y <= self.top):
            raise GridError(
                _("El punto ({x:.0f}, {y:.0f}) cae fuera del territorio").format(x=x, y=y),
                expected=_("Se esperaba un punto dentro de {bounds}").format(bounds=self.bounds),
            )
        row, col = math.floor((self.top - y) / self.cell), math.floor((x - self.left) / self.cell)
        return RowCol(min(row, self.rows - 1), min(col, self.cols - 1))

    def xy(self, row: int, col: int) -> XY:
        """Return the centre of a cell.

        Raises
        ------
        GridError
            When the cell is outside the grid.
        """
        if not (0 <= row < self.rows and 0 <= col < self.cols):
            raise GridError(
                _("La celda (fila {row}, columna {col}) no existe").format(row=row, col=col),
                expected=_("Se esperaba una fila menor que {rows} y una columna menor que {cols}").format(
                    rows=self.rows, cols=self.cols
                ),
            )
        return XY(self.left + (col + 0.5) * self.cell, self.top - (row + 0.5) * self.cell)

    def coarser(self, factor: int) -> Grid:
        """Return the grid with cells ``factor`` times as large and the same upper left corner, covering this one.

        Raises
        ------
        GridError
            When the factor is below 1.
        """
        if factor < 1:
            raise GridError(_("Factor {factor}").format(factor=factor), expected=_("Se esperaba 1 o más"))
        return Grid(
            self.crs,
            self.cell * factor,
            left=self.left,
            top=self.top,
            rows=-(-self.rows // factor),
            cols=-(-self.cols // factor),
        )

    def finer(self, factor: int) -> Grid:
        """Return the grid with cells ``factor`` times smaller over exactly the same bounds.

        Raises
        ------
        GridError
            When the factor is below 1.
        """
        if factor < 1:
            raise GridError(_("Factor {factor}").format(factor=factor), expected=_("Se esperaba 1 o más"))
        return Grid(
            self.crs,
            self.cell / factor,
            left=self.left,
            top=self.top,
            rows=self.rows * factor,
            cols=self.cols * factor,
        )

    def rows_window(self, start: int, stop: int) -> Grid:
        """Return the grid of rows ``start`` to ``stop`` (not included).

        Raises
        ------
        GridError
            When the rows are not inside the grid.
        """
        if not 0 <= start < stop <= self.rows:
            raise GridError(
                _("Filas {start} a {stop}").format(start=start, stop=stop),
                expected=_("Se esperaban filas entre 0 y {rows}").format(rows=self.rows),
            )
        return Grid(
            self.crs, self.cell, left=self.left, top=self.top - start * self.cell, rows=stop - start, cols=self.cols
        )

    def strips(self, rows: int) -> Iterator[tuple[int, int]]:
        """Yield (start, stop) of strips of at most ``rows`` rows, from the top.

        Examples
        --------
        >>> list(Grid.covering((0, 0, 30, 150), crs="EPSG:32720", cell=30).strips(2))
        [(0, 2), (2, 4), (4, 5)]
        """
        for start in range(0, self.rows, max(rows, 1)):
            yield start, min(start + max(rows, 1), self.rows)

    def same_as(self, other: Grid) -> bool:
        """Say whether two grids have the same cells."""
        return (self.shape, self.cell, self.left, self.top) == (other.shape, other.cell, other.left, other.top) and (
            self.crs == other.crs
        )


def _what() -> str:
    return _("La grilla")
