"""What a systematic sample of the cells of a run knows of each, so that rules are tried without reading any layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False, kw_only=True)
class LandSample:
    """What is known of the sampled cells before any rule is asked; every array ends with shape (cells,)."""

    step: int
    """Every how many rows and columns a cell was taken."""
    row: npt.NDArray[np.int32]
    """Row of each cell in the grid of the run."""
    col: npt.NDArray[np.int32]
    """Its column."""
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
