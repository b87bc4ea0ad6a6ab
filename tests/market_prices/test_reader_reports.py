"""A reader may say that a price is wrong: that is kept for the steward, and changes nothing by itself."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from alembic import command

from market_prices import Book
from market_prices.ledger.book_engine import book_engine, writing
from market_prices.ledger.book_upgrade import _config
from market_prices.price_errors import ObservationError, TooManyReportsError
from market_prices.quality import reader_reports

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def told(book: Book) -> Book:
    for day, price in ((1, 100.0), (8, 110.0), (15, 1200.0)):
        book.add("tomate", "comarapa", price=price, unit="caja", date=dt.date(2026, 11, day), author="ana")
    return book


def _open(book: Book) -> list[dict[str, object]]:
    found = book.flags()
    return found[found["kind"] == "reported"].to_dict("records")


def test_a_report_is_a_flag_and_changes_nothing(told: Book) -> None:
    before = (told.series("tomate", "comarapa"), told.latest("tomate"))
    kept = told.report_wrong("comarapa", "tomate", text="  Vi el tomate\n a 120, no a 1200 ", contact="7000 1234")
    assert (kept.status, kept.date, kept.price) == ("open", dt.date(2026, 11, 15), 1200.0)
    (flag,) = _open(told)
    assert (flag["flag"], flag["note"]) == (kept.flag, "Vi el tomate a 120, no a 1200")
    assert (flag["severity"], flag["author"], flag["contact"]) == ("notice", "lector", "7000 1234")
    assert told.series("tomate", "comarapa").equals(before[0])
    assert told.latest("tomate").equals(before[1])


def test_the_steward_decides_as_of_any_other_flag(told: Book) -> None:
    kept = told.report_wrong("comarapa", "tomate", text="Es un cero de más")
    told.decide(kept.flag, "confirmed", author="eva", reason="llamé al mercado")
    assert told.latest("tomate")["price"].tolist() == [110.0]
    assert told.series("tomate", "comarapa", raw=True)["price"].tolist() == [100.0, 110.0, 1200.0]
    other = told.report_wrong("comarapa", "tomate", text="También está mal", date="2026-11-08")
    told.decide(other.flag, "dismissed", author="eva", reason="el precio vale")
    again = told.report_wrong("comarapa", "tomate", text="Insisto: está mal", date="2026-11-08")
    assert (again.flag, again.status) == (other.flag, "dismissed")
    assert told.latest("tomate")["price"].tolist() == [110.0]


def test_several_readers_stand_behind_one_flag(told: Book) -> None:
    for number in range(3):
        told.report_wrong("comarapa", "tomate", text=f"Aviso número {number}", contact="el mismo")
    (flag,) = _open(told)
    assert flag["note"] == "Aviso número 0 / Aviso número 1 / Aviso número 2"
    assert flag["contact"] == "el mismo"


def test_a_quality_check_does_not_take_a_readers_flag_away(told: Book) -> None:
    told.report_wrong("comarapa", "tomate", text="Está mal", date="2026-11-01")
    told.check_quality()
    assert [flag["date"] for flag in _open(told)] == [dt.date(2026, 11, 1)]


def test_a_market_as_a_whole_may_be_reported(told: Book) -> None:
    told.add("papa", "comarapa", price=80.0, unit="quintal", date=dt.date(2026, 11, 20), author="ana")
    kept = told.report_wrong("comarapa", text="Ese mercado ya no funciona los martes")
    assert kept.product == "papa"
    assert _open(told)[0]["note"] == "Sobre el mercado entero: Ese mercado ya no funciona los martes"


@pytest.mark.parametrize("text", ["", "mal", "   \x00\x07   ", "x" * 501])
def test_empty_and_endless_words_are_refused(told: Book, text: str) -> None:
    with pytest.raises(ObservationError):
        told.report_wrong("comarapa", "tomate", text=text)
    with pytest.raises(ObservationError):
        told.report_wrong("comarapa", "tomate", text="Está mal", contact="x" * 121)
    assert _open(told) == []


def test_a_price_that_is_not_there_cannot_be_reported(told: Book) -> None:
    with pytest.raises(ObservationError, match="No hay tal precio"):
        told.report_wrong("comarapa", "tomate", text="Está mal", date="2026-11-02")
    assert told.flags().empty or "reported" not in set(told.flags()["kind"])


def test_the_book_takes_in_only_so_many_reports(told: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_reports, "MOST_OF_PRICE", 2)
    monkeypatch.setattr(reader_reports, "MOST_OF_DAY", 3)
    for _number in range(2):
        told.report_wrong("comarapa", "tomate", text="Está mal")
    with pytest.raises(TooManyReportsError, match="ya tiene 2"):
        told.report_wrong("comarapa", "tomate", text="Está mal")
    told.report_wrong("comarapa", "tomate", text="Está mal", date="2026-11-08")
    with pytest.raises(TooManyReportsError, match="Hoy ya llegaron 3"):
        told.report_wrong("comarapa", "tomate", text="Está mal", date="2026-11-01")


def test_a_book_of_the_version_before_is_brought_up(tmp_path: Path) -> None:
    path = tmp_path / "prices.db"
    engine, config = book_engine(path), _config()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
    engine.dispose()
    with Book.open(path, today=TODAY) as book:
        book.add("tomate", "comarapa", price=100.0, unit="caja", date=TODAY, author="ana")
        assert book.report_wrong("comarapa", "tomate", text="Está mal").status == "open"
