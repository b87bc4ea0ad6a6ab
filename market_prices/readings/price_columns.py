"""The records of one series as columns, with no object for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True, eq=False)
class SeriesColumns:
    """One series and what its records say, by date and time."""

    number: int
    """Of the series in the book."""
    key: Mapping[str, Any]
    """The columns of the series key."""
    marked: bool
    """A flag of the quality check is about one of its records."""
    facts: Mapping[str, np.ndarray]
    """Each (n,): ``date`` as datetime64[D], figures as float64 with NaN where there is none, texts as objects."""

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.facts["date"])
