"""The summary of a study as a spreadsheet: overview, municipalities, data dictionary and citation, a sheet each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from gis.workbook import save_workbook
from zoning.study.citation import citation_text
from zoning.study.data_dictionary import data_dictionary
from zoning.study.summary import closed_summary, closed_totals, summarise_zones

OVERVIEW, MUNICIPALITIES, DICTIONARY, CITATION = "resumen", "por municipio", "diccionario", "cita"
"""Names of the sheets. They are Spanish in every language: formulas of a reader point at them."""

DECIMALS = 2
"""Digits of hectares and of per cent: what is seen is what is stored, so that a printed sheet adds up."""

_HEADS = {
    "municipality": "código INE",
    "municipality_name": "municipio",
    "zone": "zona",
    "zone_name": "nombre de la zona",
    "chain": "cadena",
    "class": "clase",
    "area_ha": "ha",
    "percent": "%",
    "stable_ha": "ha estables",
}
_WIDTHS = {"municipality_name": 20, "zone_name": 46, "chain": 20, "area_ha": 16, "stable_ha": 16}
_NOTE = (
    "Las hectáreas y los por cientos están redondeados a dos decimales por el método del resto mayor: sumados dan la "
    "superficie de cada municipio y 100 %."
)
_FIGURES = "#,##0.00"
_WIDEST = 60


def write_summary_workbook(zones: gpd.GeoDataFrame, manifest: Mapping[str, Any], path: Path | str) -> None:
    """Write the summary of a study as a spreadsheet; the same study gives the same bytes.

    Parameters
    ----------
    zones
        Its polygons.
    manifest
        Its manifest.
    path
        The file, ending in ``.xlsx``.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """
    areas = {each["code"]: float(each["area_ha"]) for each in manifest["municipalities"]}
    closed = closed_summary(summarise_zones(zones), areas, decimals=DECIMALS)
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    overview = _sheet(book, OVERVIEW)
    title = f"{manifest['territory_name']}: estudio «{manifest['name']}»"
    overview.append([title])
    overview.append([str(manifest["notice"] or _NOTE)])
    overview.append([])
    totals = closed_totals(closed, decimals=DECIMALS)
    # Without draws nothing is known of the stability, and a column of blanks says nothing.
    heads = [name for name in _HEADS if name != "stable_ha" or closed[name].notna().any()]
    _table(overview, totals, [name for name in heads if name in totals.columns])
    overview["A1"].font = Font(bold=True, size=13)
    overview.append([])
    overview.append([_NOTE])
    listed = _sheet(book, MUNICIPALITIES)
    _table(listed, closed, heads)
    listed.freeze_panes = "A2"
    listed.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(closed) + 1}"
    _texts(_sheet(book, DICTIONARY), [("tabla", "columna", "unidad", "significado", "meaning")], header=True)
    _texts(book[DICTIONARY], [each.row for each in data_dictionary()])
    for column, width in zip("ABCDE", (12, 20, 22, 90, 90), strict=True):
        book[DICTIONARY].column_dimensions[column].width = width
    _texts(_sheet(book, CITATION), [(line,) for line in citation_text(manifest).splitlines()])
    book[CITATION].column_dimensions["A"].width = 140
    save_workbook(book, path)


def write_table_workbook(tables: Mapping[str, pd.DataFrame], path: Path | str) -> None:
    """Write plain tables as a spreadsheet, a sheet each, a missing value as ``sin dato``.

    Parameters
    ----------
    tables
        Name of the sheet to its table.
    path
        The file, ending in ``.xlsx``.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, table in tables.items():
        sheet = _sheet(book, name)
        _texts(sheet, [tuple(str(column) for column in table.columns)], header=True)
        for row in table.itertuples(index=False, name=None):
            sheet.append([_cell(value) for value in row])
        sheet.freeze_panes = "A2"
        for place, cells in enumerate(sheet.columns, start=1):
            width = max(len(str(cell.value or "")) for cell in cells)
            sheet.column_dimensions[get_column_letter(place)].width = min(width + 2, _WIDEST)
    save_workbook(book, path)


def _sheet(book: openpyxl.Workbook, name: str) -> Worksheet:
    sheet: Worksheet = book.create_sheet(name)
    return sheet


def _table(sheet: Worksheet, table: pd.DataFrame, columns: Sequence[str]) -> None:
    _texts(sheet, [tuple(_HEADS[name] for name in columns)], header=True)
    first = sheet.max_row + 1
    for row in table[list(columns)].itertuples(index=False, name=None):
        sheet.append([_cell(value, missing=None) for value in row])
    last = sheet.max_row
    for place, name in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(name, 12)
        if name in {"area_ha", "percent", "stable_ha"}:
            for line in range(first, last + 1):
                sheet.cell(row=line, column=place).number_format = _FIGURES
    place = list(columns).index("area_ha") + 1
    # The sum itself, not a formula: a reader that computes nothing shows it too.
    whole = sheet.cell(row=last + 2, column=place, value=round(float(table["area_ha"].sum()), DECIMALS))
    whole.number_format, whole.font = _FIGURES, Font(bold=True)
    sheet.cell(row=last + 2, column=1, value="total").font = Font(bold=True)


def _texts(sheet: Worksheet, rows: Iterable[Sequence[str]], *, header: bool = False) -> None:
    for row in rows:
        sheet.append(list(row))
        for cell in sheet[sheet.max_row]:
            cell.alignment = Alignment(vertical="top", wrap_text=not header)
            if header:
                cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE8DD")


def _cell(value: Any, *, missing: str | None = "sin dato") -> Any:  # noqa: ANN401  a cell holds anything
    if value is None or value != value:  # noqa: PLR0124  NaN differs from itself
        return missing
    return value
