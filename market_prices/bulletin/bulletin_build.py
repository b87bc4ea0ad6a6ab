"""Putting the figures of a bulletin together from the book."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from market_prices.bulletin.alert_level import Alert
from market_prices.bulletin.bulletin_records import WEEKS, BulletinData, BulletinLine, NationalAlert
from market_prices.bulletin.price_choice import SUSPECTED, Moment, alerts_of, last_prices, rows_of
from market_prices.bulletin.week_figures import STEPS, WEEK_DAYS, WeekFigures, week_figures
from market_prices.ledger.price_reading import Selection
from market_prices.ledger.series_directory import series_numbers
from market_prices.quality.price_marks import marked_series
from market_prices.vocabulary.index_items import INDEX_MARKET
from market_prices.vocabulary.market_words import STALE_DAYS, age_text
from market_prices.vocabulary.vocabulary import Market, Vocabulary

REGION = "region"
"""Place of the bulletin of all municipalities."""
_LOUD = ("alert", "crisis")
_HISTORY_DAYS = STEPS["year"] + 2 * WEEK_DAYS + STALE_DAYS


@dataclass(frozen=True, kw_only=True)
class Place:
    """Whose bulletin it is."""

    code: str
    """Six-digit code of a municipality, or ``region``."""
    name: str
    own: tuple[Market, ...]
    references: tuple[str, ...]
    """Ids of the reference markets, the first first."""


def place_of(vocabulary: Vocabulary, text: str | None) -> Place:
    """Return the municipality that ``text`` names, or the region where it names none.

    Raises
    ------
    UnknownNameError
        No such municipality.
    """
    if text is None or text == REGION:
        own = vocabulary.local_markets()
        every = (market for each in own for market in vocabulary.reference_markets(each.municipality))
        return Place(code=REGION, name="", own=own, references=tuple(dict.fromkeys(every)))
    market = vocabulary.municipality_market(text)
    return Place(
        code=market.municipality,
        name=market.municipality_name or market.name,
        own=(market,),
        references=tuple(vocabulary.reference_markets(market.municipality)),
    )


def bulletin_data(
    connection: sa.Connection, vocabulary: Vocabulary, place: Place, moment: Moment, index: pd.Series
) -> BulletinData:
    """Read and reckon everything that a bulletin says.

    Parameters
    ----------
    connection
        To the book.
    vocabulary
        Meaning of the ids.
    place
        Whose bulletin.
    moment
        Its day, and what was known.
    index
        General consumer price index by month; may be empty.
    """
    own = [each.id for each in place.own]
    latest = last_prices(connection, vocabulary, (*own, *place.references), moment)
    rows = rows_of(latest, own, place.references, vocabulary, both=place.code == REGION)
    fresh, stale = rows[~rows["stale"].astype(bool)], rows[rows["stale"].astype(bool)]
    weeks = _weeks(connection, fresh["series_id"].tolist(), moment)
    alerts = alerts_of(connection, fresh["series_id"].tolist(), index, moment)
    lines = tuple(
        _line(row, weeks[row["series_id"]], alerts.get(row["series_id"], Alert(reason="no_price")), vocabulary, moment)
        for row in fresh.to_dict("records")
        if row["series_id"] in weeks
    )
    spoken = {each.product for each in lines}
    old = tuple(
        _line(row, _alone(row), Alert(reason="stale"), vocabulary, moment)
        for row in stale.sort_values("date", ascending=False, kind="stable")
        .drop_duplicates("product")
        .to_dict("records")
        if row["product"] not in spoken
    )
    told = [vocabulary.source(each) for each in sorted({each.source for each in (*lines, *old)})]
    return BulletinData(
        place=place.code,
        name=place.name,
        date=moment.day,
        lines=lines,
        stale=tuple(sorted(old, key=lambda each: (each.product_name, each.product))),
        national=_national(connection, vocabulary, index, moment),
        attributions=tuple(dict.fromkeys(each.attribution or each.name for each in told)),
    )


@dataclass(frozen=True, kw_only=True)
class _Week:
    """The week of a series, and what was thought of its prices."""

    figures: WeekFigures
    doubtful: bool
    """Only prices that look like errors are left of the last 60 days."""
    left_out: int
    """Prices of the last seven days that look like errors and are not in the figures."""


def _weeks(connection: sa.Connection, numbers: Sequence[int], moment: Moment) -> dict[int, _Week]:
    """Return the week of each series."""
    if not numbers:
        return {}
    start = moment.day - dt.timedelta(days=_HISTORY_DAYS)
    wanted = Selection(numbers=tuple(numbers), as_of=moment.as_of, start=start, end=moment.day)
    found = marked_series(connection, wanted)
    found = found[found["price"].notna()]
    weeks = {}
    for number, told in found.groupby("series_id", sort=False):
        days = np.array([each.toordinal() for each in told["date"]], dtype=np.int64)
        prices = told["price"].to_numpy(dtype=float)
        wrong = np.array([SUSPECTED in str(each).split() for each in told["flags"]], dtype=bool)
        sure = week_figures(days[~wrong], prices[~wrong], moment.day, WEEKS)
        doubtful = sure is None or (moment.day - sure.last).days > STALE_DAYS
        shown = week_figures(days, prices, moment.day, WEEKS) if doubtful else sure
        if shown is not None:
            recent = days > moment.day.toordinal() - WEEK_DAYS
            weeks[int(str(number))] = _Week(
                figures=shown, doubtful=doubtful, left_out=0 if doubtful else int((wrong & recent).sum())
            )
    return weeks


def _alone(row: Mapping[Any, Any]) -> _Week:
    """Return the last price of a series by itself, for what is too old to be reckoned with."""
    price = float(row["price"])
    figures = WeekFigures(
        basis="last",
        price=price,
        low=price,
        high=price,
        count=1,
        last=row["date"],
        changes=dict.fromkeys(STEPS),
        history=(None,) * WEEKS,
    )
    return _Week(figures=figures, doubtful=SUSPECTED in str(row["flags"]).split(), left_out=0)


_SAME = (
    *("product", "product_name", "market", "market_name", "level", "level_name", "unit", "quantity", "unit_name"),
    *("currency", "kind", "kind_name", "source", "source_name", "kg_note"),
)


def _line(row: Mapping[Any, Any], week: _Week, alert: Alert, vocabulary: Vocabulary, moment: Moment) -> BulletinLine:
    found = week.figures
    age = max((moment.day - found.last).days, 0)
    kilo = float(row["price_per_kg"]) / float(row["price"]) if row["price"] else np.nan
    product = next((each for each in vocabulary.all_products if each.id == row["product"]), None)
    return BulletinLine(
        **{name: row[name] for name in _SAME},
        variety_name=product.variety_name(row["variety"]) if product else row["variety"],
        demo=vocabulary.source(row["source"]).demo,
        date=found.last,
        age_days=age,
        age_text=age_text(age),
        stale=age > STALE_DAYS,
        basis=found.basis,
        price=found.price,
        low=found.low,
        high=found.high,
        count=found.count,
        price_per_kg=None if np.isnan(kilo) else round(kilo * found.price, 4),
        change_week=found.changes["week"],
        change_month=found.changes["month"],
        change_year=found.changes["year"],
        alert=Alert(reason="no_price") if week.doubtful else alert,
        doubtful=week.doubtful,
        left_out=week.left_out,
        history=found.history,
    )


def _national(
    connection: sa.Connection, vocabulary: Vocabulary, index: pd.Series, moment: Moment
) -> tuple[NationalAlert, ...]:
    """Return the local products whose national index stands out, by name."""
    local = {each.id: each for each in vocabulary.all_products if each.local}
    numbers = series_numbers(connection, INDEX_MARKET, local)
    alerts = alerts_of(connection, numbers, index, moment)
    loud = [
        NationalAlert(product=numbers[number], product_name=local[numbers[number]].name, alert=alert)
        for number, alert in alerts.items()
        if alert.level in _LOUD
    ]
    return tuple(sorted(loud, key=lambda each: (each.product_name, each.product)))
