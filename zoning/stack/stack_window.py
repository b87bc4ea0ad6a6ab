"""Rectangles of a stack that are zoned by themselves, and how a stack is cut into them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gis.messages import translator

_ = translator("zoning")

BLOCK = 256
"""Side of a block of the file of codes, cells; strips of as many rows are read and written."""

CHUNK_BLOCKS = 4
"""Blocks side by side in one piece of work: a quarter of a million cells, some hundredths of a second."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """A rectangle of cells: rows and columns from 0, the ends not included."""

    row_start: int
    """First row."""
    row_stop: int
    """The row after the last."""
    col_start: int
    """First column."""
    col_stop: int
    """The column after the last."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.row_stop - self.row_start, self.col_stop - self.col_start

    @property
    def cells(self) -> tuple[slice, slice]:
        """Its place in an array of the whole grid."""
        return slice(self.row_start, self.row_stop), slice(self.col_start, self.col_stop)

    def __str__(self) -> str:
        """Say where it lies."""
        return _("filas {top} a {bottom}, columnas {left} a {right}").format(
            top=self.row_start, bottom=self.row_stop - 1, left=self.col_start, right=self.col_stop - 1
        )


class Rows(NamedTuple):
    """Rows of a strip, from 0, the end not included."""

    start: int
    stop: int

    def __str__(self) -> str:
        """Say which they are."""
        return _("filas {top} a {bottom}").format(top=self.start, bottom=self.stop - 1)


def cut_windows(
    held: npt.NDArray[np.bool_], shape: tuple[int, int], *, wide: int, within: Window | None = None
) -> Iterator[Window]:
    """Cut a grid into rectangles one block high, row by row, leaving out those without a cell inside.

    Parameters
    ----------
    held
        Which blocks hold a cell inside, shape (block rows, block columns).
    shape
        Rows and columns of the grid.
    wide
        Blocks side by side, at most.
    within
        Cells wanted; ``None`` is all.

    Examples
    --------
    >>> import numpy as np
    >>> held = np.array([[True, False, False], [False, False, True]])
    >>> [str(each) for each in cut_windows(held, (300, 700), wide=2)]
    ['filas 0 a 255, columnas 0 a 511', 'filas 256 a 299, columnas 512 a 699']
    """
    limit = within or Window(row_start=0, row_stop=shape[0], col_start=0, col_stop=shape[1])
    for row in range(limit.row_start // BLOCK, -(-limit.row_stop // BLOCK)):
        for col in range(limit.col_start // BLOCK, -(-limit.col_stop // BLOCK), wide):
            if held[row, col : col + wide].any():
                yield Window(
                    row_start=max(row * BLOCK, limit.row_start),
                    row_stop=min((row + 1) * BLOCK, limit.row_stop),
                    col_start=max(col * BLOCK, limit.col_start),
                    col_stop=min((col + wide) * BLOCK, limit.col_stop),
                )
