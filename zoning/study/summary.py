"""Hectares and shares by municipality, zone and class, closing exactly on the polygons they come from."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.errors import MissingError
from gis.messages import translator
from zoning.rules.uncertainty_rules import STABLE
from zoning.study.closed_figures import apportion

_ = translator("zoning")

KEYS = ("municipality", "municipality_name", "zone", "zone_name", "chain", "class")
"""What the hectares are counted by."""

COLUMNS = (*KEYS, "area_ha", "share", "stable_ha")
"""Columns of the table."""

CLOSED_COLUMNS = (*KEYS, "area_ha", "share", "percent", "stable_ha")
"""Columns of the table whose rounded figures add up."""

DECIMALS = 4
"""Digits of hectares and of per cent in the files of a study: one square metre."""

UNITS = {"area_ha": "ha", "share": "0 to 1", "percent": "%", "stable_ha": "ha"}
"""Unit of each column of figures, put in ``frame.attrs['units']``."""

CLASS_ORDER = ("S1", "S2", "S3", "N", "NR", "SD")
"""Classes from best to unknown."""


def summarise_zones(zones: gpd.GeoDataFrame, municipality: str | None = None) -> pd.DataFrame:
    """Add up the polygons of a zoning.

    Parameters
    ----------
    zones
        Polygons with their fields.
    municipality
        Six-digit code; ``None`` is every municipality.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`; ``area_ha`` in ha, ``share`` of the municipality, 0 to 1. Sorted by municipality, then the
        largest first. The hectares of a municipality add up to those of its polygons. ``stable_ha`` is the part, ha,
        in polygons that keep their zone in four of five draws or more; NaN where nothing was drawn.

    Raises
    ------
    gis.errors.MissingError
        There is no such municipality in the study.
    """
    rows = _rows(zones)
    if municipality is not None:
        rows = rows[rows["municipality"] == municipality]
        if rows.empty:
            raise MissingError(
                _("El estudio no tiene el municipio «{code}».").format(code=municipality),
                expected=_("Se esperaba uno de: {codes}").format(codes=", ".join(sorted(set(zones["municipality"])))),
            )
    table = _added(rows, list(KEYS))
    whole = table.groupby("municipality")["area_ha"].transform("sum")
    table["share"] = table["area_ha"] / whole
    table["_rank"] = table["class"].map({name: place for place, name in enumerate(CLASS_ORDER)})
    ordered = table.sort_values(["municipality", "area_ha", "zone", "_rank"], ascending=[True, False, True, True])
    return _with_units(ordered[list(COLUMNS)])


def summarise_territory(zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add up the polygons over all municipalities.

    Returns
    -------
    pandas.DataFrame
        ``zone, zone_name, chain, class, area_ha, share, stable_ha`` with the share of the whole territory, the
        largest first.

    Raises
    ------
    KeyError
        If a field is not there.
    """
    keys = ["zone", "zone_name", "chain", "class"]
    table = _added(_rows(zones), keys)
    table["share"] = table["area_ha"] / table["area_ha"].sum()
    ordered = table.sort_values(["area_ha", "zone", "class"], ascending=[False, True, True])
    return _with_units(ordered[[*keys, "area_ha", "share", "stable_ha"]])


def _rows(zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the polygons without their outlines, each with the hectares that are stable: all, none or unknown."""
    rows = pd.DataFrame(zones.drop(columns=zones.geometry.name))
    stability = rows.get("stability", pd.Series(np.nan, index=rows.index)).astype(float)
    rows["stable_ha"] = rows["area_ha"].where(stability >= STABLE, 0.0).where(stability.notna())
    return rows


def _added(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    grouped = rows.groupby(keys, dropna=False, sort=True)
    # Nothing drawn is unknown, not zero.
    return pd.DataFrame(
        {"area_ha": grouped["area_ha"].sum(), "stable_ha": grouped["stable_ha"].sum(min_count=1)}
    ).reset_index()


def closed_summary(
    table: pd.DataFrame, areas: Mapping[str, float] | None = None, *, decimals: int = DECIMALS
) -> pd.DataFrame:
    """Round a table of :func:`summarise_zones` so that every municipality still closes exactly.

    Parameters
    ----------
    table
        From :func:`summarise_zones`.
    areas
        ha of each municipality by its code; by default what its zones add up to.
    decimals
        Digits kept of hectares and of per cent; the share keeps two more.

    Returns
    -------
    pandas.DataFrame
        :data:`CLOSED_COLUMNS`. In every municipality ``area_ha`` adds up to its rounded area, ``percent`` to 100 and
        ``share`` to 1, by the largest remainder; ``stable_ha`` is rounded, never above ``area_ha``.
    """
    closed = table.copy()
    closed["percent"] = 0.0
    for code, rows in table.groupby("municipality", sort=False):
        parts = rows["area_ha"].to_numpy()
        whole = float(parts.sum()) if areas is None else float(areas[str(code)])
        closed.loc[rows.index, "area_ha"] = apportion(parts, whole, decimals=decimals)
        closed.loc[rows.index, "percent"] = apportion(parts, 100, decimals=decimals)
    closed["share"] = (closed["percent"] / 100).round(decimals + 2)
    closed["stable_ha"] = closed["stable_ha"].round(decimals).clip(upper=closed["area_ha"])
    return _with_units(closed[list(CLOSED_COLUMNS)])


def closed_totals(closed: pd.DataFrame, *, decimals: int = DECIMALS) -> pd.DataFrame:
    """Add up a table of :func:`closed_summary` over the municipalities, zone by zone and class by class.

    Returns
    -------
    pandas.DataFrame
        ``zone, zone_name, chain, class, area_ha, share, percent, stable_ha``, the largest first; ``area_ha`` adds up
        to the rounded areas of the municipalities and ``percent`` to 100.
    """
    keys = ["zone", "zone_name", "chain", "class"]
    table = _added(closed, keys)
    table[["area_ha", "stable_ha"]] = table[["area_ha", "stable_ha"]].round(decimals)
    table["percent"] = apportion(table["area_ha"].to_numpy(), 100, decimals=decimals)
    table["share"] = (table["percent"] / 100).round(decimals + 2)
    ordered = table.sort_values(["area_ha", "zone", "class"], ascending=[False, True, True])
    return _with_units(ordered[[*keys, "area_ha", "share", "percent", "stable_ha"]])


def summary_text(closed: pd.DataFrame, *, decimals: int = DECIMALS) -> str:
    """Return a table of :func:`closed_summary` as CSV with a decimal point and all its digits; unknown is empty."""
    written = closed.copy()
    digits = {"area_ha": decimals, "share": decimals + 2, "percent": decimals, "stable_ha": decimals}
    for name, places in digits.items():
        written[name] = ["" if pd.isna(value) else f"{value:.{places}f}" for value in closed[name]]
    return str(written.to_csv(index=False, lineterminator="\n"))


def _with_units(table: pd.DataFrame) -> pd.DataFrame:
    done = table.reset_index(drop=True)
    done.attrs["units"] = {name: unit for name, unit in UNITS.items() if name in done.columns}
    return done
