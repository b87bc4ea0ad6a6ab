"""Somebody who looks on while the strips of a run are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class LandWatcher(Protocol):
    """Is shown every strip of rows ``start`` to ``stop`` (not included), from any thread; must not change anything."""

    def see_months(self, theme: str, start: int, stop: int, monthly: Floats) -> None:
        """Look at a monthly layer, shape (12, cells of the strip)."""

    def see_columns(self, start: int, stop: int, columns: Mapping[str, Floats]) -> None:
        """Look at the characteristics, by key, each of shape (cells of the strip,)."""
