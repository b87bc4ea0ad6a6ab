"""Hectares and shares by municipality, zone and class, closing exactly on the polygons they come from."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from gis.errors import MissingError
from gis.messages import translator
from zoning.study.closed_figures import apportion

_ = translator("zoning")

KEYS = ("municipality", "municipality_name", "zone", "zone_name", "chain", "class")
"""What the hectares are counted by."""

COLUMNS = (*KEYS, "area_ha", "share")
"""Columns of the table."""

CLOSED_COLUMNS = (*COLUMNS, "percent")
"""Columns of the table whose rounded figures add up."""

DECIMALS = 4
"""Digits of hectares and of per cent in the files of a study: one square metre."""

UNITS = {"area_ha": "ha", "share": "0 to 1", "percent": "%"}
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
        largest first. The hectares of a municipality add up to those of its polygons.

    Raises
    ------
    gis.errors.MissingError
        There is no such municipality in the study.
    """
    rows = pd.DataFrame(zones.drop(columns=zones.geometry.name))
    if municipality is not None:
        rows = rows[rows["municipality"] == municipality]
        if rows.empty:
            raise MissingError(
                _("El estudio no tiene el municipio «{code}».").format(code=municipality),
                expected=_("Se esperaba uno de: {codes}").format(codes=", ".join(sorted(set(zones["municipality"])))),
            )
    table = rows.groupby(list(KEYS), dropna=False, sort=True)["area_ha"].sum().reset_index()
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
        ``zone, zone_name, chain, class, area_ha, share`` with the share of the whole territory, the largest first.

    Raises
    ------
    KeyError
        If a field is not there.
    """
    keys = ["zone", "zone_name", "chain", "class"]
    rows = pd.DataFrame(zones.drop(columns=zones.geometry.name))
    table = rows.groupby(keys, dropna=False, sort=True)["area_ha"].sum().reset_index()
    table["share"] = table["area_ha"] / table["area_ha"].sum()
    return _with_units(table.sort_values(["area_ha", "zone", "class"], ascending=[False, True, True]))


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
        ``share`` to 1, by the largest remainder.
    """
    closed = table.copy()
    closed["percent"] = 0.0
    for code, rows in table.groupby("municipality", sort=False):
        parts = rows["area_ha"].to_numpy()
        whole = float(parts.sum()) if areas is None else float(areas[str(code)])
        closed.loc[rows.index, "area_ha"] = apportion(parts, whole, decimals=decimals)
        closed.loc[rows.index, "percent"] = apportion(parts, 100, decimals=decimals)
    closed["share"] = (closed["percent"] / 100).round(decimals + 2)
    return _with_units(closed[list(CLOSED_COLUMNS)])


def closed_totals(closed: pd.DataFrame, *, decimals: int = DECIMALS) -> pd.DataFrame:
    """Add up a table of :func:`closed_summary` over the municipalities, zone by zone and class by class.

    Returns
    -------
    pandas.DataFrame
        ``zone, zone_name, chain, class, area_ha, share, percent``, the largest first; ``area_ha`` adds up to the
        rounded areas of the municipalities and ``percent`` to 100.
    """
    keys = ["zone", "zone_name", "chain", "class"]
    table = closed.groupby(keys, dropna=False, sort=True)["area_ha"].sum().reset_index()
    table["area_ha"] = table["area_ha"].round(decimals)
    table["percent"] = apportion(table["area_ha"].to_numpy(), 100, decimals=decimals)
    table["share"] = (table["percent"] / 100).round(decimals + 2)
    ordered = table.sort_values(["area_ha", "zone", "class"], ascending=[False, True, True])
    return _with_units(ordered[[*keys, "area_ha", "share", "percent"]])


def summary_text(closed: pd.DataFrame, *, decimals: int = DECIMALS) -> str:
    """Return a table of :func:`closed_summary` as CSV with a decimal point and all its digits."""
    written = closed.copy()
    for name, digits in (("area_ha", decimals), ("share", decimals + 2), ("percent", decimals)):
        written[name] = [f"{value:.{digits}f}" for value in closed[name]]
    return str(written.to_csv(index=False, lineterminator="\n"))


def _with_units(table: pd.DataFrame) -> pd.DataFrame:
    done = table.reset_index(drop=True)
    done.attrs["units"] = {name: unit for name, unit in UNITS.items() if name in done.columns}
    return done
