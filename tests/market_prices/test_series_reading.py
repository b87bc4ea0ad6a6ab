"""A series read the quick way is what a plain question says, whatever was corrected, withdrawn or flagged."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market_prices import Book
from market_prices.book_tables import (
    UNUSUAL,
    UNUSUAL_SERIES,
    batch,
    observation,
    quality_decision,
    quality_flag,
    series,
)
from market_prices.ledger.book_engine import book_engine, reading, writing
from market_prices.ledger.price_reading import Selection, holds
from market_prices.quality.flag_book import live_marks
from market_prices.quality.price_marks import marked_columns

FIRST = dt.date(2026, 9, 28)
NAMES = ("price", "flags", "low", "batch_id")
KEY = {"variety": "", "quantity": 1.0, "package": "", "kind": "observed", "source": "local", "currency": "BOB"}
SERIES = tuple(("papa", market, level) for market in ("comarapa", "saipina") for level in ("wholesale", "retail"))

_records = st.lists(
    st.fixed_dictionaries(
        {
            "series": st.integers(1, len(SERIES)),
            "day": st.integers(0, 24),
            "time": st.sampled_from(["", "", "", "07:00", "15:30"]),
            "price": st.none() | st.floats(0.1, 400.0, allow_nan=False),
            "batch": st.integers(1, 3),
            "flags": st.sampled_from(["", "", "", "jump", "unit/name repeated"]),
            "withdrawn": st.sampled_from([False, False, False, True]),
            "mark": st.sampled_from([None, None, None, "open", "confirmed", "dismissed"]),
        }
    ),
    max_size=40,
)
_plain = st.lists(
    st.fixed_dictionaries(
        {
            "series": st.integers(1, len(SERIES)),
            "day": st.integers(0, 24),
            "price": st.none() | st.floats(0.1, 400.0, allow_nan=False),
            "batch": st.integers(1, 3),
        }
    ),
    unique_by=lambda each: (each["series"], each["day"]),
    max_size=30,
)
_asked = st.fixed_dictionaries(
    {},
    optional={
        "equal": st.sampled_from([{}, {"market": "comarapa"}, {"market": "comarapa", "level": "retail"}]),
        "as_of": st.dates(dt.date(2026, 11, 1), dt.date(2026, 11, 4)),
        "start": st.dates(FIRST, FIRST + dt.timedelta(days=24)),
        "end": st.dates(FIRST, FIRST + dt.timedelta(days=24)),
    },
)


def _write(engine: sa.Engine, drawn: list[dict[str, Any]]) -> None:
    """Put records into an emptied book; the next one of an hour corrects the last, whenever it was recorded."""
    slots: dict[tuple[int, dt.date, str], int] = {}
    rows, flags = [], []
    for number, each in enumerate(drawn, start=1):
        slot = each["series"], FIRST + dt.timedelta(days=each["day"]), each.get("time", "")
        slots[slot] = slots.get(slot, -1) + 1
        at = {**dict(zip(("series_id", "date", "time"), slot, strict=True)), "revision": slots[slot]}
        said = {name: each.get(name, usual) for name, usual in (("flags", ""), ("withdrawn", False))}
        rest = {"availability": "", "sale": "", "origin": "", "line": number, "batch_id": each["batch"]}
        rows.append({**at, **said, **rest, "price": each["price"], "low": each["price"], "high": None, "offered": None})
        if each.get("mark"):
            flags.append((number, each["mark"], at))
    with writing(engine) as connection:
        for table in (quality_decision, quality_flag, observation, series, batch):
            connection.execute(sa.delete(table))
        count = dict.fromkeys(("rows", "accepted", "flagged", "rejected", "duplicates"), 0)
        told = {"author": "", "format": "", "file": "", "sha256": "", **count}
        days = (dt.datetime(2026, 11, day) for day in (2, 3, 1))  # noqa: DTZ001  a clock that was set back
        connection.execute(sa.insert(batch), [{"id": at, "recorded_at": day, **told} for at, day in enumerate(days, 1)])
        names = [dict(zip(("product", "market", "level"), each, strict=True)) for each in SERIES]
        connection.execute(sa.insert(series), [{"id": at, "unit": "kg", **KEY, **n} for at, n in enumerate(names, 1)])
        if rows:
            connection.execute(sa.insert(observation), rows)
        moment = dt.datetime(2026, 11, 3, 12)  # noqa: DTZ001  the book keeps UTC without a zone
        who = {"author": "Eva", "recorded_at": moment}
        for number, mark, at in flags:
            found = {"id": number, "kind": "isolated", "severity": "error", "mode": "entry", "note": "", **who, **at}
            connection.execute(sa.insert(quality_flag).values(found))
            if mark != "open":
                connection.execute(sa.insert(quality_decision).values(flag_id=number, decision=mark, reason="", **who))


def _plainly(connection: sa.Connection, wanted: Selection, *, raw: bool) -> dict[int, list[tuple[Any, ...]]]:
    """Ask record by record, each beside the later ones of its hour, and lay the flags beside what is found."""
    told = observation.alias("told")
    days = [told.c.date >= wanted.start] if wanted.start else []
    days += [told.c.date <= wanted.end] if wanted.end else []
    of = [series.c[name] == value for name, value in wanted.equal.items()]
    query = sa.select(told.c.series_id, told.c.date, told.c.time, *(told.c[name] for name in NAMES))
    query = query.join(series, series.c.id == told.c.series_id).where(*of, *days, *holds(told, wanted.shape()))
    found: dict[int, list[tuple[Any, ...]]] = {}
    marks = live_marks(connection, range(1, len(SERIES) + 1), as_of=wanted.as_of)
    for number, date, time, price, flags, *rest in connection.execute(
        query.order_by(told.c.series_id, told.c.date, told.c.time), wanted.given()
    ):
        words, wrong = marks.get((number, date, time), ("", False))
        if raw or not wrong:
            said = " ".join(dict.fromkeys([*flags.split(), *words.split()]))
            found.setdefault(number, []).append((date, time, price, said, *rest))
    return found


def _told(connection: sa.Connection, wanted: Selection, *, raw: bool) -> dict[int, list[tuple[Any, ...]]]:
    found = {}
    for each in marked_columns(connection, wanted, NAMES, raw=raw):
        columns = [each.facts[name].tolist() for name in ("date", "time", *NAMES)]
        rows = [
            [None if isinstance(cell, float) and np.isnan(cell) else cell for cell in row]
            for row in zip(*columns, strict=True)
        ]
        found[each.number] = [tuple(row) for row in rows]
    return found


@pytest.mark.usefixtures("book")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=_records | _plain, asked=_asked, raw=st.booleans())
def test_a_series_is_read_as_a_plain_question_reads_it(
    book_target: Path | str, drawn: list[dict[str, Any]], asked: dict[str, Any], raw: bool
) -> None:
    engine = book_engine(book_target)
    _write(engine, drawn)
    with reading(engine) as connection:
        wanted = Selection(**asked)
        assert _told(connection, wanted, raw=raw) == _plainly(connection, wanted, raw=raw)
    engine.dispose()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=_records | _plain, as_of=st.none() | st.just(dt.date(2026, 11, 2)))
def test_a_week_is_the_median_of_the_prices_that_hold(
    book: Book, book_target: Path | str, drawn: list[dict[str, Any]], as_of: dt.date | None
) -> None:
    engine = book_engine(book_target)
    _write(engine, drawn)
    with reading(engine) as connection:
        found = _plainly(connection, Selection(equal={"market": "saipina", "level": "retail"}, as_of=as_of), raw=False)
    engine.dispose()
    told = book.series_records("papa", "saipina", level="retail", frequency="weekly", as_of=as_of)
    rows = pd.DataFrame([each[:3] for part in found.values() for each in part], columns=["date", "time", "price"])
    monday = rows["date"].map(lambda each: (each - dt.timedelta(days=each.weekday())).isoformat())
    groups = rows["price"].astype(float).groupby(monday)
    for name, reckoned in (("price", groups.median()), ("low", groups.min()), ("high", groups.max())):
        assert {each["date"]: each[name] for each in told if each["count"]} == reckoned.dropna().to_dict()
    assert all(each["price"] is None for each in told if not each["count"])


def test_a_series_of_which_all_was_withdrawn_is_left_out(tmp_path: Path) -> None:
    gone = {"day": 3, "price": 4.0, "batch": 1, "withdrawn": True}
    with Book.open(tmp_path / "prices.db") as book:
        engine = book_engine(tmp_path / "prices.db")
        _write(engine, [{"series": 1, **gone}, {"series": 2, **gone}])
        engine.dispose()
        for market in ("comarapa", None):
            assert book.series_records("papa", market, frequency="weekly") == []
            assert book.series_records("papa", market, level="retail", frequency="weekly") == []


def test_that_a_series_has_no_unusual_record_is_known_without_reading_it(tmp_path: Path) -> None:
    Book.open(tmp_path / "prices.db").close()
    engine = book_engine(tmp_path / "prices.db")
    query = sa.select(sa.exists().where(series.c.id == UNUSUAL_SERIES, UNUSUAL)).select_from(series)
    with reading(engine) as connection:
        text = str(query.compile(engine))
        steps = [each[3] for each in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
    engine.dispose()
    assert "SEARCH observation USING INDEX observation_unusual (<expr>=?)" in steps


def test_one_reading_sees_one_state_of_the_book(book: Book, book_target: Path | str) -> None:
    book.add("papa", "comarapa", price=40, unit="arroba", date="2026-11-20")
    engine = book_engine(book_target)
    count = sa.select(sa.func.count()).select_from(observation)
    with reading(engine) as connection:
        assert connection.execute(count).scalar_one() == 1
        book.add("papa", "comarapa", price=41, unit="arroba", date="2026-11-20", correction=True)
        assert connection.execute(count).scalar_one() == 1
    with reading(engine) as connection:
        assert connection.execute(count).scalar_one() == 2
    engine.dispose()


def test_the_region_tells_at_once_what_another_writer_recorded_or_decided(book: Book, book_target: Path | str) -> None:
    def shown() -> list[float]:
        return [each.price for each in book.region()[0].cards if each.product == "papa"]

    for day in range(1, 15):
        book.add("papa", "santa_cruz", price=40 + day % 3, unit="arroba", date=dt.date(2026, 11, day))
    assert shown() == [42.0]
    assert book.region() is book.region()
    with Book.open(book_target, today=book.today) as other:
        other.add("papa", "santa_cruz", price=400, unit="arroba", date="2026-11-15")
        assert shown() == [400.0]
        flag = int(other.flags("papa", "santa_cruz")["flag"].iloc[0])
        other.decide(flag, "confirmed", author="Eva", reason="un cero de más")
    assert shown() == [42.0]
    assert [each.price for each in book.region(as_of="2026-11-01")[0].cards] == []
