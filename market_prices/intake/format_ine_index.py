"""The consumer price index of INE Bolivia: per item, in general, and the general one's monthly changes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from gis.messages import translator
from market_prices.intake.intake_rows import IntakeRows
from market_prices.intake.text_table import TextTable
from market_prices.intake.written_values import parse_numbers
from market_prices.vocabulary.index_items import (
    GENERAL_ITEMS,
    INDEX_LEVEL,
    INDEX_MARKET,
    INDEX_SOURCE,
    INDEX_UNIT,
    NO_CURRENCY,
    IndexItem,
    item_code,
    name_items,
)
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")

PER_ITEM = "ine_ipc_producto"
IN_GENERAL = "ine_ipc_general"
MONTHLY_CHANGES = "ine_ipc_variacion"
_GENERAL = dict(zip((IN_GENERAL, MONTHLY_CHANGES), GENERAL_ITEMS, strict=True))
_PREVIOUS_MONTH = 100.0


def matches(columns: set[str]) -> str:
    """Return which of the three files has these plain column names; empty for none."""
    if columns >= {"fecha", "codigo", "producto", "indice"}:
        return PER_ITEM
    if columns >= {"fecha", "indicemensual"} and not any(
        each.startswith(("categoria", "division")) for each in columns
    ):
        return IN_GENERAL
    return MONTHLY_CHANGES if columns >= {"fecha", "mensual", "12m"} else ""


def rows_of(
    table: TextTable, kind: str, vocabulary: Vocabulary, known: Mapping[str, IndexItem]
) -> tuple[IntakeRows, tuple[IndexItem, ...]]:
    """Return the rows of an index file with their words resolved, and the items they speak of.

    A monthly change of v % is recorded as 100 + v, the index on the base *previous month = 100*.

    Parameters
    ----------
    table
        The file.
    kind
        Which of the three, as :func:`matches` says.
    vocabulary
        Meaning of the names.
    known
        Items that the book has an id for, by code.
    """
    found = table.frame
    column = {PER_ITEM: "indice", IN_GENERAL: "indicemensual", MONTHLY_CHANGES: "mensual"}[kind]
    figures, unsure = parse_numbers(found[column], point_expected=True)
    if kind == PER_ITEM:
        codes, names = found["codigo"].map(item_code), found["producto"].astype(str).str.strip()
    else:
        item = _GENERAL[kind]
        codes, names = pd.Series(item.code, index=found.index), pd.Series(item.name, index=found.index)
    complete = (codes != "") & (names != "")
    items = name_items(zip(codes[complete], names[complete], strict=True), vocabulary, known)
    product = codes.map({code: each.product for code, each in items.items()}).where(complete).fillna("")
    words = {"market": INDEX_MARKET, "unit": INDEX_UNIT, "level": INDEX_LEVEL, "currency": NO_CURRENCY}
    frame = pd.DataFrame({"date": found["fecha"], "product": product, **words, "source": INDEX_SOURCE}, dtype=object)
    frame["price"] = figures + _PREVIOUS_MONTH if kind == MONTHLY_CHANGES else figures
    rows = IntakeRows(frame, table.lines, table.raw)
    rows.reject(unsure.to_numpy(dtype=bool), "number", _("el punto o la coma del índice se puede leer de dos maneras"))
    rows.reject(figures.isna().to_numpy(dtype=bool), "number", _("falta el índice, o no es un número"))
    rows.reject((~complete).to_numpy(dtype=bool), "product", _("falta el código o el nombre del rubro"))
    _flag_renamed(rows, codes, names, items)
    rows.translate("market", lambda text: vocabulary.market(text).id, "market")
    rows.translate("unit", lambda text: vocabulary.unit(text)[0], "unit")
    kinds = {each.id: each.price_kind for each in vocabulary.all_markets}
    rows.frame["kind"] = rows.frame["market"].map(kinds).fillna("").astype(object)
    return rows, tuple(items.values())


def _flag_renamed(rows: IntakeRows, codes: pd.Series, names: pd.Series, items: Mapping[str, IndexItem]) -> None:
    """Flag rows whose code had another name before; their series goes on."""
    first = codes.map({code: each.name for code, each in items.items()}).fillna("").to_numpy(dtype=object)
    now = names.map(lambda text: " ".join(str(text).split())).to_numpy(dtype=object)
    rows.flag(
        np.asarray((first != "") & (now != "") & (first != now), dtype=bool),
        "id_names",
        lambda i: _("el rubro {code} se llamaba «{name}»: se sigue la misma serie").format(
            code=codes.iloc[i], name=first[i]
        ),
    )
