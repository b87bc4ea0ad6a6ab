"""A systematic sample of the cells of a run, taken while the run reads them, so that nothing is read twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zoning.land.cell_places import CellPlaces
from zoning.land.cell_sample import SAMPLE_CELLS, CellSample
from zoning.land.decided_strip import Strip
from zoning.land.land_inventory import CLIMATE_LAYERS
from zoning.land.precedence import LEGAL

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]

NAMES = frozenset(name for names in CLIMATE_LAYERS.values() for name in names) | {"huglin"}
"""Characteristics that come from the monthly climate, which is kept instead."""


@dataclass(frozen=True, eq=False, kw_only=True)
class LandSample:
    """What is known of the sampled cells before any rule is asked; every array ends with shape (cells,)."""

    step: int
    """Every how many rows and columns a cell was taken."""
    row: npt.NDArray[np.int32]
    col: npt.NDArray[np.int32]
    monthly: Mapping[str, Floats]
    """Theme to its twelve months, shape (12, cells), degC or mm, NaN where missing."""
    columns: Mapping[str, Floats]
    """Characteristics that do not come from the climate, by key, NaN where missing."""
    decided: Codes
    """Zone number fixed before the competition, 0 where zones compete."""
    residual: Codes
    """Zone number of what no zone takes."""
    legal: npt.NDArray[np.bool_]
    """Whether the law decided."""
    present_use: Codes
    """Code of the mapped present use."""
    opened: npt.NDArray[np.uint32]
    """Gates that a scenario opens, as bits in the order of the rules of the run."""
    municipality: npt.NDArray[np.str_]
    """Six-digit codes."""

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.row)


class Sampler:
    """Takes every n-th row and column of the cells of a run; strips may come from several threads.

    Parameters
    ----------
    places
        Cells of the run.
    unit
        Number of the municipality of each cell of the grid, from 1 in the order of ``codes``, shape (rows, cols).
    codes
        Six-digit codes.
    most
        Cells to take, at most.
    """

    def __init__(
        self, places: CellPlaces, unit: npt.NDArray[np.uint16], codes: tuple[str, ...], *, most: int = SAMPLE_CELLS
    ) -> None:
        self._sample = CellSample(places, most=most)
        self.step = self._sample.step
        self._municipality = np.array(["", *codes])[unit[self._sample.chosen]]
        self._monthly: dict[str, Floats] = {}
        self._kept: dict[str, npt.NDArray[Any]] = {}

    @property
    def cells(self) -> int:
        """Number of cells taken."""
        return self._sample.cells

    def see_months(self, theme: str, start: int, stop: int, monthly: Floats) -> None:
        """Keep the months of the sampled cells of a strip."""
        place, inner = self._sample.within(start, stop)
        if theme not in self._monthly:
            self._monthly.setdefault(theme, np.full((monthly.shape[0], self.cells), np.nan, dtype=np.float32))
        self._monthly[theme][:, place] = monthly[:, inner]

    def see_columns(self, start: int, stop: int, columns: Mapping[str, Floats]) -> None:
        """Keep the characteristics of the sampled cells that do not come from the monthly climate."""
        for key, values in columns.items():
            if key.split("@")[0] not in NAMES:
                self._keep(f"column {key}", start, stop, values)

    def see_opened(self, start: int, stop: int, opened: npt.NDArray[np.uint32]) -> None:
        """Keep the gates that a scenario opens in the sampled cells."""
        self._keep("opened", start, stop, opened)

    def see_strip(self, start: int, stop: int, strip: Strip) -> None:
        """Keep what is decided in the sampled cells."""
        self._keep("decided", start, stop, strip.decided)
        self._keep("residual", start, stop, strip.residual)
        self._keep("legal", start, stop, (strip.flags & np.uint8(LEGAL)) > 0)
        self._keep("present_use", start, stop, strip.present_use)

    def sample(self) -> LandSample:
        """Return what was kept; every strip of the run must have been seen."""
        kept = self._kept
        return LandSample(
            step=self.step,
            row=self._sample.row,
            col=self._sample.col,
            monthly=self._monthly,
            columns={
                key.removeprefix("column "): values for key, values in sorted(kept.items()) if key.startswith("column ")
            },
            decided=kept["decided"],
            residual=kept["residual"],
            legal=kept["legal"],
            present_use=kept["present_use"],
            opened=kept["opened"],
            municipality=self._municipality,
        )

    def _keep(self, name: str, start: int, stop: int, values: npt.NDArray[Any]) -> None:
        place, inner = self._sample.within(start, stop)
        if name not in self._kept:
            self._kept.setdefault(name, np.zeros(self.cells, dtype=values.dtype))
        self._kept[name][place] = values[inner]
