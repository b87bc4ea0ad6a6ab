"""Writing the blank market-day sheet of a municipality."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from gis.errors import InputError
from gis.messages import translator
from gis.workbook import save_workbook
from market_prices.vocabulary.market_words import level_name
from market_prices.vocabulary.vocabulary import Market, Vocabulary
from market_prices.vocabulary.vocabulary_files import builtin_vocabulary

_ = translator("market_prices")

COLUMNS = (
    ("Producto", 18),
    ("Variedad", 14),
    ("Unidad", 12),
    ("Cantidad", 10),
    ("Nivel", 13),
    ("Precio mínimo", 14),
    ("Precio", 12),
    ("Precio máximo", 14),
    ("Cantidad ofrecida", 17),
    ("Disponibilidad", 15),
    ("Venta", 12),
    ("Procedencia", 18),
    ("Hora", 8),
    ("Envase", 12),
)
"""Headers and widths, in characters. They are what the file is read by, so they are not translated."""
BLANK_ROWS = 30
FIRST_ROW = 10
_MOST_DAYS = 60
_UNITS = (
    "kg",
    "arroba",
    "quintal",
    "libra",
    "caja",
    "bolsa",
    "carga",
    "canasta",
    "docena",
    "ciento",
    "amarro",
    "unidad",
)


def write_template(path: Path | str, municipality: str, *, vocabulary: Vocabulary | None = None, days: int = 1) -> Path:
    """Write a blank market-day sheet for ``municipality`` to ``path`` (XLSX), one sheet per market day.

    Parameters
    ----------
    path
        The file to write; the same arguments give the same bytes.
    municipality
        Code of 5 or 6 digits, name or id.
    vocabulary
        Meaning of the names; the package's own when omitted.
    days
        How many blank sheets.

    Raises
    ------
    UnknownNameError
        No such municipality.
    gis.errors.InputError
        ``days`` is not between 1 and 60, or the name does not end in ``.xlsx``.
    gis.errors.StorageError
        The file cannot be written.
    """
    if not 1 <= days <= _MOST_DAYS:
        raise InputError(_("No se puede hacer una planilla de {days} días").format(days=days), expected=_("De 1 a 60"))
    if Path(path).suffix.lower() != ".xlsx":
        raise InputError(
            _("La planilla no se escribe como {name}").format(name=Path(path).name),
            expected=_("Un nombre que termina en .xlsx"),
            remedy=_("Ábrala y guárdela como ODS o CSV si lo prefiere: se importan igual"),
        )
    known = vocabulary or builtin_vocabulary()
    market = known.municipality_market(municipality)
    book = openpyxl.Workbook()
    first = book.active
    for number in range(1, days + 1):
        sheet = first if number == 1 and isinstance(first, Worksheet) else book.create_sheet()
        sheet.title = f"Día {number}" if days > 1 else "Precios"
        _fill_sheet(sheet, market, known)
    _explain(book.create_sheet("Instrucciones"))
    save_workbook(book, path)
    return Path(path)


def _fill_sheet(sheet: Worksheet, market: Market, vocabulary: Vocabulary) -> None:
    sheet["A1"] = f"Precios del día de mercado: {market.municipality_name or market.name}"
    sheet["A1"].font = Font(bold=True, size=14)
    head = (
        ("Municipio", market.municipality_name),
        ("Código", market.municipality),
        ("Mercado", market.name),
        ("Fecha", ""),
        ("Recolector", ""),
        ("Fuente", "local"),
    )
    for row, (label, value) in enumerate(head, start=2):
        sheet.cell(row, 1, label).font = Font(bold=True)
        cell = sheet.cell(row, 2, value)
        cell.number_format = "@"
    fill = PatternFill("solid", fgColor="DDE8D6")
    for column, (name, width) in enumerate(COLUMNS, start=1):
        cell = sheet.cell(FIRST_ROW - 1, column, name)
        cell.font = Font(bold=True)
        cell.fill = fill
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[cell.column_letter].width = width
    products = [each.name for each in vocabulary.all_products if each.local]
    for row, name in enumerate(products, start=FIRST_ROW):
        sheet.cell(row, 1, name)
    last = FIRST_ROW + len(products) + BLANK_ROWS
    choices = {
        "C": ",".join(_UNITS),
        "E": ",".join(level_name(each) for each in ("farm_gate", "wholesale", "retail")),
        "J": "NC,NA",
        "K": "contado,financiado",
    }
    for letter, listed in choices.items():
        rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
        rule.add(f"{letter}{FIRST_ROW}:{letter}{last}")
        sheet.add_data_validation(rule)
    sheet.freeze_panes = f"A{FIRST_ROW}"


def _explain(sheet: Worksheet) -> None:
    lines = (
        _("Una hoja por día de mercado. Escriba la fecha (por ejemplo 5/8/2026) y su nombre arriba."),
        _("Precio: el más común del día, en bolivianos, con coma decimal (12,50). Mínimo y máximo si los sabe."),
        _("Unidad: la que usa la gente (caja, arroba, kg…). Cantidad: cuántas unidades; vacío es una."),
        _("Si había producto pero no se tomó el precio escriba NC; si no había, NA. Nunca escriba 0."),
        _("Deje vacíos los productos que no vio: no cuentan. Puede agregar filas y otros productos."),
        _("Varias observaciones del mismo producto: una fila con mínimo, más común y máximo, o ponga la hora."),
    )
    for row, text in enumerate(lines, start=1):
        sheet.cell(row, 1, text).alignment = Alignment(wrap_text=True)
    sheet.column_dimensions["A"].width = 110
