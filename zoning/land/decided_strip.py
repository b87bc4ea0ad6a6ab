"""What is decided in a strip of rows before any crop is asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False, kw_only=True)
class Strip:
    """Precedence in the wanted cells of a strip, each of shape (cells,)."""

    decided: Codes
    """Zone number fixed before the competition, 0 where zones compete."""
    residual: Codes
    """Zone number for what no zone takes."""
    flags: Codes
    """Bits of :data:`zoning.land.precedence.RESTRICTED` and ``LEGAL``."""
    present_use: Codes
    """Index into :data:`zoning.land.precedence.PRESENT_USES`."""
