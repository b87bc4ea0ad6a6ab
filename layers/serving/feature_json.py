"""Cells and shapes of a frame as GeoJSON holds them, and as a query compares them."""

from __future__ import annotations

import json
import math
import re
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.errors import InputError
from gis.messages import translator

_ = translator("layers")

_DECIMALS = 7
_ALMOST_A_DAY = pd.Timedelta(days=1).as_unit("us") - pd.Timedelta(microseconds=1).as_unit("us")
_WHOLE_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def property_types(frame: gpd.GeoDataFrame) -> dict[str, str]:
    """Return the JSON type of each column of ``frame`` but the geometry."""
    kinds = {"b": "boolean", "i": "integer", "u": "integer", "f": "number"}
    return {
        str(column): kinds.get(getattr(frame[column].dtype, "kind", "O"), "string")
        for column in frame.columns
        if column != frame.geometry.name
    }


def json_value(value: Any) -> Any:  # noqa: ANN401  cells of a frame are of any type
    """Return a cell of a frame as JSON can hold it; a missing value is ``None``.

    Examples
    --------
    >>> json_value(float("nan")), json_value(np.int32(3))
    (None, 3)
    """
    if isinstance(value, (list, tuple, np.ndarray)):
        return [json_value(each) for each in value]
    if isinstance(value, dict):
        return {str(key): json_value(each) for key, each in value.items()}
    if value is None or pd.isna(value):
        return None
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float) and not math.isfinite(plain):
        return None
    return plain.isoformat() if hasattr(plain, "isoformat") else plain


def geojson(geometry: shapely.Geometry) -> dict[str, Any]:
    """Return a geometry as GeoJSON, coordinates rounded to 1e-7 degrees (1 cm).

    Examples
    --------
    >>> geojson(shapely.Point(-64.123456789, -18.5))
    {'type': 'Point', 'coordinates': [-64.1234568, -18.5]}
    """
    flat = shapely.force_2d(geometry)
    rounded = shapely.transform(flat, lambda coordinates: np.round(coordinates, _DECIMALS))
    return cast("dict[str, Any]", json.loads(shapely.to_geojson(rounded)))


def equals(column: pd.Series[Any], text: str) -> NDArray[np.bool_]:
    """Say which cells of a column equal a text, numbers and truth values compared as such."""
    if pd.api.types.is_bool_dtype(column.dtype):
        wanted = text.casefold() in {"true", "1"}
        return np.asarray([each is not pd.NA and bool(each) == wanted for each in column], dtype=bool)
    if pd.api.types.is_numeric_dtype(column):
        try:
            return np.asarray(column == float(text), dtype=bool)
        except ValueError:
            return np.zeros(len(column), dtype=bool)
    return np.asarray(column.astype("string").fillna("\0") == text, dtype=bool)


def moment(text: str) -> pd.Timestamp:
    """Return a moment from ISO 8601 text, in UTC where it names no zone.

    Raises
    ------
    gis.errors.InputError
        The text is no moment.
    """
    try:
        found = pd.Timestamp(text)
    except ValueError as error:
        raise InputError(
            _("«{text}» no es una fecha").format(text=text), expected=_("Una fecha como 2026-08-31")
        ) from error
    if pd.isna(found):
        raise InputError(_("«{text}» no es una fecha").format(text=text), expected=_("Una fecha como 2026-08-31"))
    return found if found.tzinfo else found.tz_localize("UTC")


def last_instant(text: str) -> pd.Timestamp:
    """Return the end of an interval: a day without an hour lasts until its last instant.

    Raises
    ------
    gis.errors.InputError
        The text is no moment.
    """
    end = moment(text)
    # In microseconds: nanoseconds reach no further than the years 1677 to 2262.
    return end + _ALMOST_A_DAY if _WHOLE_DAY.fullmatch(text) else end
