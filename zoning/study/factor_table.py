"""The reasons of one point as a table: a row for every factor of every land-use type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

_OF_TYPE = ("crop", "crop_name", "water", "management", "window", "open")
_OF_FACTOR = (
    "name", "title", "value", "unit", "class", "score", "next_class_limit", "next_class_gap", "weight", "required",
    "flagged", "source",
)  # fmt: skip

COLUMNS = ("land_use_type", *_OF_TYPE, "land_use_class", "land_use_score", *_OF_FACTOR)
"""Columns of the table."""

UNITS = {
    "value": "see the column unit",
    "next_class_limit": "see the column unit",
    "next_class_gap": "see the column unit",
    "score": "0 to 1",
    "land_use_score": "0 to 1",
}
"""Unit of each column of figures, put in ``frame.attrs['units']``."""


def factor_table(explained: Mapping[str, Any]) -> pd.DataFrame:
    """Lay out what a point was explained with.

    Parameters
    ----------
    explained
        What :meth:`zoning.study.study.Study.explain` returned.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`, one row per factor, in the order of ``explained``: the best land-use type first. ``name`` is
        the factor, ``class`` and ``score`` are its own; ``land_use_class`` and ``land_use_score`` those of the whole
        type; ``open`` says whether its gates are. A figure that is not known is NaN.

    Raises
    ------
    KeyError
        If ``explained`` lacks a part.

    Examples
    --------
    >>> factor_table({"land_use_types": []}).empty
    True
    """
    rows = [
        {
            "land_use_type": each["id"],
            **{name: each[name] for name in _OF_TYPE},
            "land_use_class": each["class"],
            "land_use_score": each["score"],
            **{name: factor[name] for name in _OF_FACTOR},
        }
        for each in explained["land_use_types"]
        for factor in each["factors"]
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    figures = ["value", "score", "land_use_score", "next_class_limit", "next_class_gap", "weight"]
    table[figures] = table[figures].astype(float)
    table.attrs["units"] = dict(UNITS)
    return table
