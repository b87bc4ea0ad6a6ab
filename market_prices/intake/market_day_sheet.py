"""The market-day sheet, XLSX or ODS, read back as people fill it in: one sheet per market day."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.messages import translator
from layers.spelling import plain_text
from market_prices.intake.format_list import HEADERS, finish, list_frame, named_columns
from market_prices.intake.format_list import NAME as _LIST
from market_prices.intake.intake_rows import IntakeRows
from market_prices.intake.sheet_cells import SheetCells, read_sheets
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


@dataclass(frozen=True, kw_only=True)
class ReadSheets:
    """What a workbook holds."""

    rows: IntakeRows
    format: str
    """``planilla`` if a sheet has the head of a market day, else ``lista``."""
    author: str
    """Who filled it in."""
    header: str
    """The line of headers under which :attr:`rows` stand as text."""


def read_workbook(content: bytes, name: str, vocabulary: Vocabulary) -> ReadSheets:
    """Return the rows of a workbook with their words resolved.

    A row counts when it has a price or says NC or NA; the products that a template lists and nobody priced are no rows.

    Raises
    ------
    PriceFileError
        The file is broken, no sheet of it has the headers *Producto* and *Precio*, or nobody wrote a price in it.
    """
    frames: list[pd.DataFrame] = []
    authors: list[str] = []
    market_day = False
    for sheet in read_sheets(content, name):
        read = _sheet(sheet, vocabulary)
        if read is not None:
            frame, about = read
            frames.append(frame)
            market_day |= bool(about)
            authors.extend(each for each in [about.get("author", "")] if each)
    if not frames:
        raise PriceFileError(
            _("{name} no tiene ninguna hoja con los encabezados Producto y Precio").format(name=name),
            expected=_("La planilla del día de mercado"),
            remedy=_("Obtenga una en blanco con `valles prices template MUNICIPIO --out planilla.xlsx`"),
        )
    whole = pd.concat(frames, ignore_index=True).fillna("")
    if whole.empty:
        raise PriceFileError(
            _("{name} no tiene ningún precio anotado").format(name=name),
            expected=_("Al menos un producto con precio, o con NC o NA en Disponibilidad"),
            remedy=_("Anote los precios en la hoja del día y guarde el archivo"),
        )
    lines = whole.pop("line").to_numpy(dtype=np.int64)
    titles = whole.pop("sheet")
    names = [str(each) for each in whole.columns]
    texts = [_line([title, *cells]) for title, *cells in zip(titles, *(whole[each] for each in names), strict=True)]
    rows = IntakeRows(list_frame(whole), lines, lambda position: texts[position])
    rows.reject(
        (rows.frame["date"] == "").to_numpy(dtype=bool),
        "date",
        _("falta la fecha del día de mercado: escríbala en la celda junto a «Fecha»"),
    )
    return ReadSheets(
        rows=finish(rows, vocabulary),
        format=NAME if market_day else _LIST,
        author=", ".join(sorted(set(authors))),
        header=_line(["hoja", *(HEADERS[each][0] for each in names)]),
    )


def _line(cells: list[str]) -> str:
    """Return cells as one line of a table."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="").writerow([" ".join(str(each).split()) for each in cells])
    return text.getvalue()


def _sheet(sheet: SheetCells, vocabulary: Vocabulary) -> tuple[pd.DataFrame, dict[str, str]] | None:
    cells = sheet.cells
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
    frame["sheet"] = sheet.title
    return frame, about


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
