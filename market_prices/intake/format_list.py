"""A plain list of prices, one row each, Spanish or English headers; what the book exports can be read back."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gis.messages import translator
from layers.spelling import plain_text
from market_prices.intake.intake_rows import NUMBER_COLUMNS, IntakeRows
from market_prices.intake.row_meaning import resolve
from market_prices.intake.text_table import TextTable
from market_prices.intake.written_values import parse_numbers, stripped
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")

NAME = "lista"

HEADERS = {
    "date": ("fecha", "date", "día"),
    "time": ("hora", "time"),
    "market": ("mercado", "market", "plaza"),
    "product": ("producto", "product", "rubro"),
    "variety": ("variedad", "variety", "calidad"),
    "unit": ("unidad", "unit", "medida"),
    "quantity": ("cantidad", "quantity", "cantidad de unidades"),
    "package": ("envase", "package", "paquete"),
    "level": ("nivel", "level", "nivel de precio", "tipo de precio"),
    "low": ("mínimo", "precio mínimo", "low"),
    "price": ("precio", "price", "precio modal", "precio (bs)", "modal"),
    "high": ("máximo", "precio máximo", "high"),
    "offered": ("cantidad ofrecida", "oferta", "offered"),
    "availability": ("disponibilidad", "availability"),
    "sale": ("venta", "tipo de venta", "sale"),
    "origin": ("procedencia", "origen", "origin"),
    "currency": ("moneda", "currency"),
    "source": ("fuente", "source"),
}
"""Column of the record and the headers that mean it."""
_INDEX = {plain_text(name): column for column, names in HEADERS.items() for name in names}
REQUIRED = ("date", "market", "product", "unit", "price")


def matches(columns: set[str]) -> bool:
    """Say whether plain column names are enough for a list of prices."""
    return {_INDEX[each] for each in columns if each in _INDEX} >= set(REQUIRED)


def missing(columns: set[str]) -> list[str]:
    """Return the Spanish headers that a list still lacks."""
    found = {_INDEX[each] for each in columns if each in _INDEX}
    return [HEADERS[each][0] for each in REQUIRED if each not in found]


def named_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the columns of the record; others are left out."""
    found = {name: _INDEX[name] for name in frame.columns if name in _INDEX}
    first: dict[str, str] = {}
    for name, column in found.items():
        first.setdefault(column, name)
    return frame[list(first.values())].rename(columns={name: column for column, name in first.items()})


def rows_of(table: TextTable, vocabulary: Vocabulary) -> IntakeRows:
    """Return the rows of a list with their words resolved."""
    rows = IntakeRows(list_frame(named_columns(table.frame)), table.lines, table.raw)
    return finish(rows, vocabulary)


def list_frame(found: pd.DataFrame) -> pd.DataFrame:
    """Fill in what a list may leave out: level wholesale, one unit, own collection."""
    frame = found.astype(object)
    for name, usual in (("level", "wholesale"), ("source", "local")):
        if name not in frame:
            frame[name] = usual
        frame[name] = frame[name].where(stripped(frame[name]) != "", usual)
    return frame


def finish(rows: IntakeRows, vocabulary: Vocabulary) -> IntakeRows:
    """Read the figures of rows whose cells are still text, and resolve their words."""
    for name in NUMBER_COLUMNS:
        if rows.frame[name].dtype != object:
            continue
        written = stripped(rows.frame[name])
        numbers, unsure = parse_numbers(written)
        _refuse_figures(rows, written, unsure, numbers.isna() & (written != ""))
        empty = (written == "").to_numpy(dtype=bool)
        rows.frame[name] = numbers.where(~empty, 1.0 if name == "quantity" else np.nan)
    resolve(rows, vocabulary)
    return rows


def _refuse_figures(rows: IntakeRows, written: pd.Series, unsure: pd.Series, bad: pd.Series) -> None:
    def two_ways(position: int) -> str:
        text = written.iloc[position]
        return _("«{text}» se puede leer de dos maneras: escríbalo con dos decimales").format(text=text)

    def none(position: int) -> str:
        return _("«{text}» no es un número").format(text=written.iloc[position])

    rows.reject(unsure.to_numpy(dtype=bool), "number", two_ways)
    rows.reject(bad.to_numpy(dtype=bool), "number", none)
