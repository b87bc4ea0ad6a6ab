"""The market-day sheet: an XLSX template per municipality, and reading it back as people fill it in."""

from __future__ import annotations

import datetime as dt
import io
import warnings
import zipfile

import numpy as np
import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from gis.messages import translator
from layers.spelling import plain_text
from market_prices.intake.format_list import NAME as _LIST
from market_prices.intake.format_list import finish, list_frame, named_columns
from market_prices.intake.intake_rows import IntakeRows
from market_prices.price_errors import PriceFileError
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")

NAME = "planilla"
_HEADER_SEARCH = 40
_FIGURES = ("price", "low", "high", "availability")
_LABELS = {
    "municipio": "municipality",
    "codigo": "code",
    "mercado": "market",
    "fecha": "date",
    "recolector": "author",
    "fuente": "source",
    "niveldeprecio": "level",
}


def is_spreadsheet(content: bytes) -> bool:
    """Say whether the bytes start like an XLSX file."""
    return content.startswith(b"PK")


def rows_of(content: bytes, name: str, vocabulary: Vocabulary) -> tuple[IntakeRows, str, str]:
    """Return the rows of a workbook with their words resolved, its format and who filled it in.

    A row counts when it has a price or says NC or NA; the products that a template lists and nobody priced are no rows.

    Raises
    ------
    PriceFileError
        The file is broken, or no sheet of it has the headers *Producto* and *Precio*.
    """
    frames: list[pd.DataFrame] = []
    raws: list[str] = []
    authors: list[str] = []
    market_day = False
    for sheet in _sheets(content, name):
        read = _sheet(sheet, vocabulary)
        if read is not None:
            frame, raw, about = read
            frames.append(frame)
            raws.extend(raw)
            market_day |= bool(about)
            authors.extend(each for each in [about.get("author", "")] if each)
    if not frames:
        raise PriceFileError(
            _("{name} no tiene ninguna hoja con los encabezados Producto y Precio").format(name=name),
            expected=_("La planilla del día de mercado"),
            remedy=_("Obtenga una en blanco con `valles prices template MUNICIPIO --out planilla.xlsx`"),
        )
    whole = pd.concat(frames, ignore_index=True)
    lines = whole.pop("line").to_numpy(dtype=np.int64)
    rows = IntakeRows(list_frame(whole), lines, lambda position: raws[position])
    rows.reject(
        (rows.frame["date"] == "").to_numpy(dtype=bool),
        "date",
        _("falta la fecha del día de mercado: escríbala en la celda junto a «Fecha»"),
    )
    author = ", ".join(sorted(set(authors)))
    return finish(rows, vocabulary), NAME if market_day else _LIST, author


def _sheets(content: bytes, name: str) -> list[Worksheet]:
    try:
        with warnings.catch_warnings():  # what a spreadsheet program adds and we do not read
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, EOFError, OSError, SyntaxError) as error:
        raise PriceFileError(
            _("{name} está cortado o no es una planilla XLSX").format(name=name),
            expected=_("Un archivo completo; no se importó nada"),
            remedy=_("Vuelva a copiarlo, o guárdelo de nuevo como XLSX"),
        ) from error
    return list(book.worksheets)


def _sheet(sheet: Worksheet, vocabulary: Vocabulary) -> tuple[pd.DataFrame, list[str], dict[str, str]] | None:
    cells = [[_text(each) for each in row] for row in sheet.iter_rows(values_only=True)]
    start = next((n for n, row in enumerate(cells[:_HEADER_SEARCH]) if _is_header(row)), None)
    if start is None:
        return None
    about = {
        _LABELS[plain_text(row[0])]: row[1].strip()
        for row in cells[:start]
        if len(row) > 1 and plain_text(row[0]) in _LABELS
    }
    names = [plain_text(each) or f"columna{position}" for position, each in enumerate(cells[start])]
    body = pd.DataFrame(cells[start + 1 :], columns=names, dtype=object)
    frame = named_columns(body.loc[:, ~body.columns.duplicated()])
    written = np.zeros(len(frame), dtype=bool)
    for column in _FIGURES:
        if column in frame:
            written |= (frame[column].str.strip() != "").to_numpy(dtype=bool)
    frame = frame[written].copy()
    positions = np.flatnonzero(written) + start + 1
    frame["line"] = positions + 1
    _fill_in(frame, about, vocabulary)
    raw = [f"{sheet.title}: " + "; ".join(cells[each]).rstrip("; ") for each in positions]
    return frame, raw, about


def _fill_in(frame: pd.DataFrame, about: dict[str, str], vocabulary: Vocabulary) -> None:
    """Give every row what the head of the sheet says once for all."""
    market = about.get("market", "")
    place = about.get("code", "") or about.get("municipality", "")
    if not market and place:
        found = [
            each.id
            for each in vocabulary.local_markets()
            if place.lstrip("0") == each.municipality.lstrip("0")
            or plain_text(place) in {plain_text(each.municipality_name), plain_text(each.id)}
        ]
        market = found[0] if found else place
    for column, value in (("market", market), *((each, about.get(each, "")) for each in ("date", "source", "level"))):
        if column not in frame:
            frame[column] = pd.Series([value] * len(frame), index=frame.index, dtype=object)
        else:
            frame[column] = frame[column].where(frame[column].str.strip() != "", value)


def _is_header(row: list[str]) -> bool:
    names = {plain_text(each) for each in row}
    return "producto" in names and bool(names & {"precio", "preciomodal", "preciobs"})


def _text(value: object) -> str:
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
