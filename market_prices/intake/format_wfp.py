"""The World Food Programme's price files, as HDX has published them in three generations of columns.

========= =============================================================================================
2018–2020 ``date, cmname ("Rice - Retail"), unit, category, price, currency, country, admname, mktname …``
2021–2022 ``date, admin1, admin2, market, latitude, …, commodity, unit, priceflag, pricetype, price, usdprice``
2023–     the same with ``market_id`` and ``commodity_id``
========= =============================================================================================
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gis.messages import translator
from layers.spelling import plain_text
from market_prices.intake.intake_rows import IntakeRows
from market_prices.intake.row_checks import check_dollar_prices, flag_second_names
from market_prices.intake.row_meaning import resolve
from market_prices.intake.text_table import TextTable
from market_prices.intake.written_values import parse_numbers
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")

NAME = "wfp"
_NEWER = {"date", "market", "commodity", "unit", "pricetype", "price"}
_OLDER = {"date", "mktname", "cmname", "unit", "price"}
_RENAMED = {"mktname": "market", "mktid": "marketid", "cmname": "commodity", "cmid": "commodityid"}


def matches(columns: set[str]) -> bool:
    """Say whether plain column names are those of a World Food Programme file."""
    return columns >= _NEWER or columns >= _OLDER


def rows_of(table: TextTable, vocabulary: Vocabulary) -> tuple[IntakeRows, pd.Series]:
    """Return the rows of a file with their words resolved, and their prices in dollars (NaN where there are none)."""
    found = table.frame.rename(columns=_RENAMED)
    level, commodity = _levels(found)
    frame = pd.DataFrame(
        {
            "date": found["date"],
            "market": _named(found, "market", {each.wfp_id: each.id for each in vocabulary.all_markets}, vocabulary),
            "product": _products(found, commodity, vocabulary),
            "unit": found["unit"],
            "level": level,
            "currency": found.get("currency", ""),
            "source": NAME,
        },
        dtype=object,
    )
    numbers, unsure = parse_numbers(found["price"], point_expected=True)
    frame["price"] = numbers
    rows = IntakeRows(frame, table.lines, table.raw)
    rows.reject(unsure.to_numpy(dtype=bool), "number", _("el punto o la coma del precio se puede leer de dos maneras"))
    if "priceflag" in found:
        rows.reject(
            (found["priceflag"].str.strip().str.lower() == "forecast").to_numpy(dtype=bool),
            "forecast",
            _("es un pronóstico, no un precio observado"),
        )
    written = found["unit"].astype(object)
    resolve(rows, vocabulary)
    flag_second_names(
        rows,
        ["market", "product", "variety", "unit", "quantity", "level"],
        written,
        "unit_name",
        _("la unidad «{name}» aparece en esta serie también como «{other}»: se tratan como una sola"),
    )
    usd = (
        parse_numbers(found["usdprice"], point_expected=True)[0]
        if "usdprice" in found
        else pd.Series(np.nan, frame.index)
    )
    return rows, usd


def check(rows: IntakeRows, dollars: pd.Series) -> None:
    """Look for what is known to go wrong in these files."""
    check_dollar_prices(rows, dollars)


def _levels(found: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return price level and commodity; the oldest files write both in one cell."""
    if "pricetype" in found:
        return found["pricetype"], found["commodity"]
    parts = found["commodity"].str.rsplit(" - ", n=1, expand=True)
    return (parts[1] if 1 in parts else pd.Series("", found.index)).fillna(""), parts[0]


def _named(found: pd.DataFrame, column: str, by_number: dict[int | None, str], vocabulary: Vocabulary) -> pd.Series:
    """Return market names; a name nobody listed is looked up by its number."""
    names = found[column].astype(object)
    if f"{column}id" not in found:
        return names
    unknown = ~names.map({text: plain_text(text) in vocabulary.market_index for text in names.unique()}).astype(bool)
    numbers = found[f"{column}id"].map(_number).map(by_number)
    return names.where(~unknown | numbers.isna(), numbers).astype(object)


def _products(found: pd.DataFrame, commodity: pd.Series, vocabulary: Vocabulary) -> pd.Series:
    names = commodity.astype(object)
    if "commodityid" not in found:
        return names
    by_number = {each.wfp_id: each.id for each in vocabulary.all_products}
    by_number |= {
        variety.wfp_id: f"{each.id} {variety.id}" for each in vocabulary.all_products for variety in each.varieties
    }
    unknown = ~names.map({text: plain_text(text) in vocabulary.product_index for text in names.unique()}).astype(bool)
    numbers = found["commodityid"].map(_number).map(by_number)
    return names.where(~unknown | numbers.isna(), numbers).astype(object)


def _number(text: str) -> int:
    return int(text) if text.strip().isdigit() else -1
