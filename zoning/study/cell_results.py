"""What the kernel says of every cell of a territory, kept flat: only cells inside it are stored.

Thirty million cells of a territory's box would cost twice the memory of the fifteen million inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from zoning.land.cell_places import CellPlaces
from zoning.rules.limits import SD

if TYPE_CHECKING:
    from zoning.rating.kernel import BlockResult


@dataclass(frozen=True, eq=False, kw_only=True)
class StripResult:
    """Flat columns over some cells, in row-major order; meanings as in ``BlockResult``. It can be pickled."""

    zone: npt.NDArray[np.uint8]
    """Zone number, 0 outside."""
    cls: npt.NDArray[np.uint8]
    """Class of the zone here."""
    score: npt.NDArray[np.float32]
    """Score of the crop that speaks for it, 0 to 1, NaN where not rated."""
    land_use_type: npt.NDArray[np.int16]
    """Its best variant, −1 where none."""
    limiting: npt.NDArray[np.int16]
    """Characteristic with the lowest rating, −1 where none."""
    limiting_value: npt.NDArray[np.float32]
    """Value of that characteristic, in its unit."""
    second_limiting: npt.NDArray[np.int16]
    """Characteristic with the second lowest rating, −1 where none."""
    runner_up: npt.NDArray[np.uint8]
    """Number of the next zone that could claim the cell, 0 where none."""
    runner_up_class: npt.NDArray[np.uint8]
    """Its class."""
    margin: npt.NDArray[np.float32]
    """Score of the winner minus that of the runner-up, NaN where there is none."""
    incomplete: npt.NDArray[np.uint16]
    """As in ``BlockResult``; in cells without data the bits of :func:`zoning.study.required_data.required_gaps`."""
    flags: npt.NDArray[np.uint8]
    """Bits :data:`zoning.land.precedence.RESTRICTED`, ``LEGAL`` and ``REACHED``."""
    present_use: npt.NDArray[np.uint8]
    """Code of the mapped present use, 0 where none is mapped."""

    aptitude: npt.NDArray[np.uint8]
    """Class code of each zone asked for, whoever won the cell, shape (zones, cells); no rows where none was asked."""

    @classmethod
    def empty(cls, cells: int, *, aptitudes: int = 0) -> Self:
        """Reserve the columns for some cells, and for the aptitudes of so many zones."""
        columns: dict[str, Any] = {name: np.zeros(cells, dtype=kind) for name, kind in _KINDS.items()}
        return cls(aptitude=np.zeros((aptitudes, cells), dtype=np.uint8), **columns)

    def put(self, place: slice | npt.NDArray[np.int32], block: BlockResult) -> None:
        """Store what the kernel says of some cells, flags and present use apart; threads may store different ones."""
        for name in _BLOCK_COLUMNS:
            getattr(self, name)[place] = getattr(block, name)
        for row, each in enumerate(block.aptitudes):
            self.aptitude[row, place] = each.cls

    def spread(self, block: BlockResult, kind: npt.NDArray[np.int32]) -> None:
        """Store what was found of each kind of cells in all cells of that kind, as far as a kind knows it.

        Parameters
        ----------
        block
            What the kernel says of one cell of each kind.
        kind
            Number of each cell's kind.
        """
        bare = block.cls == SD
        for name in ("zone", "cls", "runner_up", "runner_up_class"):
            np.take(getattr(block, name), kind, out=getattr(self, name))
        np.take(np.where(bare, block.incomplete, np.uint16(0)), kind, out=self.incomplete)
        for row, each in enumerate(block.aptitudes):
            np.take(each.cls, kind, out=self.aptitude[row])
        for name in ("score", "limiting_value", "margin"):
            getattr(self, name)[:] = np.nan
        for name in ("land_use_type", "limiting", "second_limiting"):
            getattr(self, name)[:] = -1

    def put_strip(self, place: slice, strip: StripResult) -> None:
        """Store what was found of a strip."""
        for name in _KINDS:
            getattr(self, name)[place] = getattr(strip, name)
        self.aptitude[:, place] = strip.aptitude


@dataclass(frozen=True, eq=False, kw_only=True)
class CellResults(StripResult):
    """The cells of a whole territory."""

    places: CellPlaces
    """Which cells are stored, and where."""

    @classmethod
    def of(cls, places: CellPlaces, *, aptitudes: int = 0) -> CellResults:
        """Reserve the columns for the cells inside, and for the aptitudes of so many zones."""
        columns = vars(StripResult.empty(places.size, aptitudes=aptitudes))
        return cls(places=places, **columns)


_KINDS: dict[str, Any] = {
    "zone": np.uint8,
    "cls": np.uint8,
    "score": np.float32,
    "land_use_type": np.int16,
    "limiting": np.int16,
    "limiting_value": np.float32,
    "second_limiting": np.int16,
    "runner_up": np.uint8,
    "runner_up_class": np.uint8,
    "margin": np.float32,
    "incomplete": np.uint16,
    "flags": np.uint8,
    "present_use": np.uint8,
}
_BLOCK_COLUMNS = tuple(name for name in _KINDS if name not in {"flags", "present_use"})
