"""The water ratio of every land-use type at a point, with the coefficients it rests on."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from zoning.land.water_balance import Floats, water_balance
from zoning.rules.land_use_types import LandUseType

_THEMES = ("temperature_mean", "temperature_min", "temperature_max", "precipitation")


@cache
def coefficients() -> dict[str, Any]:
    """Return ``crop_coefficients.toml``: ``source``, and ``kc`` and ``days`` of each crop."""
    text = files("zoning").joinpath("data", "crop_coefficients.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def water_record(kind: LandUseType, monthly: dict[str, Floats], *, latitude: float) -> dict[str, Any] | None:
    """Return ``ratio, demand_mm, effective_rain_mm, source`` of a land-use type, JSON-ready.

    ``None`` where FAO-56 has no coefficient of the crop, or a month of its season is missing.

    Parameters
    ----------
    kind
        Crop and window.
    monthly
        As in :func:`zoning.land.water_balance.water_balance`; empty where a layer is missing.
    latitude
        Degrees, south negative.
    """
    known = coefficients()["crops"].get(kind.crop)
    if known is None or any(name not in monthly for name in _THEMES):
        return None
    series = {name: np.asarray(monthly[name], dtype=np.float64) for name in _THEMES}
    found = water_balance(series, kind.window, tuple(known["kc"]), tuple(known["days"]), latitude=latitude)
    if found is None:
        return None
    return {
        "ratio": round(found.ratio, 3),
        "demand_mm": round(found.demand_mm, 1),
        "effective_rain_mm": round(found.effective_rain_mm, 1),
        "source": str(coefficients()["source"]),
    }
