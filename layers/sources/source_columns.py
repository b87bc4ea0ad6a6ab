"""Columns of any source brought to the names and types of a prepared layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import geopandas as gpd
import pandas as pd

from layers.catalogue.theme_records import Column
from layers.spelling import plain_text
from layers.territory import Territory

_TRUE = frozenset({"1", "true", "yes", "si", "t", "verdadero", "10"})
_FALSE = frozenset({"0", "false", "no", "f", "falso", "00"})


def with_columns(frame: gpd.GeoDataFrame, columns: Sequence[Column], *, territory: Territory) -> gpd.GeoDataFrame:
    """Return a frame with the prepared columns only, filled row by row from the first alias that has a value.

    A column that no source column can fill is there all the same, and empty: missing stays missing.

    Parameters
    ----------
    frame
        The source's features.
    columns
        What the prepared layer has; two entries of one name are tried in turn.
    territory
        Says what a municipality's spelling means.
    """
    names = {plain_text(name): name for name in reversed(frame.columns) if name != frame.geometry.name}
    made: dict[str, pd.Series[Any]] = {}
    for column in columns:
        for alias in (column.name, *column.aliases):
            source = names.get(plain_text(alias))
            if source is None or (column.inverted and alias == column.name):
                continue
            read = pd.Series([_cell(value, column, territory) for value in frame[source]], dtype=object)
            made[column.name] = (
                made[column.name].where(made[column.name].notna(), read) if column.name in made else read
            )
        made.setdefault(column.name, pd.Series([None] * len(frame), dtype=object))
    kinds = {column.name: column.kind for column in columns}
    typed = {name: _typed(values, kinds[name]) for name, values in made.items()}
    return gpd.GeoDataFrame(typed, geometry=list(frame.geometry), crs=frame.crs)


def _cell(value: Any, column: Column, territory: Territory) -> Any:  # noqa: ANN401  cells are of any type
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    if column.kind == "number":
        number = pd.to_numeric(value, errors="coerce")
        return None if pd.isna(number) else float(number)
    if column.kind == "boolean":
        return _truth(value, inverted=column.inverted)
    text = str(value).strip()
    if not text or text.casefold() == "nan":
        return None
    if column.kind == "municipality":
        found = territory.find(text)
        return None if found is None else found.code
    return text


def _truth(value: object, *, inverted: bool) -> bool | None:
    key = plain_text(value)
    if key not in _TRUE | _FALSE:
        return None
    return (key in _TRUE) != inverted


def _typed(values: pd.Series[Any], kind: str) -> pd.Series[Any]:
    if kind == "number":
        return cast("pd.Series[Any]", pd.to_numeric(values, errors="coerce").astype("float64"))
    if kind == "boolean":
        return values.astype("boolean")
    return values.where(values.notna(), None)
