"""Which cells of a grid are wanted, kept as runs: a few numbers a row, whatever the size of the grid."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from gis.errors import GridError
from gis.messages import translator

_ = translator("gis")


class CellRuns:
    """Cells of a grid that are wanted.

    Parameters
    ----------
    strips
        Whether each cell is wanted, bool of shape (rows, cols), strip after strip from the top.

    Examples
    --------
    >>> wanted = CellRuns([np.array([[False, True, True]]), np.array([[True, False, False]])])
    >>> wanted.rows(1, 2)
    array([[ True, False, False]])
    """

    def __init__(self, strips: Iterable[NDArray[np.bool_]]) -> None:
        starts: list[NDArray[np.int32]] = []
        counts: list[NDArray[np.int64]] = []
        self._cols = 0
        for strip in strips:
            self._cols = strip.shape[1]
            edged = np.zeros((strip.shape[0], self._cols + 1), np.bool_)
            edged[:, :-1] = strip
            changes = np.empty_like(edged)
            changes[:, 0] = edged[:, 0]
            np.not_equal(edged[:, 1:], edged[:, :-1], out=changes[:, 1:])
            starts.append(np.nonzero(changes)[1].astype(np.int32))
            counts.append(changes.sum(axis=1))
        self._changes = np.concatenate(starts) if starts else np.empty(0, np.int32)
        self._first = np.concatenate([[0], *counts]).cumsum()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return len(self._first) - 1, self._cols

    def any(self) -> bool:
        """Say whether any cell is wanted."""
        return bool(len(self._changes))

    def rows(self, start: int, stop: int) -> NDArray[np.bool_]:
        """Return whether each cell of some rows is wanted, shape (stop − start, cols).

        Raises
        ------
        GridError
            The rows are not inside the grid.
        """
        if not 0 <= start < stop <= self.shape[0]:
            raise GridError(
                _("Filas {start} a {stop}").format(start=start, stop=stop),
                expected=_("Se esperaban filas entre 0 y {rows}").format(rows=self.shape[0]),
            )
        wanted = np.zeros((stop - start, self._cols), np.bool_)
        for row in range(start, stop):
            changes = self._changes[self._first[row] : self._first[row + 1]]
            for left, right in zip(changes[::2], changes[1::2], strict=True):
                wanted[row - start, left:right] = True
        return wanted
