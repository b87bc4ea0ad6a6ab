"""The columns of a user's table: numbers told from text, personal ones left out, and the legend of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.errors import InputError, MissingError
from gis.messages import Figure, translator
from gis.vectors.plain_table import numbers_of
from layers.map_layer import LegendEntry
from layers.own.own_request import words_of
from layers.spelling import plain_text
from layers.styles import SEQUENCE, category_legend

_ = translator("layers")

CLASS_COLUMN = "legend_class"
"""Property that holds the class of a number in the legend."""
MOST_CATEGORIES = 20
"""Kinds that a legend lists; the most frequent of more."""
_PERSONAL = {"telefono", "celular", "whatsapp", "correo", "email", "mail", "cedula", "ci", "carnet", "direccion"}
_KINDS = ("cadena", "cadena_productiva", "chain", "rubro", "tipo", "type", "clase", "class", "categoria", "estado")
_CODES = {"code", "codigo", "cod", "id", "nit"}
_STEPS = 5


@dataclass(frozen=True, kw_only=True)
class Legend:
    """How a layer is shown."""

    column: str = ""
    """Property that the entries' values belong to."""
    entries: tuple[LegendEntry, ...] = ()
    limits: tuple[float, ...] = ()
    """Upper ends of the classes of a number but the last, in its unit."""


def typed(table: pd.DataFrame, *, what: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return a table of text with plain titles, numbers as numbers, and without columns about persons.

    Parameters
    ----------
    table
        Text cells, empty where nothing is written.
    what
        Names the file in messages.

    Returns
    -------
    DataFrame
        A column of numbers where every written cell is one and none is a code with leading zeros; text otherwise, with
        missing cells ``None``.
    tuple of str
        Titles of the columns left out because they tell of persons.

    Raises
    ------
    gis.errors.InputError
        Two titles become one.
    """
    personal = [name for name in table.columns if {*words_of(str(name)).split("_"), plain_text(name)} & _PERSONAL]
    made: dict[str, Any] = {}
    for name in table.columns:
        if name in personal:
            continue
        plain = words_of(str(name)) or "columna"
        if plain in made:
            raise InputError(
                _("{file}: dos columnas se llamarían «{name}»").format(file=what, name=plain),
                remedy=_("Cambie el título de una"),
            )
        made[plain] = _column(table[name], plain)
    return pd.DataFrame(made, index=table.index), tuple(personal)


def _column(column: pd.Series[Any], name: str) -> pd.Series[Any]:
    if not pd.api.types.is_object_dtype(column.dtype) and not pd.api.types.is_string_dtype(column.dtype):
        return column
    written = column.notna() & (column.astype(str) != "")
    texts = column.where(written, "").astype(str)
    numbers = numbers_of(texts)
    coded = name in _CODES or bool(texts.str.match(r"0\d").any())
    if written.any() and not coded and bool((numbers.notna() == written).all()):
        return numbers
    return column.where(written, None)


def legend_of(table: pd.DataFrame, wanted: str, *, what: str, number_first: bool = False) -> Legend:
    """Return the legend of a table.

    Parameters
    ----------
    table
        Typed columns.
    wanted
        Column asked for, as the file or the table names it; empty chooses one.
    what
        Names the file in messages.
    number_first
        Prefer a number, for tables by municipality.

    Raises
    ------
    gis.errors.MissingError
        The column is not there.
    """
    name = words_of(wanted)
    if wanted and name not in table.columns:
        raise MissingError(
            _("{file} no tiene la columna «{column}»").format(file=what, column=wanted),
            expected=_("Una de: {names}").format(names=", ".join(map(str, table.columns))),
        )
    numbers = [str(each) for each in table.columns if pd.api.types.is_numeric_dtype(table[each])]
    kinds = [each for each in _KINDS if each in table.columns]
    choices = [*numbers, *kinds] if number_first else kinds
    name = name or next(iter(choices), "")
    if not name or not table[name].notna().any():
        return Legend()
    if name in numbers:
        entries, limits = number_classes(table[name].to_numpy(dtype=float))
        return Legend(column=name, entries=entries, limits=limits)
    counts = table[name].dropna().astype(str).value_counts()
    shown = sorted(counts.index[:MOST_CATEGORIES])
    return Legend(column=name, entries=category_legend(*((value, value) for value in shown)))


def number_classes(values: NDArray[np.floating[Any]]) -> tuple[tuple[LegendEntry, ...], tuple[float, ...]]:
    """Return legend entries and upper ends of classes that hold about as many numbers each.

    Examples
    --------
    >>> entries, limits = number_classes(np.arange(100.0))
    >>> limits, [each.label for each in entries][:2]
    ((19.0, 39.0, 59.0, 79.0), ['hasta 19', '20 a 39'])
    >>> [each.label for each in number_classes(np.arange(100.0) / 8)[0]][:2]
    ['hasta 2,48', '2,48 a 4,95']
    """
    present = values[np.isfinite(values)]
    cuts = np.quantile(present, np.linspace(0, 1, _STEPS + 1)[1:-1])
    whole = bool((present == np.floor(present)).all())
    ends = {float(np.floor(cut)) if whole else float(f"{cut:.3g}") for cut in cuts}
    limits = tuple(sorted(end for end in ends if present.min() <= end < present.max()))
    texts = [f"{Figure(limit):g}" for limit in limits]
    # Whole numbers part cleanly: up to 5, 6 to 7.
    starts = [f"{Figure(limit + 1):g}" for limit in limits] if whole else texts
    labels = [_("hasta {top}").format(top=texts[0])] if texts else [_("todos los valores")]
    labels += [_("{low} a {high}").format(low=low, high=high) for low, high in zip(starts, texts[1:], strict=False)]
    labels += [_("más de {low}").format(low=texts[-1])] if texts else []
    colours = [SEQUENCE[round(place * (len(SEQUENCE) - 1) / max(len(labels) - 1, 1))] for place in range(len(labels))]
    entries = tuple(
        LegendEntry(value=label, label=label, colour=colour) for label, colour in zip(labels, colours, strict=True)
    )
    return entries, limits


def classed(table: pd.DataFrame, legend: Legend) -> tuple[pd.DataFrame, str]:
    """Return a table with the class of each number, and the property that the legend belongs to."""
    if not legend.column or not pd.api.types.is_numeric_dtype(table[legend.column]):
        return table, legend.column
    values = table[legend.column].to_numpy(dtype=float)
    labels: Sequence[str] = [each.value for each in legend.entries]
    places = np.searchsorted(np.asarray(legend.limits), values, side="left")
    told = [labels[place] if np.isfinite(value) else None for place, value in zip(places, values, strict=True)]
    return table.assign(**{CLASS_COLUMN: pd.Series(told, index=table.index, dtype=object)}), CLASS_COLUMN
