"""The cells of a source in its own projection: north up, in degrees or metres, not always square."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass

import pyproj
from affine import Affine

from gis.errors import GridError
from gis.grid import Bounds
from gis.messages import translator

_ = translator("gis")

_SLACK = 1e-3
"""Share of a cell by which two lattices may differ and still be one: tiles state their corner in rounded numbers."""
_EDGE = 1e-6


@dataclass(frozen=True, eq=False)
class Lattice:
    """Rows and columns of cells in the axes of a reference system.

    Unlike :class:`gis.grid.Grid` it may be in degrees and its cells need not be square: it holds the cells as a
    product publishes them, before anything is brought onto the grid of a territory.

    Raises
    ------
    GridError
        When a cell or the shape is not positive.

    Examples
    --------
    >>> world = Lattice(pyproj.CRS("EPSG:4326"), left=-180, top=90, width=0.5, height=0.5, rows=360, cols=720)
    >>> world.over((-64.6, -18.9, -64.1, -18.6)).bounds
    (-65.0, -19.0, -64.0, -18.5)
    """

    crs: pyproj.CRS
    kw: KW_ONLY
    left: float
    """x of the left edge, in the unit of ``crs``."""
    top: float
    """y of the top edge, in the unit of ``crs``."""
    width: float
    """Width of a cell, in the unit of ``crs``."""
    height: float
    """Height of a cell, in the unit of ``crs``."""
    rows: int
    cols: int

    def __post_init__(self) -> None:
        numbers = (self.left, self.top, self.width, self.height)
        if not all(math.isfinite(each) for each in numbers) or min(self.width, self.height, self.rows, self.cols) <= 0:
            raise GridError(
                _("Celdas de {width} × {height}, {rows} filas y {cols} columnas").format(
                    width=self.width, height=self.height, rows=self.rows, cols=self.cols
                ),
                expected=_("Se esperaban celdas con el norte arriba y al menos una fila y una columna"),
            )

    @property
    def transform(self) -> Affine:
        """From (column, row) to the coordinates of ``crs``."""
        return Affine(self.width, 0.0, self.left, 0.0, -self.height, self.top)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return self.rows, self.cols

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.rows * self.cols

    @property
    def bounds(self) -> Bounds:
        """Left, bottom, right, top in the unit of ``crs``."""
        return (
            self.left,
            self.top - self.rows * self.height,
            self.left + self.cols * self.width,
            self.top,
        )

    def over(self, bounds: Bounds, *, margin: int = 0) -> Lattice:
        """Return the whole cells that touch ``bounds``, also beyond the edge of this lattice.

        Parameters
        ----------
        bounds
            Left, bottom, right, top in the unit of ``crs``.
        margin
            Cells added on each side.
        """
        left, bottom, right, top = bounds
        first_col = math.floor((left - self.left) / self.width + _EDGE) - margin
        last_col = math.ceil((right - self.left) / self.width - _EDGE) + margin
        first_row = math.floor((self.top - top) / self.height + _EDGE) - margin
        last_row = math.ceil((self.top - bottom) / self.height - _EDGE) + margin
        return self.part(first_row, last_row, first_col, last_col)

    def part(self, row_start: int, row_stop: int, col_start: int, col_stop: int) -> Lattice:
        """Return rows and columns of this lattice as one of their own; they may lie beyond its edge."""
        return Lattice(
            self.crs,
            left=self.left + col_start * self.width,
            top=self.top - row_start * self.height,
            width=self.width,
            height=self.height,
            rows=row_stop - row_start,
            cols=col_stop - col_start,
        )

    def place_of(self, other: Lattice, *, what: str) -> tuple[int, int]:
        """Return the row and column of this lattice at which another one's first cell lies.

        Raises
        ------
        GridError
            When the cells of the two are not the same: another size, or shifted by part of a cell.
        """
        row, col = (self.top - other.top) / self.height, (other.left - self.left) / self.width
        drift = max(
            abs(row - round(row)),
            abs(col - round(col)),
            abs(other.width / self.width - 1.0) * max(other.cols, self.cols),
            abs(other.height / self.height - 1.0) * max(other.rows, self.rows),
        )
        if drift > _SLACK * 10:
            raise GridError(
                _("{what}: sus celdas no calzan con las de sus vecinas (esquina {left}, {top}; celda {cell})").format(
                    what=what, left=other.left, top=other.top, cell=(other.width, other.height)
                ),
                expected=_("Se esperaban celdas de {cell} corridas un número entero de celdas").format(
                    cell=(self.width, self.height)
                ),
                remedy=_("El archivo no es la tesela que su nombre dice: vuelva a descargarlo"),
            )
        return round(row), round(col)

    def meets(self, other: Lattice) -> bool:
        """Say whether the two share any ground."""
        one, two = self.bounds, other.bounds
        slack = _SLACK * self.width
        return (
            one[0] < two[2] - slack and two[0] < one[2] - slack and one[1] < two[3] - slack and two[1] < one[3] - slack
        )
