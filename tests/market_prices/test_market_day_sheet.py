"""The sheet of a market day comes back as people fill it in."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from gis.errors import InputError
from market_prices import Book, PriceFileError, UnknownNameError, write_template
from market_prices.intake.written_values import parse_numbers


def test_a_blank_sheet_is_the_same_every_time_and_is_refused_as_blank(book: Book, tmp_path: Path) -> None:
    first = write_template(tmp_path / "a.xlsx", "070901").read_bytes()
    assert first == write_template(tmp_path / "b.xlsx", "Samaipata").read_bytes()
    with pytest.raises(PriceFileError, match="ningún precio anotado"):
        book.import_file(tmp_path / "a.xlsx")


def test_a_sheet_filled_in_by_hand_is_recorded(book: Book, tmp_path: Path) -> None:
    path = write_template(tmp_path / "a.xlsx", "mairana", days=2)
    workbook = openpyxl.load_workbook(path)
    first, second = workbook.worksheets[:2]
    first["B5"], first["B6"] = "5/11/2026", "Rosa"
    second["B5"] = dt.datetime(2026, 11, 12)  # noqa: DTZ001  as a spreadsheet keeps a date
    rows = [
        ["Tomate", "Perita", "caja", None, "en finca", "55,50", "60", "62,5"],
        ["morrón", None, "kg", None, None, None, 4.5, None],
        ["Papa", None, "arroba", None, "mayorista", None, None, None, None, "NA"],
        ["Choclo", None, "ciento", 2, None, 90, 85, 80],
        ["Pap", None, "kg", None, None, None, 4],
    ]
    for number, cells in enumerate(rows):
        for column, value in enumerate(cells, start=1):
            first.cell(10 + number, column, value)
            second.cell(10 + number, column, value if number == 0 else None)
    workbook.save(path)
    report = book.import_file(path)
    assert (report.accepted, report.rejected, report.rows) == (4, 2, 6)
    kept = book.rejected()
    assert kept["line"].tolist() == [13, 14]
    assert kept["code"].tolist() == ["range", "product"]
    assert kept["raw"].iloc[1].startswith("Día 1;Pap;")
    tomatoes = book.series("tomate", "mairana")
    assert tomatoes["date"].tolist() == [dt.date(2026, 11, 5), dt.date(2026, 11, 12)]
    assert tomatoes[["low", "price", "high"]].iloc[0].tolist() == [55.5, 60.0, 62.5]
    assert set(tomatoes["variety"]) == {"perita"}
    assert set(tomatoes["author"]) == {"Rosa"}
    assert book.latest("pimenton", "mairana")["price"].tolist() == [4.5]
    assert book.series("papa", "mairana")["availability"].tolist() == ["NA"]
    assert book.import_file(path).duplicates == 4


def test_a_sheet_without_a_date_says_so(book: Book, tmp_path: Path) -> None:
    path = write_template(tmp_path / "a.xlsx", "saipina")
    workbook = openpyxl.load_workbook(path)
    workbook.worksheets[0]["C10"], workbook.worksheets[0]["G10"] = "kg", 5
    workbook.save(path)
    assert book.import_file(path).rejected == 1
    assert "falta la fecha" in book.rejected()["reason"].iloc[0]


def test_a_cut_or_foreign_workbook_is_refused(book: Book, tmp_path: Path) -> None:
    content = write_template(tmp_path / "a.xlsx", "saipina").read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(content[: len(content) // 2])
    with pytest.raises(PriceFileError, match="cortado"):
        book.import_file(tmp_path / "cut.xlsx")
    other = openpyxl.Workbook()
    other.worksheets[0]["A1"] = "Otra cosa"
    other.save(tmp_path / "other.xlsx")
    with pytest.raises(PriceFileError, match="Producto y Precio"):
        book.import_file(tmp_path / "other.xlsx")
    with pytest.raises(UnknownNameError, match="saipina"):
        write_template(tmp_path / "b.xlsx", "saipna")
    with pytest.raises(InputError, match="De 1 a 60"):
        write_template(tmp_path / "b.xlsx", "saipina", days=0)


@pytest.mark.parametrize("name", ["hoja.ods", "hoja.csv", "hoja"])
def test_a_sheet_is_never_written_under_the_name_of_another_format(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=re.escape(name)):
        write_template(tmp_path / name, "mairana")
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["48,5", "75..50", "1.234,50", "12.34,5"], [48.5, np.nan, 1234.5, np.nan]),
        (["48.5", "75,,50", "1,234.50", "12,34.5"], [48.5, np.nan, 1234.5, np.nan]),
        (["48,5", "75.50", "1.234.567,5"], [48.5, 75.5, 1234567.5]),
    ],
)
def test_a_mark_out_of_place_is_no_number_instead_of_a_hundred_times_more(cells: list[str], read: list[float]) -> None:
    numbers, _unsure = parse_numbers(pd.Series(cells))
    np.testing.assert_array_equal(numbers.to_numpy(), read)
