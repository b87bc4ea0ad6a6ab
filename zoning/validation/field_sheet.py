"""The spreadsheet of a field survey: written blank, filled on the ground, read back."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from gis.atomic import storage_errors
from gis.crs import CRS84
from gis.errors import InputError, MissingError
from gis.messages import translator
from gis.workbook import save_workbook
from layers.spelling import plain_text

_ = translator("zoning")

COLUMNS = (
    ("Punto", 9),
    ("Longitud", 12),
    ("Latitud", 12),
    ("Municipio", 18),
    ("Zona observada", 16),
    ("Clase observada", 16),
    ("Certeza", 11),
    ("Fecha", 12),
    ("Observador", 20),
    ("Observaciones", 44),
)
"""Headers and widths, in characters. They are what the file is read by, so they are not translated."""

POINTS, ZONES, ABOUT = "Puntos", "Zonas", "Acerca de"
"""Names of the sheets."""

OBSERVED_CLASSES = ("S1", "S2", "S3", "N")
"""What may be observed of aptitude."""

_CERTAINTIES = ("alta", "media", "baja")
_DECIMALS = 6


@dataclass(frozen=True, eq=False, kw_only=True)
class FieldSheet:
    """A sheet that was read."""

    points: gpd.GeoDataFrame
    """Points in WGS 84 with every column of the sheet as text, filled or not."""
    about: Mapping[str, str] = field(default_factory=dict)
    """What the sheet says about itself: study, rules, seed."""


def write_sheet(
    path: Path | str, points: gpd.GeoDataFrame, *, zones: Mapping[str, str], about: Mapping[str, str]
) -> None:
    """Write a blank sheet. The mapped zone is not in it: who observes must not know what the map says.

    Parameters
    ----------
    path
        The file, ending in ``.xlsx``; the same arguments give the same bytes.
    points
        Columns ``point`` and ``municipality_name``, points in any reference system.
    zones
        Code and name of the zones that may be observed.
    about
        What the sheet should say about itself.

    Raises
    ------
    gis.errors.StorageError
        The file cannot be written.
    """
    book = openpyxl.Workbook()
    sheet = book.active if isinstance(book.active, Worksheet) else book.create_sheet()
    sheet.title = POINTS
    _head(sheet, COLUMNS)
    placed = points.to_crs(CRS84)
    rows = zip(placed["point"], placed.geometry, placed["municipality_name"], strict=True)
    for row, (name, place, municipality) in enumerate(rows, start=2):
        cells = (str(name), round(place.x, _DECIMALS), round(place.y, _DECIMALS), str(municipality))
        for column, value in enumerate(cells, start=1):
            sheet.cell(row, column, value)
    last = max(len(placed) + 1, 2)
    choices = {"E": f"{ZONES}!$A$2:$A${len(zones) + 1}", "F": _listed(OBSERVED_CLASSES), "G": _listed(_CERTAINTIES)}
    for letter, formula in choices.items():
        rule = DataValidation(type="list", formula1=formula, allow_blank=True)
        rule.add(f"{letter}2:{letter}{last}")
        sheet.add_data_validation(rule)
    sheet.freeze_panes = "B2"
    _table(book.create_sheet(ZONES), (("Código", 10), ("Zona", 48)), zones)
    _table(book.create_sheet(ABOUT), (("Dato", 24), ("Valor", 90)), {**about, **_advice()})
    save_workbook(book, path)


def _advice() -> dict[str, str]:
    return {
        "Cómo llenar 1": _("Vaya a cada punto con el archivo GPX. Si no llega, deje la fila vacía y diga por qué."),
        "Cómo llenar 2": _("Zona observada: el código de la hoja «Zonas» que mejor dice para qué sirve el lugar."),
        "Cómo llenar 3": _("No mire el mapa de zonas antes de anotar. No mueva el punto, aunque caiga en un camino."),
        "Cómo llenar 4": _("Guarde en formato XLSX y lea los resultados con: valles validate --points ARCHIVO"),
    }  # fmt: skip


def _listed(words: tuple[str, ...]) -> str:
    return '"' + ",".join(words) + '"'


def _head(sheet: Worksheet, columns: tuple[tuple[str, int], ...]) -> None:
    fill = PatternFill("solid", fgColor="DDE8D6")
    for column, (name, width) in enumerate(columns, start=1):
        cell = sheet.cell(1, column, name)
        cell.font = Font(bold=True)
        cell.fill = fill
        sheet.column_dimensions[cell.column_letter].width = width


def _table(sheet: Worksheet, columns: tuple[tuple[str, int], ...], rows: Mapping[str, str]) -> None:
    _head(sheet, columns)
    for row, (key, value) in enumerate(rows.items(), start=2):
        sheet.cell(row, 1, key)
        sheet.cell(row, 2, value).alignment = Alignment(wrap_text=True, vertical="top")


def read_sheet(path: Path | str) -> FieldSheet:
    """Read a sheet, filled or not: the sheet ``Puntos``, else the first one, its first row the headers.

    Parameters
    ----------
    path
        An XLSX with columns of longitude and latitude in degrees.

    Raises
    ------
    gis.errors.MissingError
        There is no such file, or no columns of longitude and latitude.
    gis.errors.InputError
        It is no spreadsheet, empty, or a coordinate is no number of degrees.
    """
    file = Path(path)
    if not file.is_file():
        raise MissingError(
            _("No existe la planilla {path}").format(path=file), remedy=_("Revise el nombre y la carpeta")
        )
    try:
        with storage_errors(file):
            book = openpyxl.load_workbook(file, read_only=False, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise InputError(
            _("{path} no se puede leer como planilla").format(path=file),
            expected=_("Se esperaba un archivo XLSX entero"),
            remedy=_("Ábralo y guárdelo otra vez como XLSX, o expórtelo como CSV"),
        ) from error
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    main = sheets.get(POINTS) or book.worksheets[0]
    about = sheets.get(ABOUT)
    table = _frame(main, file)
    return FieldSheet(points=_placed(table, file), about={} if about is None else _pairs(about))


def _frame(sheet: Worksheet, file: Path) -> pd.DataFrame:
    rows = [["" if cell is None else str(cell).strip() for cell in row] for row in sheet.iter_rows(values_only=True)]
    if len(rows) < 2:  # noqa: PLR2004  headers and one point
        raise InputError(
            _("{path}: la hoja «{sheet}» no tiene filas").format(path=file, sheet=sheet.title),
            expected=_("Se esperaba una fila de títulos y una por punto"),
        )
    table = pd.DataFrame(rows[1:], columns=rows[0], dtype=str)
    table["_line"] = range(2, len(rows) + 1)
    return table[(table.drop(columns="_line") != "").any(axis=1)].reset_index(drop=True)


def _pairs(sheet: Worksheet) -> dict[str, str]:
    rows = [["" if cell is None else str(cell) for cell in row[:2]] for row in sheet.iter_rows(values_only=True)]
    return {row[0]: row[1] for row in rows[1:] if len(row) > 1 and row[0]}


def _placed(table: pd.DataFrame, file: Path) -> gpd.GeoDataFrame:
    known = {plain_text(name): name for name in table.columns}
    names = [
        next((known[each] for each in spellings if each in known), None)
        for spellings in (("longitud", "lon", "longitude", "x"), ("latitud", "lat", "latitude", "y"))
    ]
    if names[0] is None or names[1] is None:
        raise MissingError(
            _("{path} no tiene columnas de longitud y latitud").format(path=file),
            expected=_("Se esperaba «Longitud» y «Latitud»; tiene: {names}").format(
                names=", ".join(str(each) for each in table.columns if each != "_line")
            ),
        )
    lon, lat = (_degrees(table, name, file) for name in names if name is not None)
    geometry = gpd.points_from_xy(lon, lat, crs=CRS84)
    return gpd.GeoDataFrame(table.drop(columns="_line"), geometry=geometry)


def _degrees(table: pd.DataFrame, name: str, file: Path) -> pd.Series[float]:
    numbers = pd.to_numeric(table[name].str.replace(",", ".", regex=False).str.replace("−", "-"), errors="coerce")
    wrong = numbers.isna() | (numbers.abs() > 180)  # noqa: PLR2004  degrees
    if wrong.any():
        row = int(wrong.to_numpy().nonzero()[0][0])
        raise InputError(
            _("{path}, fila {line}, columna «{name}»: «{value}» no es una coordenada").format(
                path=file, line=table["_line"].iloc[row], name=name, value=table[name].iloc[row]
            ),
            expected=_("Se esperaban grados, por ejemplo -64,103"),
        )
    return numbers
