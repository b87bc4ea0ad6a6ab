"""The sales of the national farm survey of 2015 (INE, ENA), as medians of a municipality, product and quarter.

The file has one row per plot of a farm. No such row enters the book, is kept or is shown: what is recorded is the
median price of at least three farms, weighted by the quantity sold and by the farms that each one stands for.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from gis.messages import translator
from market_prices.intake.intake_rows import IntakeRows
from market_prices.intake.row_meaning import resolve
from market_prices.intake.text_table import TextTable
from market_prices.intake.written_values import parse_numbers, stripped
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")

NAME = "ena_2015"
SOURCE = "ena_2015"
LEVEL = "farm_gate"
FEWEST_FARMS = 3
"""Fewer farms than these could be recognised: their figure is not recorded."""
FEW_FARMS = 4
"""A median of fewer farms is flagged: the true median lies between the lowest and the highest of n prices with the
probability 1 − 2^(1−n), which passes the 80 % that intervals promise elsewhere from four on (75 % of three)."""
FARM_YEAR = 2014
"""The survey is about the farm year from July 2014 to June 2015."""
_FIRST_MONTH = 7
_MONTHS = 12
_HALF = 0.5
_COLUMNS = {"codine", "idpersona", "cultiv", "cumprod", "mescosecha", "pmernal", "pprecnal", "ponderador"}
_GROUP = ["municipality", "product", "unit", "date"]


def matches(columns: set[str]) -> bool:
    """Say whether plain column names are those of the survey's crop table."""
    return columns >= _COLUMNS


def rows_of(table: TextTable, vocabulary: Vocabulary) -> IntakeRows:
    """Return one row per municipality, product, unit and quarter of harvest, their words resolved.

    Prices are currency per unit of harvest at the farm; the date is the fifteenth of the quarter's middle month. The
    line of a row is its place among the medians, because it comes from many lines of the file.
    """
    medians = quarterly_medians(table.frame)
    told = [
        _("{place}; {product}; {unit}; trimestre de {date}; {farms} productores").format(
            place=row.municipality, product=row.product, unit=row.unit, date=row.date, farms=row.farms
        )
        for row in medians.itertuples(index=False)
    ]
    frame = pd.DataFrame(
        {
            "date": medians["date"],
            "market": medians["municipality"],
            "product": medians["product"],
            "unit": medians["unit"],
            "level": LEVEL,
            "source": SOURCE,
        },
        dtype=object,
    ).assign(price=medians["price"].astype(float))
    rows = IntakeRows(frame, np.arange(1, len(frame) + 1), told.__getitem__)
    farms = medians["farms"].to_numpy(dtype=np.int64)
    rows.reject(
        farms < FEWEST_FARMS,
        "few_farms",
        _("menos de {fewest} productores: no se registra, porque se reconocería a alguno").format(fewest=FEWEST_FARMS),
    )
    rows.frame.loc[farms < FEWEST_FARMS, "price"] = np.nan
    rows.flag(
        farms < FEW_FARMS, "few_farms", lambda i: _("mediana de solo {farms} productores").format(farms=int(farms[i]))
    )
    resolve(rows, vocabulary)
    return rows


def quarterly_medians(found: pd.DataFrame) -> pd.DataFrame:
    """Return the weighted median price of each municipality, product, unit and quarter with sales.

    Columns ``municipality`` (code as written), ``product``, ``unit``, ``date`` (ISO), ``price`` (currency per unit) and
    ``farms`` (how many different farms sold).
    """
    figures = {
        name: parse_numbers(found[name], point_expected=True)[0]
        for name in ("pmernal", "pprecnal", "ponderador", "mescosecha")
    }
    month = figures["mescosecha"]
    sold = (figures["pmernal"] > 0) & (figures["pprecnal"] > 0) & (figures["ponderador"] > 0)
    sold &= month.between(1, _MONTHS) & (month % 1 == 0)
    sales = pd.DataFrame(
        {
            "municipality": stripped(found["codine"]),
            "product": stripped(found["cultiv"]),
            "unit": stripped(found["cumprod"]),
            "date": [_middle_of_quarter(int(each)) if good else "" for each, good in zip(month, sold, strict=True)],
            "farm": found["idpersona"],
            "price": figures["pprecnal"],
            "weight": figures["pmernal"] * figures["ponderador"],
        }
    )[sold]
    rows = [
        {
            **dict(zip(_GROUP, key, strict=True)),
            "price": weighted_median(one["price"].to_numpy(dtype=float), one["weight"].to_numpy(dtype=float)),
            "farms": one["farm"].nunique(),
        }
        for key, one in sales.groupby(_GROUP, sort=True)
    ]
    return pd.DataFrame(rows, columns=[*_GROUP, "price", "farms"])


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the least value below or at which half of the weight lies; weights are above zero.

    Examples
    --------
    >>> weighted_median(np.array([60.0, 80.0, 200.0]), np.array([1.0, 5.0, 1.0]))
    80.0
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] * _HALF)])


def _middle_of_quarter(month: int) -> str:
    """Return the fifteenth of the middle month of the quarter in which a month of the farm year lies."""
    year = FARM_YEAR if month >= _FIRST_MONTH else FARM_YEAR + 1
    return dt.date(year, 3 * ((month - 1) // 3) + 2, 15).isoformat()
