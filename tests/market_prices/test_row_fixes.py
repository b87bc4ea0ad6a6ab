"""Refused rows come back corrected: the originals stay, linked to what set them right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from market_prices import Book, ObservationError, PriceFileError, records

Write = Callable[..., Path]
LIST = "fecha;mercado;producto;unidad;precio;nota"


def _corrected(path: Path, **changes: str) -> Path:
    text = path.read_text(encoding="utf-8-sig")
    for old, new in changes.items():
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


def test_refused_rows_are_corrected_in_place_and_given_back(book: Book, written: Write, tmp_path: Path) -> None:
    source = written(
        LIST,
        "5/11/2026;Mairana;papa;kg;5,50;",
        "5/11/2026;Mairana;tomte;kg;8,25;mercado de la tarde",
        '32/11/2026;Mairana;uva;kg;9;"con; punto y coma"',
        "6/11/2026;Mairana;zorzal;kg;7;",
    )
    assert book.import_file(source).rejected == 3
    out = book.export_rejected(tmp_path / "fix.csv", file="precios.csv")
    lines = out.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == f"fila;archivo;línea;motivo;{LIST}"
    assert lines[1].startswith("1;precios.csv;3;")
    assert "tomate" in lines[1]
    _corrected(out, tomte="tomate", **{"32/11/2026": "12/11/2026"})
    rehearsal = book.import_file(out, fix=True, dry_run=True)
    assert (rehearsal.accepted, rehearsal.rejected) == (2, 1)
    assert [row["fixed_batch"] for row in records(book.rejected())] == [None, None, None]
    done = book.import_file(out, fix=True, author="Ana")
    assert (done.accepted, done.rejected, done.duplicates) == (2, 1, 0)
    assert book.latest("tomate", "mairana")[["price", "author"]].iloc[0].tolist() == [8.25, "Ana"]
    fixed = book.rejected(status="fixed")
    assert fixed["line"].tolist() == [3, 4]
    assert fixed["fixed_batch"].tolist() == [done.batch, done.batch]
    assert "tomte" in fixed["raw"].iloc[0]
    left = book.rejected(file="precios.csv")
    assert left["raw"].tolist() == ["6/11/2026;Mairana;zorzal;kg;7;"]
    again = book.import_file(out, fix=True)
    assert (again.accepted, again.flagged, again.duplicates) == (0, 0, 2)


def test_a_contradiction_given_back_untouched_changes_nothing(book: Book, written: Write, tmp_path: Path) -> None:
    first = book.import_file(written(LIST, "5/11/2026;Mairana;papa;kg;7,5;", "5/11/2026;Mairana;papa;kg;9;"))
    assert (first.accepted, first.rejected) == (1, 1)
    out = book.export_rejected(tmp_path / "fix.csv")
    untouched = book.import_file(out, fix=True)
    assert (untouched.accepted, untouched.flagged, untouched.rejected) == (0, 0, 1)
    assert book.latest("papa", "mairana")["price"].tolist() == [7.5]
    done = book.import_file(_corrected(out, **{"5/11/2026;Mairana;papa;kg;9": "6/11/2026;Mairana;papa;kg;9"}), fix=True)
    assert done.accepted == 1
    assert book.latest("papa", "mairana")["price"].tolist() == [9.0]


def test_what_is_left_can_be_given_out_again(book: Book, written: Write, tmp_path: Path) -> None:
    book.import_file(written(LIST, "5/11/2026;Mairana;tomte;kg;8;", "5/11/2026;Mairana;pap;kg;8;"))
    out = book.export_rejected(tmp_path / "fix.csv")
    book.import_file(_corrected(out, tomte="tomate"), fix=True)
    rest = book.export_rejected(tmp_path / "rest.csv")
    assert len(rest.read_text(encoding="utf-8-sig").splitlines()) == 2
    assert book.import_file(_corrected(rest, **{";pap;": ";papa;"}), fix=True).accepted == 1
    assert book.rejected(file="precios.csv").empty
    with pytest.raises(ObservationError, match="No hay filas rechazadas"):
        book.export_rejected(tmp_path / "none.csv")


def test_the_rows_of_a_sheet_are_corrected_as_a_list(book: Book, tmp_path: Path) -> None:
    import openpyxl  # noqa: PLC0415  only this test writes a workbook

    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in (["Municipio", "Mairana"], ["Fecha", "5/11/2026"], ["Producto", "Unidad", "Precio"], ["Pap", "kg", 4.5]):
        sheet.append(row)
    workbook.save(tmp_path / "dia.xlsx")
    assert book.import_file(tmp_path / "dia.xlsx").rejected == 1
    out = book.export_rejected(tmp_path / "fix.csv")
    assert book.import_file(_corrected(out, **{";Pap;": ";Papa;"}), fix=True).accepted == 1
    row = book.latest("papa", "mairana").iloc[0]
    assert (row["price"], row["date"]) == (4.5, dt.date(2026, 11, 5))


def test_a_file_that_is_no_correction_is_refused_and_strange_numbers_too(book: Book, written: Write) -> None:
    plain = written(LIST, "5/11/2026;Mairana;papa;kg;5,50;")
    with pytest.raises(PriceFileError, match="no es un archivo de correcciones"):
        book.import_file(plain, fix=True)
    strange = written(f"fila;archivo;línea;motivo;{LIST}", "77;x.csv;3;nada;5/11/2026;Mairana;papa;kg;5,50;")
    report = book.import_file(strange, fix=True)
    assert (report.accepted, report.rejected) == (0, 1)
    assert "fila rechazada" in report.problems[0].reason


def test_rows_under_different_headers_are_given_out_file_by_file(book: Book, written: Write, tmp_path: Path) -> None:
    book.import_file(written(LIST, "5/11/2026;Mairana;pap;kg;5,50;", name="a.csv"))
    book.import_file(written("fecha,mercado,producto,unidad,precio", "5/11/2026,Mairana,pap,kg,5.50", name="b.csv"))
    with pytest.raises(ObservationError, match="encabezados distintos"):
        book.export_rejected(tmp_path / "fix.csv")
    assert book.export_rejected(tmp_path / "fix.csv", file="b.csv").exists()


def test_what_was_refused_can_be_read_as_it_was_known(book_target: Path | str, written: Write, tmp_path: Path) -> None:
    moment = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)
    with Book.open(book_target, clock=lambda: moment) as book:
        book.import_file(written(LIST, "5/11/2026;Mairana;pap;kg;5,50;"))
        out = book.export_rejected(tmp_path / "fix.csv")
        moment = dt.datetime(2026, 11, 12, 12, tzinfo=dt.UTC)
        book.import_file(_corrected(out, **{";pap;": ";papa;"}), fix=True)
        assert book.rejected().empty
        assert len(book.rejected(as_of="2026-11-11")) == 1
        assert book.rejected(as_of="2026-11-09").empty
        assert book.rejected(status="fixed", as_of="2026-11-11").empty
