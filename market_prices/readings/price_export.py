"""Writing the book to a file that can be made again, byte for byte, from the same book."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from gis.atomic import atomic_path
from gis.messages import translator
from market_prices.price_errors import PriceFileError
from market_prices.readings.figures import records

_ = translator("market_prices")

SUFFIXES = (".csv", ".json", ".parquet")
COLUMNS = (
    "date",
    "time",
    "market",
    "product",
    "variety",
    "unit",
    "quantity",
    "package",
    "level",
    "currency",
    "low",
    "price",
    "high",
    "price_per_kg",
    "offered",
    "availability",
    "sale",
    "origin",
    "kind",
    "source",
    "flags",
    "author",
    "recorded_at",
)
"""Columns of an export, in order."""


def write_export(frame: pd.DataFrame, path: Path) -> Path:
    """Write figures to ``path``: CSV (UTF-8, decimal point), JSON (a list of rows) or Parquet, by its suffix.

    Raises
    ------
    PriceFileError
        The suffix is none of these.
    gis.errors.StorageError
        The file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise PriceFileError(
            _("No se sabe exportar a «{name}»").format(name=path.name),
            expected=_("Un nombre que termine en {suffixes}").format(suffixes=", ".join(SUFFIXES)),
        )
    table = frame[list(COLUMNS)].sort_values(
        ["product", "market", "variety", "level", "unit", "quantity", "source", "package", "date", "time"],
        kind="stable",
    )
    table = table.reset_index(drop=True)
    table.attrs = {}
    with atomic_path(path) as temporary:
        if suffix == ".csv":
            table.to_csv(temporary, index=False, lineterminator="\n", encoding="utf-8")
        elif suffix == ".json":
            rows = ",\n".join(json.dumps(each, ensure_ascii=False) for each in records(table))
            temporary.write_text(f"[\n{rows}\n]\n", encoding="utf-8")
        else:
            table.assign(date=pd.to_datetime(table["date"])).to_parquet(temporary, index=False)
    return path
