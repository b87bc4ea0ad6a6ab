"""What can be seen wrong in a row beside its neighbours: impossible figures, typing errors, known dirt.

A row is refused only when it cannot be recorded at all; everything doubtful is recorded, flagged and explained.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from gis.messages import translator
from market_prices.book_tables import KEY_COLUMNS
from market_prices.intake.intake_rows import IntakeRows
from market_prices.intake.row_groups import group_numbers
from market_prices.intake.written_values import parse_dates
from market_prices.vocabulary.market_words import figure_text
from market_prices.vocabulary.vocabulary import Notice

_ = translator("market_prices")

EARLIEST = "1950-01-01"
"""No market price in use is older."""
LARGEST_PRICE = 10_000_000.0
"""No price of one package is larger, in any currency in use."""
ISOLATED_FACTOR = 4.0
"""A price this many times above or below both neighbours, which agree with each other, looks like a typing error."""
NEIGHBOUR_FACTOR = 2.0
"""Neighbours that differ by less agree with each other."""
NEIGHBOUR_DAYS = 120
"""Prices further apart in time are no neighbours."""
RATE_FACTOR = 3.0
"""A dollar price this far from the exchange rate of its day has lost a zero."""


def check_dates(rows: IntakeRows, today: dt.date) -> None:
    """Read the dates; refuse those that cannot be read, are too old or have not come yet."""
    written = rows.frame["date"]
    dates = parse_dates(written)
    text = dates.to_numpy(dtype=object).astype(str)
    rows.reject(
        text == "",
        "date",
        lambda i: _("fecha que no se entiende: «{text}»; escriba por ejemplo 5/8/2026").format(text=written.iloc[i]),
    )
    latest = (today + dt.timedelta(days=1)).isoformat()  # a collector may be a time zone ahead
    rows.reject(text > latest, "future_date", lambda i: _("la fecha {date} todavía no ha llegado").format(date=text[i]))
    rows.reject(text < EARLIEST, "old_date", lambda i: _("la fecha {date} es imposible").format(date=text[i]))
    rows.frame["date"] = dates


def check_prices(rows: IntakeRows) -> None:
    """Refuse rows without a price or an availability, and prices that cannot be."""
    frame = rows.frame
    price, low, high = (frame[name].to_numpy(dtype=float) for name in ("price", "low", "high"))
    absent = (frame["availability"] != "").to_numpy(dtype=bool)
    nothing = np.isnan(price) & ~absent
    rows.reject(nothing, "no_price", _("falta el precio, o no es un número; si no hubo producto escriba NA"))
    rows.reject(absent & ~np.isnan(price), "availability", _("tiene precio y a la vez dice que no lo hay (NC o NA)"))
    for values in (price, low, high):
        rows.reject(values <= 0, "price", _("el precio debe ser mayor que cero; si no hubo producto escriba NA"))
        rows.reject(values > LARGEST_PRICE, "price", _("el precio es imposible por grande"))
    disorder = (low > price) | (price > high) | (low > high)
    rows.reject(disorder, "range", _("mínimo, precio y máximo no están en orden: ¿columnas cambiadas?"))
    rows.reject(~(frame["quantity"].to_numpy(dtype=float) > 0), "quantity", _("la cantidad debe ser mayor que cero"))
    rows.reject(frame["offered"].to_numpy(dtype=float) < 0, "offered", _("la cantidad ofrecida es negativa"))


def check_dollar_prices(rows: IntakeRows, dollars: pd.Series) -> None:
    """Flag rows whose price in dollars does not fit the exchange rate of the other rows of the same date."""
    price = rows.frame["price"].to_numpy(dtype=float)
    usd = dollars.to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = pd.Series(np.where(usd > 0, price / usd, np.nan), index=rows.frame.index)
    groups = [rows.frame["date"], rows.frame["currency"]]
    usual = rate.groupby(groups).transform("median").to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.abs(np.log(rate.to_numpy(dtype=float) / usual)) > np.log(RATE_FACTOR)
    rows.flag(
        away,
        "usd_price",
        lambda i: _(
            "el precio en dólares ({usd}) no corresponde al cambio del día: parece haber perdido ceros; "
            "el precio en moneda local se conserva"
        ).format(usd=figure_text(usd[i])),
    )


def flag_isolated(rows: IntakeRows) -> None:
    """Flag prices far from both neighbours of their series, when the neighbours agree with each other."""
    frame = rows.frame
    usable = rows.good & ~np.isnan(frame["price"].to_numpy(dtype=float))
    part = pd.DataFrame(
        {
            "series": group_numbers(frame, KEY_COLUMNS)[usable],
            "day": pd.to_datetime(frame["date"][usable]),
            "price": frame["price"][usable],
        }
    ).sort_values("day", kind="stable")
    if part.empty:
        return
    groups = part.groupby("series", sort=False)
    price = part["price"].to_numpy(dtype=float)
    near = []
    for step in (1, -1):
        days = (part["day"] - groups["day"].shift(step)).abs().dt.days.to_numpy(dtype=float)
        near.append(np.where(days <= NEIGHBOUR_DAYS, groups["price"].shift(step).to_numpy(dtype=float), np.nan))
    before, after = (np.log(price / each) for each in near)
    apart = (np.minimum(np.abs(before), np.abs(after)) >= np.log(ISOLATED_FACTOR)) & (before * after > 0)
    agree = np.abs(before - after) <= np.log(NEIGHBOUR_FACTOR)
    where = np.zeros(len(frame), dtype=bool)
    where[part.index[apart & agree].to_numpy()] = True
    earlier = pd.Series(near[0], index=part.index)
    later = pd.Series(near[1], index=part.index)
    rows.flag(
        where,
        "isolated",
        lambda i: _(
            "el precio {price} se aparta de sus vecinos ({before} antes, {after} después): parece un error de escritura"
        ).format(
            price=figure_text(frame["price"].iloc[i]), before=figure_text(earlier[i]), after=figure_text(later[i])
        ),
    )


def flag_second_names(rows: IntakeRows, group: list[str], written: pd.Series, code: str, text: str) -> None:
    """Flag rows whose group is written under two names, those of the less frequent name.

    Parameters
    ----------
    rows
        The rows.
    group
        Columns whose equal values should have one name.
    written
        The name as written.
    code
        Word of the flag.
    text
        Explanation, with ``{name}`` and ``{other}``.
    """
    keys = rows.frame.groupby(group, sort=False, dropna=False).ngroup()
    table = pd.DataFrame({"key": keys, "name": written.astype(str)})[rows.good]
    counts = table.value_counts().reset_index().sort_values(["key", "count", "name"], ascending=[True, False, True])
    first = counts.drop_duplicates("key").set_index("key")["name"]
    several = counts["key"].duplicated(keep=False)
    usual = keys.map(first).to_numpy(dtype=object)
    mixed = keys.isin(counts.loc[several, "key"]).to_numpy(dtype=bool)
    where = mixed & (written.to_numpy(dtype=object) != usual)
    rows.flag(where, code, lambda i: text.format(name=written.iloc[i], other=usual[i]))


def flag_notices(rows: IntakeRows, notices: tuple[Notice, ...]) -> None:
    """Put the warnings known beforehand on the rows they are about."""
    for notice in notices:
        where = np.ones(len(rows), dtype=bool)
        for column, value in notice.selectors.items():
            where &= (rows.frame[column] == value).to_numpy(dtype=bool)
        positions = np.flatnonzero(where)
        dates = rows.frame["date"].to_numpy(dtype=object)[positions].astype(str)
        where[positions] = (dates >= notice.first) & ((dates <= notice.last) if notice.last else True)
        rows.flag(where, notice.code, notice.text)
