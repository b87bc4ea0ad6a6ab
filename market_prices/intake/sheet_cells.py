"""The cells of a spreadsheet as text, sheet by sheet: XLSX, and ODS as free office programs save it."""

from __future__ import annotations

import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from gis.messages import translator
from market_prices.price_errors import PriceFileError

_ = translator("market_prices")

_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_LARGEST = 200_000_000
"""Bytes of the unpacked text of a sheet; no market day has more."""
_MOST_COLUMNS = 200
_BROKEN = (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, EOFError, OSError, SyntaxError)


@dataclass(frozen=True, kw_only=True)
class SheetCells:
    """One sheet."""

    title: str
    cells: list[list[str]]
    """Rows of cells; dates in ISO form, numbers with a decimal comma, empty cells as empty texts."""


def is_spreadsheet(content: bytes) -> bool:
    """Say whether the bytes start like an XLSX or ODS file."""
    return content.startswith(b"PK")


def read_sheets(content: bytes, name: str) -> list[SheetCells]:
    """Return the sheets of a workbook.

    Parameters
    ----------
    content
        Bytes of the file.
    name
        What the file is called in messages.

    Raises
    ------
    PriceFileError
        It is cut off, or no XLSX or ODS file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = set(parts.namelist())
            if "mimetype" in names and parts.read("mimetype").decode(errors="replace").strip().startswith(_ODS):
                return list(_ods_sheets(parts))
        return list(_xlsx_sheets(content))
    except _BROKEN as error:
        raise PriceFileError(
            _("{name} está cortado o no es una planilla XLSX ni ODS").format(name=name),
            expected=_("Un archivo completo; no se importó nada"),
            remedy=_("Vuelva a copiarlo, o guárdelo de nuevo como XLSX u ODS"),
        ) from error


def _xlsx_sheets(content: bytes) -> Iterator[SheetCells]:
    with warnings.catch_warnings():  # what a spreadsheet program adds and we do not read
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    for sheet in book.worksheets:
        cells = [[cell_text(each) for each in row] for row in sheet.iter_rows(values_only=True)]
        yield SheetCells(title=sheet.title, cells=cells)


def cell_text(value: object) -> str:
    """Return a cell as text; a number with so many decimals that its comma cannot be a thousands mark."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.strftime("%H:%M")
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.6f}".replace(".", ",")
    return str(int(value)) if isinstance(value, float) else str(value)


def _ods_sheets(parts: zipfile.ZipFile) -> Iterator[SheetCells]:
    if parts.getinfo("content.xml").file_size > _LARGEST:
        raise zipfile.BadZipFile
    body = ET.fromstring(parts.read("content.xml"))  # noqa: S314  the parser bounds what entities may grow to
    for table in body.iter(f"{_TABLE}table"):
        cells: list[list[str]] = []
        blank = 0
        for row in table.iter(f"{_TABLE}table-row"):
            told = _ods_row(row)
            times = int(row.get(f"{_TABLE}number-rows-repeated", "1"))
            if not told:
                blank += times  # written only if something follows: the rest of a sheet is one long blank
                continue
            cells.extend([] for _each in range(blank))
            cells.extend(list(told) for _each in range(times))
            blank = 0
        yield SheetCells(title=table.get(f"{_TABLE}name", ""), cells=_even(cells))


def _ods_row(row: ET.Element) -> list[str]:
    told: list[str] = []
    for cell in row:
        if cell.tag not in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
            continue
        times = min(int(cell.get(f"{_TABLE}number-columns-repeated", "1")), _MOST_COLUMNS)
        told.extend([_ods_text(cell)] * times)
    while told and not told[-1]:
        told.pop()
    return told


def _ods_text(cell: ET.Element) -> str:
    kind = cell.get(f"{_OFFICE}value-type", "")
    if kind == "date":
        return cell_text(dt.datetime.fromisoformat(cell.get(f"{_OFFICE}date-value", "")))
    if kind in {"float", "currency", "percentage"}:
        return cell_text(float(cell.get(f"{_OFFICE}value", "")))
    if kind == "time":
        hours, _mark, rest = cell.get(f"{_OFFICE}time-value", "PT0H0M0S")[2:].partition("H")
        return f"{int(hours):02d}:{int(rest.partition('M')[0]):02d}"
    return "\n".join("".join(each.itertext()) for each in cell.iter(f"{_TEXT}p"))


def _even(cells: list[list[str]]) -> list[list[str]]:
    width = max((len(each) for each in cells), default=0)
    return [each + [""] * (width - len(each)) for each in cells]
