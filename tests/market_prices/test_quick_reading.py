"""What is read without a table is what the table says; nothing that holds is lost on the quick way."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from market_prices import Book, records

TODAY = dt.date(2026, 11, 22)


def _fill(book: Book) -> None:
    for week in range(9):
        day = dt.date(2026, 9, 1) + dt.timedelta(days=week * 6)
        for hour, price in (("07:00", 40.0 + week), ("15:30", 44.5 - week)):
            book.add("papa", "comarapa", price=price, unit="arroba", date=day, time=hour, low=price - 2)
    book.add("papa", "comarapa", price=41, unit="arroba", date="2026-09-01", time="07:00", correction=True)
    book.add("papa", "comarapa", price=None, unit="arroba", date="2026-11-10", availability="NC")
    book.add("papa", "comarapa", price=5, unit="kg", date="2026-01-31", level="minorista")
    book.add("papa", "santa_cruz", price=160, unit="carga", date="2026-11-01")


def test_rows_and_table_of_a_series_are_the_same(book: Book) -> None:
    _fill(book)
    for asked in ({}, {"market": "comarapa"}, {"start": "2026-09-20", "end": "2026-10-02"}, {"as_of": "2026-11-21"}):
        for frequency in (None, "daily", "weekly", "monthly"):
            table = records(book.series("papa", **asked, frequency=frequency))
            assert book.series_records("papa", **asked, frequency=frequency) == table
            assert table or "as_of" in asked


def test_a_period_tells_what_pandas_reckons_from_the_records(book: Book) -> None:
    _fill(book)
    recorded = book.series("papa", "comarapa", unit="arroba")
    for frequency, code in (("daily", "D"), ("weekly", "W-SUN"), ("monthly", "M")):
        periods = pd.PeriodIndex(pd.to_datetime(recorded["date"]), freq=code)
        grouped = recorded["price"].groupby(periods.to_numpy())
        told = book.series("papa", "comarapa", unit="arroba", frequency=frequency)
        whole = pd.period_range(periods.min(), periods.max(), freq=code)
        assert told["date"].tolist() == [each.start_time.date() for each in whole]
        for name, found in (("price", grouped.median()), ("low", grouped.min()), ("high", grouped.max())):
            np.testing.assert_array_equal(told[name], found.reindex(whole).to_numpy(dtype=float))
        assert told["count"].tolist() == grouped.count().reindex(whole, fill_value=0).tolist()


def test_the_region_holds_the_cards_of_each_municipality(book: Book) -> None:
    _fill(book)
    book.add("tomate", "santa_cruz", price=60, unit="caja", date="2026-11-20")
    region = book.region()
    assert [each.municipality for each in region] == [each.municipality for each in book.vocabulary.local_markets()]
    assert region == tuple(book.municipal(each.municipality) for each in region)
    assert all(any(card.product == "tomate" for card in each.cards) for each in region)


def test_a_confirmed_error_is_passed_over_the_quick_way_too(book: Book) -> None:
    for day in range(1, 15):
        book.add("papa", "comarapa", price=40 + day % 3, unit="arroba", date=dt.date(2026, 11, day))
    book.add("papa", "comarapa", price=400, unit="arroba", date="2026-11-15")
    flag = int(book.flags("papa", "comarapa")["flag"].iloc[0])
    book.decide(flag, "confirmed", author="Eva", reason="un cero de más")
    told = book.latest_records("papa", "comarapa")
    assert [each["price"] for each in told] == [42.0]
    assert told == records(book.latest("papa", "comarapa"))
    assert 400.0 not in {each["price"] for each in book.series_records("papa", "comarapa")}
    number = book.municipal("comarapa").cards[0].series_id
    assert [price for _day, price in book.recent([number], 3)[number]] == [40.0, 41.0, 42.0]
