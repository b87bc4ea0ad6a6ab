"""ALPS, the alert for price spikes: how far a price lies above what trend and season explain.

Source: World Food Programme and CERDI (2014), *Calculation and use of the Alert for Price Spikes (ALPS) indicator*.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from market_prices.indicators.ordered_classes import ordered_classes

MINIMUM_MONTHS = 36
"""With fewer priced months, trend and twelve seasons are not told apart: no figure."""
LIMITS = (0.25, 1.0, 2.0)
CLASSES = ("normal", "stress", "alert", "crisis")
"""Below .25, below 1, below 2, and from 2 on (standard deviations)."""
_FLAT = 1e-9
_MONTHS = 12


def alps(prices: pd.Series) -> pd.Series:
    """Return (P − P̂) / sd(residuals), with P̂ = a + b·t + a dummy per calendar month fitted by least squares.

    The fit uses the whole series, so that a new month moves the figures of the months before it.

    Parameters
    ----------
    prices
        Prices by month (complete PeriodIndex, NaN in gaps), nominal or real; t counts calendar months.

    Returns
    -------
    pandas.Series
        Standard deviations (ddof 1), NaN where there is no price; all NaN with fewer than :data:`MINIMUM_MONTHS`
        prices, or where trend and season explain everything.
    """
    values = prices.to_numpy(dtype=float)
    priced = ~np.isnan(values)
    nothing = pd.Series(np.nan, index=prices.index, dtype=float)
    if int(priced.sum()) < MINIMUM_MONTHS:
        return nothing
    months = np.asarray(pd.PeriodIndex(prices.index).month)
    time = np.arange(len(values), dtype=float)
    dummies = (months[:, None] == np.arange(2, _MONTHS + 1)).astype(float)
    design = np.column_stack([np.ones(len(values)), time - time.mean(), dummies])
    scale = float(np.abs(values[priced]).mean())
    fit = np.linalg.lstsq(design[priced], values[priced] / scale, rcond=None)[0]
    residuals = values / scale - design @ fit
    spread = float(np.std(residuals[priced], ddof=1))
    return nothing if spread < _FLAT else pd.Series(residuals / spread, index=prices.index)


def alps_classes(values: npt.ArrayLike) -> np.ndarray:
    """Return the class of each ALPS: ``normal``, ``stress``, ``alert`` or ``crisis``; ``None`` where there is none.

    Examples
    --------
    >>> alps_classes([-3.0, 0.25, 1.0, 2.0, np.nan]).tolist()
    ['normal', 'stress', 'alert', 'crisis', None]
    """
    return ordered_classes(values, LIMITS, CLASSES)
