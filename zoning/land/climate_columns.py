"""Climatic characteristics of many cells at once, one monthly layer after the other."""

from __future__ import annotations

from collections.abc import Callable, Container

import numpy as np
import numpy.typing as npt

from zoning.land import climate_indices
from zoning.land.land_inventory import CLIMATE_LAYERS
from zoning.rules.characteristic import Characteristic
from zoning.seasons import Calendar, window_months

Floats = npt.NDArray[np.float32]

CHUNK_CELLS = 8_192
"""Cells whose twelve months stay near the processor while every window over them is summed: eight times as fast."""

_WHOLE_YEAR = tuple(range(1, 13))


def monthly_themes(wanted: tuple[Characteristic, ...], there: Container[str]) -> tuple[str, ...]:
    """Return the monthly layers that wanted characteristics read, as far as they are there, mean before maximum."""
    names = {each.name for each in wanted}
    if "huglin" in names:
        names |= {"temp_mean", "temp_max"}
    return tuple(theme for theme, gives in CLIMATE_LAYERS.items() if names & set(gives) and theme in there)


def climate_columns(
    wanted: tuple[Characteristic, ...],
    themes: tuple[str, ...],
    months_of: Callable[[str], Floats],
    *,
    frost_offset: float,
    calendar: Calendar,
) -> dict[str, Floats]:
    """Measure the climatic ones of the wanted characteristics.

    Parameters
    ----------
    wanted
        Characteristics; those that are not climatic are passed over.
    themes
        Monthly layers that are there, mean before maximum.
    months_of
        Reads one of them: shape (12, cells), NaN where missing.
    frost_offset
        From the mean to the extreme of the minima, degC.
    calendar
        Months of the territory's hemisphere.

    Returns
    -------
    dict
        Characteristic key to float32 values, shape (cells,).

    Raises
    ------
    gis.errors.VallesError
        What ``months_of`` raises.
    """
    found: dict[str, Floats] = {}
    kept: Floats | None = None
    vineyard = window_months(*calendar.vineyard_months)
    wants_huglin = any(each.name == "huglin" for each in wanted)
    windows = {each.key: each.month_numbers or _WHOLE_YEAR for each in wanted}
    for theme in themes:
        monthly = months_of(theme)
        asked = [each for each in wanted if each.name in CLIMATE_LAYERS[theme]]
        huglin = theme == "temperature_max" and wants_huglin and kept is not None
        for each in asked:
            found[each.key] = np.empty(monthly.shape[1], dtype=np.float32)
        if huglin:
            found["huglin"] = np.empty(monthly.shape[1], dtype=np.float32)
        for first in range(0, monthly.shape[1], CHUNK_CELLS):
            part = slice(first, first + CHUNK_CELLS)
            for each in asked:
                months = windows[each.key]
                found[each.key][part] = _column(
                    each, months, monthly[:, part], frost_offset=frost_offset, calendar=calendar
                )
            if huglin and kept is not None:
                found["huglin"][part] = climate_indices.huglin_index(kept[:, part], monthly[:, part], vineyard)
        if theme == "temperature_mean" and wants_huglin:
            kept = monthly
    return found


def _column(
    each: Characteristic, months: tuple[int, ...], monthly: Floats, *, frost_offset: float, calendar: Calendar
) -> Floats:
    if each.name in {"temp_annual", "temp_mean", "temp_min", "temp_max"}:
        return climate_indices.season_mean(monthly, months)
    if each.name in {"rain_annual", "rain_season"}:
        return climate_indices.season_total(monthly, months)
    if each.name == "extreme_min":
        return climate_indices.extreme_minimum(monthly, months, offset=frost_offset)
    if each.name == "gdd":
        return climate_indices.growing_degree_days(monthly, window_months(*calendar.warm_months))
    if each.name == "chill_hours":
        return climate_indices.chill_hours(monthly[calendar.coldest_month - 1])
    return climate_indices.fournier_index(monthly)
