"""Errors put into prices on purpose, of a fixed mix and from a seed, to measure how many are found.

The mix is that of slips seen in price books: one and two zeros too many, one too few, a figure from another column,
two digits in the wrong order, the price of another unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

KINDS = ("times_10", "times_100", "divided_by_10", "swapped_columns", "transposed_digits", "unit_swapped")
"""Equally many of each."""
UNITS = {"kg": (11.5, 46.0, 1 / 0.46, 2.875), "libra": (0.46, 25.0, 3.0), "unidad": (12.0, 30.0, 100.0)}
"""What a unit may be mistaken for, as factors of its price: the measures of Bolivian markets."""
OTHER_UNITS = (0.9, 4.0, 12.0)
"""The same, of all other units."""
DOLLAR = 6.96
"""Official exchange rate until 2025, BOB per US dollar."""


@dataclass(frozen=True, kw_only=True)
class Injected:
    """Prices with errors in them."""

    frame: pd.DataFrame
    """The rows given, some prices changed; same order and index."""
    errors: pd.DataFrame
    """One row an error: ``row`` (position in the frame), ``kind``, ``true``, ``written``, ``factor`` (≥ 1)."""


def inject_errors(frame: pd.DataFrame, *, count: int, seed: int) -> Injected:
    """Change ``count`` prices, at most one in three neighbours of a series, drawn without regard to their value.

    Parameters
    ----------
    frame
        Rows with ``series_id``, ``date``, ``price`` and ``quantity``; ``unit`` says which units may be mistaken.
    count
        Number of errors, spread evenly over :data:`KINDS`.
    seed
        Seed of the generator: same frame, same seed, same errors.

    Returns
    -------
    Injected
        Fewer errors than asked for where the frame has too few prices that a kind can change.
    """
    generator = np.random.default_rng(seed)
    prices = frame["price"].to_numpy(dtype=float).copy()
    quantities = frame["quantity"].to_numpy(dtype=float)
    series = frame["series_id"].to_numpy()
    order = generator.permutation(np.flatnonzero(np.isfinite(prices) & (prices > 0)))
    wanted = {kind: count // len(KINDS) + (n < count % len(KINDS)) for n, kind in enumerate(KINDS)}
    taken: set[int] = set()
    rows = []
    for at in map(int, order):
        open_kinds = [kind for kind in KINDS if wanted[kind]]
        if not open_kinds:
            break
        if any(step in taken and series[step] == series[at] for step in (at - 1, at + 1)):
            continue
        kind = open_kinds[int(generator.integers(len(open_kinds)))]
        written = _written(kind, float(prices[at]), float(quantities[at]), str(frame["unit"].iloc[at]), generator)
        if written is None:
            continue
        factor = max(written / prices[at], prices[at] / written)
        rows.append((at, kind, float(prices[at]), written, float(factor)))
        prices[at] = written
        taken.add(at)
        wanted[kind] -= 1
    errors = pd.DataFrame(rows, columns=["row", "kind", "true", "written", "factor"]).sort_values("row")
    return Injected(frame=frame.assign(price=prices), errors=errors.reset_index(drop=True))


def _written(kind: str, price: float, quantity: float, unit: str, generator: np.random.Generator) -> float | None:
    """Return what is written in place of a price; ``None`` where the slip would change nothing."""
    times = {"times_10": 10.0, "times_100": 100.0, "divided_by_10": 0.1}
    if kind in times:
        written = round(price * times[kind], 2)
    elif kind == "swapped_columns":
        # The two other figures of a row in the published files: its quantity, and its price in dollars.
        written = quantity if generator.random() < 0.5 else round(price / DOLLAR, 2)  # noqa: PLR2004  a fair coin
    elif kind == "transposed_digits":
        return _transposed(price, generator)
    else:
        ratios = UNITS.get(unit, OTHER_UNITS)
        ratio = ratios[int(generator.integers(len(ratios)))]
        written = round(price * ratio if generator.random() < 0.5 else price / ratio, 2)  # noqa: PLR2004  as above
    return written if written > 0 and written != price else None


def _transposed(price: float, generator: np.random.Generator) -> float | None:
    text = f"{price:.2f}"
    spots = [at for at, sign in enumerate(text) if sign.isdigit()]
    pairs = [pair for pair in pairwise(spots) if text[pair[0]] != text[pair[1]]]
    if not pairs:
        return None
    left, right = pairs[int(generator.integers(len(pairs)))]
    signs = list(text)
    signs[left], signs[right] = signs[right], signs[left]
    written = float("".join(signs))
    return written if written > 0 else None
