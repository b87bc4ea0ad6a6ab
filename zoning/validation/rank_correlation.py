"""Spearman's rank correlation for few places, with a probability that ties do not spoil."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from gis.errors import InputError
from gis.messages import translator

_ = translator("zoning")

Floats = npt.NDArray[np.float64]

_BOUNDS = {
    5: 1.0, 6: 0.886, 7: 0.786, 8: 0.738, 9: 0.700, 10: 0.648, 11: 0.618, 12: 0.587,
    13: 0.560, 14: 0.538, 15: 0.521, 16: 0.503, 17: 0.488, 18: 0.472, 19: 0.460, 20: 0.447,
}  # fmt: skip
"""Exact two-sided critical values at .05 (Zar 1984, table B.20; Ramsey 1989)."""

_SHUFFLES = 20_000
_SEED = 20_140_522
_FEWEST = 3


@dataclass(frozen=True, kw_only=True)
class RankCorrelation:
    """How far two orders agree."""

    rho: float | None
    """−1 to 1; ``None`` where one of the two does not vary or there are fewer than three places."""
    places: int
    """n."""
    p_value: float | None
    """Share of random orders that agree or disagree at least as much, by 20,000 shuffles with a fixed seed."""
    bound: float | None
    """What |rho| must reach for p < .05 with so many places; ``None`` where no value can."""

    @property
    def reached(self) -> bool:
        """Whether the bound is reached."""
        return self.rho is not None and self.bound is not None and abs(self.rho) >= self.bound


def rank_bound(places: int) -> float | None:
    """Return what |rho| must reach for a two-sided p < .05.

    Parameters
    ----------
    places
        n. Above 20 by Student's t, which then errs by less than .01.

    Examples
    --------
    >>> rank_bound(11), rank_bound(4)
    (0.618, None)
    """
    if places in _BOUNDS:
        return _BOUNDS[places]
    if places < min(_BOUNDS):
        return None
    t = float(stats.t.ppf(0.975, places - 2))
    return t / math.sqrt(places - 2 + t * t)


def rank_correlation(one: npt.ArrayLike, other: npt.ArrayLike) -> RankCorrelation:
    """Compare two orders of the same places.

    Parameters
    ----------
    one, other
        A value for each place, shape (n,); equal values share their mean rank.

    Raises
    ------
    gis.errors.InputError
        The shapes differ, or a value is no number.

    Examples
    --------
    >>> rank_correlation([1, 2, 3, 4, 5], [10, 20, 30, 40, 50]).rho
    1.0
    """
    left, right = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    if left.shape != right.shape or left.ndim != 1 or not (np.isfinite(left).all() and np.isfinite(right).all()):
        raise InputError(
            _("Valores de forma {one} y {other} para comparar").format(one=left.shape, other=right.shape),
            expected=_("Se esperaban dos números por lugar, ninguno ausente"),
        )
    places = len(left)
    if places < _FEWEST or np.ptp(left) == 0 or np.ptp(right) == 0:
        return RankCorrelation(rho=None, places=places, p_value=None, bound=rank_bound(places))
    a, b = _standard(stats.rankdata(left)), _standard(stats.rankdata(right))
    rho = float(np.clip(a @ b, -1.0, 1.0))
    random = np.random.default_rng(_SEED)
    shuffled = random.permuted(np.broadcast_to(b, (_SHUFFLES, places)), axis=1) @ a
    # The order found is one of those that chance may give, hence the two ones.
    as_far = int((np.abs(shuffled) >= abs(rho) - 1e-9).sum())
    p_value = (as_far + 1) / (_SHUFFLES + 1)
    return RankCorrelation(rho=round(rho, 12), places=places, p_value=p_value, bound=rank_bound(places))


def _standard(ranks: Floats) -> Floats:
    centred = ranks - ranks.mean()
    unit: Floats = centred / np.sqrt(centred @ centred)
    return unit
