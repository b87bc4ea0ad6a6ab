"""The daily retail prices of INE Bolivia, and the dictionary that names the products of the later file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.messages import translator
from market_prices.intake.intake_rows import IntakeRows
from market_prices.intake.row_checks import flag_second_names
from market_prices.intake.row_meaning import resolve
from market_prices.intake.text_table import TextTable
from market_prices.intake.written_values import parse_numbers
from market_prices.price_errors import PriceFileError
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")

SOURCE = "ine"
WITH_NAMES = "ine_rapido"
WITH_NUMBERS = "ine_diario"
DICTIONARY = "ine_diccionario"
DICTIONARY_FILE = "ine_diario_diccionario.csv"


@dataclass(frozen=True, kw_only=True)
class Term:
    """What a product number of the source means."""

    code: str
    name: str
    unit: str
    quantity: float
    """How many units the price is for."""


def matches(columns: set[str]) -> str:
    """Return which of the three files has these plain column names; empty for none."""
    if columns >= {"fecha", "departamento", "producto", "precio", "unidad", "cantidad"}:
        return WITH_NAMES
    if columns >= {"fecha", "departamento", "idproducto", "precio"}:
        return WITH_NUMBERS
    if columns >= {"productoid", "producto", "unidad", "cantidad"} and "precio" not in columns:
        return DICTIONARY
    return ""


def terms_of(table: TextTable) -> tuple[Term, ...]:
    """Return the terms of a dictionary file, by number.

    Raises
    ------
    PriceFileError
        A quantity is no number above zero.
    """
    quantities = parse_numbers(table.frame["cantidad"], point_expected=True)[0]
    if not (quantities > 0).all():
        position = int(np.flatnonzero(~(quantities > 0).to_numpy())[0])
        raise PriceFileError(
            _("diccionario, línea {line}: la cantidad no es un número mayor que cero").format(
                line=table.lines[position]
            )
        )
    columns = (table.frame["productoid"], table.frame["producto"], table.frame["unidad"], quantities)
    return tuple(
        Term(code=str(code).strip(), name=name, unit=unit, quantity=float(quantity))
        for code, name, unit, quantity in zip(*columns, strict=True)
    )


def rows_of(table: TextTable, vocabulary: Vocabulary, terms: Mapping[str, Term]) -> IntakeRows:
    """Return the rows of a daily file with their words resolved.

    Parameters
    ----------
    table
        The file.
    vocabulary
        Meaning of the names.
    terms
        The dictionary, for the file that has only product numbers.

    Raises
    ------
    PriceFileError
        The file has only product numbers and there is no dictionary.
    """
    found = table.frame
    named = "producto" in found
    if not named and not terms:
        raise PriceFileError(
            _("El archivo diario del INE trae solo números de producto y falta su diccionario"),
            expected=_("{file} junto al archivo, o ya importado").format(file=DICTIONARY_FILE),
            remedy=_("Descargue también el diccionario y repita la orden"),
        )
    codes = found["idproducto"].str.strip().astype(object) if "idproducto" in found else pd.Series("", found.index)
    if named:
        product, unit = found["producto"], found["unidad"]
        quantity = parse_numbers(found["cantidad"], point_expected=True)[0]
    else:
        product, unit, quantity = _looked_up(codes, terms)
    price, unsure = parse_numbers(found["precio"], point_expected=True)
    frame = pd.DataFrame(
        {
            "date": found["fecha"],
            "market": found["departamento"],
            "product": product,
            "unit": unit,
            "level": "retail",
            "source": SOURCE,
        },
        dtype=object,
    ).assign(price=price, quantity=quantity.astype(float))
    rows = IntakeRows(frame, table.lines, table.raw)
    rows.reject(unsure.to_numpy(dtype=bool), "number", _("el punto o la coma del precio se puede leer de dos maneras"))
    if not named:
        rows.reject(
            (product == "").to_numpy(dtype=bool),
            "product",
            lambda i: _("el número de producto {code} no está en el diccionario").format(code=codes.iloc[i]),
        )
    written = frame["product"].copy()
    rows.frame["number"] = codes
    resolve(rows, vocabulary)
    if named:
        note = _("el mismo número de producto se usa para «{name}» y «{other}»: se separan por el nombre")
        flag_second_names(rows, ["number"], written, "id_names", note)
    return rows


def _looked_up(codes: pd.Series, terms: Mapping[str, Term]) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return product, unit and quantity of each number; an unknown number has no product."""
    product = codes.map({code: each.name for code, each in terms.items()}).fillna("")
    unit = codes.map({code: each.unit for code, each in terms.items()}).fillna("kg")
    quantity = codes.map({code: each.quantity for code, each in terms.items()}).fillna(1.0)
    return product, unit, quantity
