"""What is not known leaves a document as ``None``: neither NaN, which is no JSON, nor 0, which would be a claim."""

from __future__ import annotations

import math


def known(value: float | None) -> float | None:
    """Return ``value`` as a plain number, ``None`` where it is none.

    Examples
    --------
    >>> known(0.5), known(float("nan")), known(None)
    (0.5, None, None)
    """
    return None if value is None or not math.isfinite(value) else float(value)
