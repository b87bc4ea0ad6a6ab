"""Price indexes come into the book whole: every item kept, nothing twice, and read as known at a date."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from market_prices import Book, PriceFileError, UnknownNameError, records
from market_prices.vocabulary.index_items import item_products
from market_prices.vocabulary.vocabulary_files import builtin_vocabulary

ITEMS = (
    "fecha,codigo,producto,indice",
    "2026-01-01,01110101,Pan corriente,135.07",
    "2026-02-01,01110101,Pan corriente,136.5",
    '2026-01-01,03120103,"Abrigos, gabardinas",101.2',
    "2026-01-01,01170129,Tomate,186.55",
    "2026-01-01,01170123,Pepino y pepinillo,144.4",
)
GENERAL = (
    "fecha,indice_mensual,variacion_mensual,variacion_acumulada,variacion_12_meses",
    "2025-12-01,147.0,0.5,20.3,20.3",
    "2026-01-01,150.0,2.04,2.04,19.6",
)
CHANGES = ("fecha,mensual,12_m", "2026-01-01,2.041,19.6", "2026-02-01,-1.000,18.0")


def _clock(day: str) -> Callable[[], dt.datetime]:
    return lambda: dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")


def test_every_item_is_kept_and_products_of_the_valleys_keep_their_ids(
    book: Book, written: Callable[..., Path]
) -> None:
    done = book.import_file(written(*ITEMS))
    assert done.as_dict() == {
        "accepted": 5,
        "flagged": 0,
        "rejected": 0,
        "duplicates": 0,
        "format": "ine_ipc_producto",
    }
    assert [each.id for each in book.index_items()] == ["abrigos_gabardinas", "pan_corriente"]
    for name in ("pan_corriente", "Pan corriente", "01110101", "1110101"):
        rows = records(book.series(name, "nacional"))
        assert [row["price"] for row in rows] == [135.07, 136.5]
        assert {(row["product_name"], row["kind"], row["unit_name"]) for row in rows} == {
            ("Pan corriente", "reference", "índice")
        }
    assert book.series("tomate", "nacional")["price"].tolist() == [186.55]
    assert book.series("pepino", "nacional")["price"].tolist() == [144.4]
    with pytest.raises(UnknownNameError, match="No se conoce"):
        book.series("unobtainium", "nacional")


def test_importing_twice_adds_nothing(book: Book, written: Callable[..., Path]) -> None:
    for number, lines in enumerate((ITEMS, GENERAL, CHANGES)):
        path = written(*lines, name=f"{number}.csv")
        first, again = book.import_file(path), book.import_file(path)
        assert first.accepted == first.rows == len(lines) - 1
        assert (again.duplicates, again.batch) == (first.rows, None)


def test_an_index_is_no_price_unless_it_is_asked_for(book: Book, written: Callable[..., Path], tmp_path: Path) -> None:
    book.import_file(written(*ITEMS))
    book.add("tomate", "saipina", price=80.0, unit="caja", date="2026-11-20")
    assert book.latest()["market"].tolist() == ["saipina"]
    assert book.latest("tomate")["market"].tolist() == ["saipina"]
    assert len(book.latest(market="nacional")) == 4
    export = book.export(tmp_path / "out.csv")
    assert "nacional" not in export.read_text(encoding="utf-8")
    assert book.import_file(export).duplicates == 1


def test_what_an_index_file_lacks_is_refused_line_by_line(book: Book, written: Callable[..., Path]) -> None:
    lines = ("2026-01-01,,Sin código,100", "2026-13-01,01170129,Tomate,100", "2026-02-01,01170129,Tomate,")
    done = book.import_file(written(*ITEMS, *lines))
    assert (done.accepted, done.rejected, done.rows) == (5, 3, 8)
    assert [(each.line, each.code) for each in done.problems] == [(7, "product"), (8, "date"), (9, "number")]


def test_an_item_goes_on_under_its_first_name(book: Book, written: Callable[..., Path]) -> None:
    book.import_file(written(*ITEMS))
    renamed = written(ITEMS[0], "2026-03-01,1110101,Pan de batalla,140", name="renamed.csv")
    done = book.import_file(renamed)
    assert (done.flagged, done.problems[0].code) == (1, "id_names")
    assert len(book.series("pan_corriente", "nacional")) == 3


def test_indexes_by_division_are_not_taken_for_the_general_one(book: Book, written: Callable[..., Path]) -> None:
    lines = ("fecha,categoria_codigo,categoria,indice_mensual,variacion_mensual", "2026-01-01,1,Alimentos,150,1")
    with pytest.raises(PriceFileError, match="No se reconoce el formato"):
        book.import_file(written(*lines))


def test_real_prices_are_in_the_money_of_the_last_known_index(book: Book, written: Callable[..., Path]) -> None:
    for month, price in (("2025-12", 49.0), ("2026-02", 50.0), ("2026-03", 51.0)):
        book.add("papa", "mairana", price=price, unit="arroba", date=f"{month}-10")
    rows = book.indicators("papa", "mairana")
    assert rows["real_price"].isna().all()
    assert set(" ".join(rows["flags"]).split()) == {"no_cpi", "no_price", "short_series"}
    book.import_file(written(*GENERAL))
    book.import_file(written(*CHANGES, name="changes.csv"))
    rows = book.indicators("papa", "mairana")
    assert rows["real_price"].tolist() == pytest.approx([49.5, math.nan, 50.0, 51.0], nan_ok=True)
    assert set(rows["base"]) == {"2026-02"}
    assert [("cpi_carried" in each) for each in rows["flags"]] == [False, False, False, True]
    assert rows.attrs["units"]["alps"] == "standard deviations"
    early = book.indicators("papa", "mairana", until="2026-01-31")
    assert early["real_price"].tolist() == pytest.approx([50.0])


def test_prices_in_other_money_are_not_deflated(book: Book, written: Callable[..., Path]) -> None:
    book.import_file(written(*GENERAL))
    book.add("papa", "mairana", price=7.0, unit="arroba", date="2026-01-10", currency="USD")
    rows = book.indicators("papa", "mairana")
    assert rows["real_price"].isna().all()
    assert "no_cpi" in rows["flags"].iloc[0]


def test_a_revised_index_moves_only_what_was_known_later(tmp_path: Path, written: Callable[..., Path]) -> None:
    path = tmp_path / "prices.db"
    with Book.open(path, clock=_clock("2026-02-05")) as book:
        book.add("papa", "mairana", price=49.0, unit="arroba", date="2025-12-10")
        book.import_file(written(*GENERAL))
    revised = written(GENERAL[0], "2026-01-01,153.0,4.1,4.1,22.0", name="revised.csv")
    with Book.open(path, clock=_clock("2026-03-05")) as book:
        done = book.import_file(revised)
        assert (done.flagged, done.problems[0].code) == (1, "revision")
        now, then = book.indicators("papa", "mairana"), book.indicators("papa", "mairana", as_of="2026-02-28")
        assert now["real_price"].tolist() == pytest.approx([51.0])
        assert then["real_price"].tolist() == pytest.approx([50.0])
        assert book.indicators("papa", "mairana", as_of="2026-02-04").empty


def test_the_products_that_the_index_calls_otherwise_exist() -> None:
    assert set(item_products().values()) <= {each.id for each in builtin_vocabulary().all_products}
