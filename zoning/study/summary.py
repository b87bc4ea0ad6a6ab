"""Hectares and shares by municipality, zone and class, closing exactly on the polygons they come from."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from gis.errors import MissingError
from gis.messages import translator

_ = translator("zoning")

KEYS = ("municipality", "municipality_name", "zone", "zone_name", "chain", "class")
"""What the hectares are counted by."""

COLUMNS = (*KEYS, "area_ha", "share")
"""Columns of the table."""

UNITS = {"area_ha": "ha", "share": "0 to 1"}
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


def _with_units(table: pd.DataFrame) -> pd.DataFrame:
    done = table.reset_index(drop=True)
    done.attrs["units"] = dict(UNITS)
    return done
