"""The weekly bulletin tells what changed, how old it is and of which kind, and nothing it does not know."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from gis.messages import use_language
from market_prices import Book
from market_prices.bulletin.alert_level import alert_of
from market_prices.bulletin.bulletin_page import ROWS_MOST, bulletin_pdf, page_content
from market_prices.bulletin.bulletin_text import MESSAGE_MOST
from market_prices.price_errors import PriceFileError, UnknownNameError

TODAY = dt.date(2026, 8, 25)
HEADER = "fecha,producto,mercado,nivel,unidad,precio"


def _import(book: Book, folder: Path, rows: list[str], name: str = "precios.csv") -> None:
    path = folder / name
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    report = book.import_file(path, author="ana")
    assert report.rejected == 0, report.problems


def _day(back: int) -> str:
    return (TODAY - dt.timedelta(days=back)).isoformat()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book.open(tmp_path / "prices.db", today=TODAY) as opened:
        yield opened


@pytest.fixture
def told(book: Book, tmp_path: Path) -> Book:
    rows = [
        *(f"{_day(back)},tomate,comarapa,mayorista,caja,{price}" for back, price in ((1, 130), (3, 120), (5, 110))),
        *(f"{_day(back)},tomate,comarapa,mayorista,caja,100" for back in (8, 10, 30, 366)),
        *(f"{_day(back)},tomate,santa_cruz,mayorista,kg,{price}" for back, price in ((2, 5), (9, 10), (29, 4))),
        *(f"{_day(back)},papa,santa_cruz,mayorista,arroba,{price}" for back, price in ((40, 60), (47, 50))),
        f"{_day(94)},cebolla,santa_cruz,mayorista,kg,7",
    ]
    _import(book, tmp_path, rows)
    return book


def test_a_week_is_its_median_and_each_change_is_told(told: Book) -> None:
    line = next(each for each in told.bulletin("comarapa").data.lines if each.product == "tomate")
    assert (line.kind, line.market, line.price, line.low, line.high, line.count) == (
        *("observed", "comarapa", 120.0, 110.0, 130.0, 3),
    )
    assert (line.basis, line.date, line.age_days) == ("week", TODAY - dt.timedelta(days=1), 1)
    assert (line.change_week, line.change_month, line.change_year) == (20.0, 20.0, 20.0)
    assert line.history[-2:] == (100.0, 120.0)
    assert line.history[-3] is None


def test_a_product_with_a_price_of_its_own_has_no_reference_beside_it_but_in_the_region_has(told: Book) -> None:
    own = [each.kind for each in told.bulletin("comarapa").data.lines if each.product == "tomate"]
    whole = [each.kind for each in told.bulletin().data.lines if each.product == "tomate"]
    elsewhere = [each.kind for each in told.bulletin("mairana").data.lines if each.product == "tomate"]
    assert (own, whole, elsewhere) == (["observed"], ["observed", "reference"], ["reference"])


def test_the_last_price_of_a_quiet_series_says_its_age(told: Book) -> None:
    bulletin = told.bulletin("comarapa")
    papa = next(each for each in bulletin.data.lines if each.product == "papa")
    assert (papa.basis, papa.age_days, papa.price, papa.change_week) == ("last", 40, 60.0, 20.0)
    assert "Papa: Bs 60 por arroba, subió 20 % en la semana, de hace 40 días" in bulletin.message()


def test_stale_prices_are_named_apart_and_never_as_prices(told: Book) -> None:
    bulletin = told.bulletin("comarapa")
    assert [each.product for each in bulletin.data.stale] == ["cebolla"]
    assert "Sin precio reciente: Cebolla (94 días)." in bulletin.message()
    for text in (bulletin.message(), bulletin.radio()):
        assert "Bs 7" not in text
        assert "7 bolivianos" not in text


def test_kinds_stand_under_their_own_heading(told: Book) -> None:
    message, radio = told.bulletin().message(), told.bulletin().radio()
    assert (
        message.index("Observado, ") < message.index("Bs 120") < message.index("Referencia, ") < message.index("Bs 5 ")
    )
    assert radio.index("Observados en los municipios") < radio.index("120 bolivianos") < radio.index("De referencia")


def test_a_suspected_error_is_neither_headlined_nor_in_a_median(told: Book, tmp_path: Path) -> None:
    rows = [f"{_day(back)},locoto,comarapa,mayorista,caja,100" for back in range(20, 60, 3)]
    _import(told, tmp_path, [*rows, f"{_day(0)},locoto,comarapa,mayorista,caja,1000"], name="otro.csv")
    assert "suspected_error" in told.latest("locoto")["flags"].iloc[0]
    bulletin = told.bulletin("comarapa")
    line = next(each for each in bulletin.data.lines if each.product == "locoto")
    assert (line.price, line.left_out, line.date) == (100.0, 1, TODAY - dt.timedelta(days=20))
    assert "1000" not in bulletin.message() + bulletin.radio()
    assert "Por revisar, no se dan: 1." in bulletin.message()


def test_where_only_doubtful_prices_are_left_the_line_says_so(book: Book, tmp_path: Path) -> None:
    rows = [f"{_day(back)},locoto,comarapa,mayorista,caja,100" for back in range(70, 130, 4)]
    _import(book, tmp_path, [*rows, f"{_day(0)},locoto,comarapa,mayorista,caja,1000"])
    bulletin = book.bulletin("comarapa")
    (line,) = bulletin.data.lines
    assert (line.doubtful, line.price, bulletin.data.sure) == (True, 1000.0, ())
    assert "1000" not in bulletin.message() + bulletin.radio()
    assert "(?)" in json.dumps(page_content(bulletin.data))


def test_a_message_is_short_and_says_how_much_it_leaves_out(book: Book, tmp_path: Path) -> None:
    products = [each.id for each in book.products() if each.local][:40]
    rows = [
        f"{_day(back)},{each},comarapa,mayorista,kg,{n + back + 3}"
        for n, each in enumerate(products)
        for back in (1, 8)
    ]
    _import(book, tmp_path, rows)
    bulletin = book.bulletin("comarapa")
    assert len(bulletin.data.lines) == len(products) > 15
    assert len(bulletin.message()) <= MESSAGE_MOST
    shown = bulletin.message().count("\n- ")
    assert 0 < shown < len(products)
    assert f"Y más en la hoja y en la página: {len(products) - shown}." in bulletin.message()
    assert len(bulletin.radio()) > len(bulletin.message())


@pytest.mark.parametrize("place", ["comarapa", None])
def test_an_empty_book_has_an_honest_bulletin(book: Book, place: str | None) -> None:
    bulletin = book.bulletin(place)
    assert "Todavía no hay precios para" in bulletin.message()
    assert "Todavía no hay precios para" in bulletin.radio()
    assert bulletin.pdf().startswith(b"%PDF")
    assert bulletin.as_dict()["lines"] == []
    assert len(bulletin.csv().splitlines()) == 1


def test_a_book_with_old_prices_only_says_that_they_are_no_prices_of_today(told: Book) -> None:
    bulletin = told.bulletin("comarapa", date="2027-06-01")
    assert "No hay precios de los últimos 60 días para Comarapa." in bulletin.message()
    assert bulletin.data.lines == ()
    assert {each.product for each in bulletin.data.stale} == {"tomate", "papa", "cebolla"}
    assert all(each["stale"] for each in bulletin.as_dict()["stale"])


def test_a_date_in_the_past_knows_nothing_later(told: Book) -> None:
    line = next(each for each in told.bulletin("comarapa", date=_day(8)).data.lines if each.product == "tomate")
    assert (line.price, line.date.isoformat()) == (100.0, _day(8))


def test_as_of_a_day_before_anything_was_recorded_there_is_nothing(told: Book) -> None:
    assert told.bulletin("comarapa", as_of="2000-01-01").data.lines == ()


@pytest.mark.usefixtures("told")
def test_the_same_book_and_day_give_the_same_bytes(tmp_path: Path) -> None:
    paths = []
    for turn in ("one", "two"):
        with Book.open(tmp_path / "prices.db", today=TODAY) as book:
            bulletin = book.bulletin("comarapa")
            paths.append([bulletin.write(tmp_path / f"{turn}{suffix}") for suffix in (".pdf", ".txt", ".csv", ".json")])
    assert [path.read_bytes() for path in paths[0]] == [path.read_bytes() for path in paths[1]]
    with pytest.raises(PriceFileError, match="docx"):
        bulletin.write(tmp_path / "boletin.docx")


def test_a_new_price_shows_in_the_next_bulletin(told: Book) -> None:
    before, state = told.bulletin("comarapa").message(), told.state()
    assert told.bulletin("comarapa").message() == before
    told.add("frutilla", "comarapa", price=9, unit="kg", date=TODAY, author="ana")
    assert told.state() != state
    assert "Frutilla" in told.bulletin("comarapa").message()


def test_the_table_has_the_same_figures(told: Book) -> None:
    bulletin = told.bulletin("comarapa")
    rows = list(csv.DictReader(io.StringIO(bulletin.csv())))
    document = bulletin.as_dict()
    assert [row["product"] for row in rows] == [each["product"] for each in document["lines"] + document["stale"]]
    tomato = next(row for row in rows if row["product"] == "tomate")
    assert (tomato["price"], tomato["kind"], tomato["age_days"], tomato["stale"]) == ("120.0", "observed", "1", "false")
    json.dumps(document, allow_nan=False)


def test_english_is_spoken_and_quechua_falls_back_to_spanish(told: Book) -> None:
    spanish = told.bulletin("comarapa").message()
    with use_language("qu"):
        assert told.bulletin("comarapa").message() == spanish
    with use_language("en"):
        bulletin = told.bulletin("comarapa")
    assert bulletin.language == "en"
    assert bulletin.as_dict()["language"] == "en"


def test_however_much_there_is_it_stays_one_page(book: Book, tmp_path: Path) -> None:
    products = [each.id for each in book.products()][:70]
    rows = [
        f"{_day(back)},{each},{market},mayorista,kg,{n + back + 3}"
        for n, each in enumerate(products)
        for market in ("comarapa", "mairana", "saipina", "santa_cruz")
        for back in (1, 8)
    ]
    _import(book, tmp_path, rows)
    bulletin = book.bulletin()
    assert len(bulletin.data.lines) > ROWS_MOST
    content = page_content(bulletin.data)
    assert sum(len(group["rows"]) for section in content["sections"] for group in section["groups"]) == ROWS_MOST
    assert isinstance(bulletin_pdf(bulletin.data, picture=True), bytes)


def test_many_markets_with_one_price_each_stay_one_page(book: Book, tmp_path: Path) -> None:
    markets = [each.id for each in book.vocabulary.local_markets()]
    rows = [
        f"{_day(1)},{product},{market},{level},kg,{n + 3}"
        for n, market in enumerate(markets)
        for product, level in (("tomate", "mayorista"), ("papa", "minorista"), ("locoto", "en finca"))
    ]
    _import(book, tmp_path, rows)
    bulletin = book.bulletin()
    assert isinstance(bulletin_pdf(bulletin.data, picture=True), bytes)
    assert page_content(bulletin.data)["more"]


def test_simulated_prices_are_called_so_in_every_form(book: Book) -> None:
    book.add("tomate", "comarapa", price=100, unit="caja", date=TODAY, source="demo", author="ana")
    bulletin = book.bulletin("comarapa")
    assert bulletin.data.demo
    assert "DEMOSTRACIÓN" in bulletin.message()
    assert "demostración" in bulletin.radio()
    assert "DEMOSTRACIÓN" in page_content(bulletin.data)["demo"]
    assert bulletin.as_dict()["demo"] is True


def test_an_unknown_municipality_is_refused(book: Book) -> None:
    with pytest.raises(UnknownNameError):
        book.bulletin("atlantis")


def test_an_alert_is_that_of_the_indicators(book: Book, tmp_path: Path) -> None:
    months = [(2021 + n // 12, n % 12 + 1) for n in range(68)]
    rows = [
        f"{year}-{month:02d}-15,tomate,santa_cruz,mayorista,kg,{10 + (month % 5) + n * 0.01 + (9 if n == 67 else 0)}"
        for n, (year, month) in enumerate(months)
    ]
    _import(book, tmp_path, rows)
    expected = book.indicators("tomate", "santa_cruz").iloc[-1]
    (line,) = book.bulletin("comarapa").data.lines
    assert (line.alert.level, line.alert.basis, line.alert.month) == ("crisis", "alps", "2026-08")
    assert line.alert.value == expected["alps"]
    assert "en crisis" in book.bulletin("comarapa").message()


def test_a_series_too_short_or_too_old_has_no_alert() -> None:
    prices = pd.Series([5.0, 6.0], index=pd.period_range("2026-07", periods=2, freq="M"))
    empty = prices.iloc[:0]
    assert alert_of(prices, empty, last=TODAY, day=TODAY).reason == "short_series"
    assert alert_of(prices, empty, last=TODAY - dt.timedelta(days=61), day=TODAY).reason == "stale"
    assert alert_of(empty, empty, last=None, day=TODAY).reason == "no_price"
