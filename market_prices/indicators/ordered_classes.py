"""Putting a figure into the class of its interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def ordered_classes(values: npt.ArrayLike, limits: Sequence[float], names: Sequence[str]) -> np.ndarray:
    """Return the name of the interval of each figure; a limit belongs to the interval above it.

    Parameters
    ----------
    values
        (n,) figures; NaN has no class and becomes ``None``.
    limits
        (k,) ascending.
    names
        (k + 1,) from the lowest interval to the highest.
    """
    figures = np.asarray(values, dtype=float)
    found = np.array(names, dtype=object)[np.searchsorted(limits, figures, side="right")]
    found[np.isnan(figures)] = None
    return np.asarray(found, dtype=object)
