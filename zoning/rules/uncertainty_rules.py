"""The table ``[uncertainty]`` of a ``ruleset.toml``: how far every number may be from the truth."""

from __future__ import annotations

import math

from gis.messages import translator
from zoning.rules.rules_toml import Table
from zoning.rules.ruleset import Spread

_ = translator("zoning")

STABLE = 0.8
"""Share of the draws from which a zone counts as sure (METHOD §8)."""

_RANGES: dict[str, tuple[float, float]] = {
    "temperature_degc": (0.0, 20.0),
    "rain_percent": (0.0, 50.0),
    "limit_percent": (0.0, 100.0),
    "weight_concentration": (1.0, math.inf),
    "elevation_m": (0.0, 1_000.0),
    "elevation_length_m": (1.0, 100_000.0),
    "lapse_degc_per_km": (-20.0, 0.0),
    "realisations": (1.0, 100.0),
}
"""Least and most of each key."""

_ADDED = {
    "elevation_m": Spread.elevation_m,
    "elevation_length_m": Spread.elevation_length_m,
    "lapse_degc_per_km": Spread.lapse_degc_per_km,
    "realisations": float(Spread.realisations),
}
"""Keys that a file may leave out, with what is taken then."""


def read_uncertainty(root: Table) -> Spread:
    """Read ``[uncertainty]``, which files of before the draws call ``[spread]``.

    Parameters
    ----------
    root
        The whole file.

    Raises
    ------
    zoning.zoning_errors.RulesError
        A key is missing, unknown or out of its range; the message names the line.
    """
    table = root.table("spread" if "spread" in root.data else "uncertainty")
    found = {key: _number(table, key) for key in _RANGES}
    spread = Spread(
        temperature_degc=found["temperature_degc"],
        rain_percent=found["rain_percent"],
        limit_percent=found["limit_percent"],
        weight_concentration=found["weight_concentration"],
        elevation_m=found["elevation_m"],
        elevation_length_m=found["elevation_length_m"],
        lapse_degc_per_km=found["lapse_degc_per_km"],
        realisations=int(found["realisations"]),
        source=table.source(),
    )
    table.close()
    return spread


def _number(table: Table, key: str) -> float:
    value = table.number(key, _ADDED.get(key))
    least, most = _RANGES[key]
    if not least <= value <= most or (key == "realisations" and value != int(value)):
        found = _("una concentración de {value:g}") if key == "weight_concentration" else _("el valor {value:g}")
        wanted = (
            _("Se esperaba entre {least:g} y {most:g}") if math.isfinite(most) else _("Se esperaba {least:g} o más")
        )
        raise table.refusal(found.format(value=value), key=key, expected=wanted.format(least=least, most=most))
    return value
