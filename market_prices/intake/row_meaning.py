"""Giving the written words of a row their meaning: product and variety, market, unit and quantity, level, money."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from gis.messages import translator
from layers.spelling import plain_text
from market_prices.intake.intake_rows import IntakeRows
from market_prices.intake.written_values import stripped
from market_prices.price_errors import ObservationError
from market_prices.vocabulary.market_words import availability_code, currency_code, figure_text, level_code, sale_code
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")

_TIME = re.compile(r"(\d{1,2})[:.h](\d{2})(?::\d{2})?")
_LONGEST = 80
_LITRES_TYPED_AS_MILLILITRES = 50.0


def resolve(rows: IntakeRows, vocabulary: Vocabulary) -> None:
    """Replace words by ids in place; rows with a word that means nothing are refused, the nearest names given."""
    resolve_products(rows, vocabulary)
    rows.translate("market", lambda text: vocabulary.market(text).id, "market")
    resolve_units(rows, vocabulary)
    rows.translate("level", level_code, "level")
    rows.translate("currency", currency_code, "currency")
    rows.translate("availability", availability_code, "availability")
    rows.translate("sale", sale_code, "sale")
    rows.translate("time", time_of_day, "time")
    for column in ("package", "origin", "source"):
        rows.translate(column, _short, "text")
    _unit_of_absence(rows)
    kinds = {each.id: each.price_kind for each in vocabulary.all_markets}
    rows.frame["kind"] = rows.frame["market"].map(kinds).fillna("").astype(object)


def resolve_products(rows: IntakeRows, vocabulary: Vocabulary) -> None:
    """Replace the written product by its id and fill in the variety that the name implies or that stands beside it."""
    meant = {}
    for text in rows.frame["product"].unique():
        found = vocabulary.product_index.get(plain_text(text))
        meant[text] = found or ("", "")
    implied = rows.frame["product"].map({text: each[1] for text, each in meant.items()}).astype(object)
    rows.translate("product", lambda text: vocabulary.product(text)[0].id, "product")
    written = rows.frame["variety"]
    if not (written != "").any():
        rows.frame["variety"] = implied
        return
    pairs = rows.frame["product"].str.cat(written, sep="\n")
    known = {
        f"{each.id}\n{spelling}": variety.id
        for each in vocabulary.all_products
        for variety in each.varieties
        for spelling in written.unique()
        if plain_text(spelling) in {plain_text(name) for name in (variety.id, variety.name, *variety.synonyms)}
    }
    # A variety nobody has listed is kept as written: it still separates one series from another.
    own = pairs.map(known).fillna(written.map(lambda text: _short(str(text).strip().lower())))
    rows.frame["variety"] = own.where(written != "", implied).astype(object)


def resolve_units(rows: IntakeRows, vocabulary: Vocabulary) -> None:
    """Replace the written unit by its id and multiply the quantity by what the text counts, such as ``46 KG``."""
    texts = rows.frame["unit"]
    parsed = {str(text): vocabulary.measures.parse(str(text)) for text in texts.unique()}
    counts = texts.map({text: found[1] if found else np.nan for text, found in parsed.items()}).astype(float)
    rows.frame["quantity"] = rows.frame["quantity"].astype(float) * counts
    blank = (stripped(texts) == "").to_numpy(dtype=bool)
    absent = blank & (rows.frame["availability"] != "").to_numpy(dtype=bool) & rows.frame["price"].isna().to_numpy()
    rows.reject(blank & ~absent, "unit", _("falta la unidad: escriba por ejemplo kg, arroba o caja"))
    rows.translate("unit", lambda text: vocabulary.unit(text)[0] if text.strip() else "", "unit")
    rows.frame["quantity"] = rows.frame["quantity"].fillna(1.0).where(texts != "", rows.frame["quantity"])
    rows.frame.loc[absent, "quantity"] = 1.0
    _smaller_units(rows, vocabulary)


def _smaller_units(rows: IntakeRows, vocabulary: Vocabulary) -> None:
    """Bring 500 g and 0.5 kg, 900 ml and 0.9 l to one unit; 900 litres of a bottle are millilitres, and are flagged."""
    unit = rows.frame["unit"]
    quantity = rows.frame["quantity"].to_numpy(dtype=float)
    litres = unit.map({each.id: each.litres for each in vocabulary.measures.units.values()}).to_numpy(dtype=float)
    typed = (litres == 1.0) & (quantity >= _LITRES_TYPED_AS_MILLILITRES)
    rows.flag(
        typed,
        "quantity",
        lambda i: _("cantidad de {quantity} litros: se lee como mililitros").format(quantity=figure_text(quantity[i])),
    )
    quantity = np.where(typed, quantity / 1000.0, quantity)
    small = litres == 0.001  # noqa: PLR2004  litres of a millilitre
    grams = (unit == "gramo").to_numpy(dtype=bool)
    quantity = np.where(small | grams, quantity / 1000.0, quantity)
    rows.frame["quantity"] = np.round(quantity, 9)
    rows.frame["unit"] = unit.mask(pd.Series(small, index=unit.index), "litro").mask(
        pd.Series(grams, index=unit.index), "kg"
    )


def _unit_of_absence(rows: IntakeRows) -> None:
    """Give a row that only says that there was none, in no unit, the unit of its product's rows if they agree.

    Else it keeps no unit: nothing was sold in any.
    """
    frame = rows.frame
    for position in np.flatnonzero((frame["unit"] == "").to_numpy(dtype=bool) & rows.good):
        same = (frame["unit"] != "").to_numpy(dtype=bool) & rows.good
        for name in ("product", "market", "level", "variety"):
            same &= (frame[name] == frame[name].iloc[position]).to_numpy(dtype=bool)
        others = frame.loc[same, ["unit", "quantity", "package"]].drop_duplicates()
        if len(others) == 1:
            frame.loc[position, ["unit", "quantity", "package"]] = others.iloc[0].tolist()


def time_of_day(text: str) -> str:
    """Return ``HH:MM``; empty stays empty.

    Raises
    ------
    ObservationError
        The text is no time of day.

    Examples
    --------
    >>> time_of_day("4:30"), time_of_day("")
    ('04:30', '')
    """
    bare = text.strip().lower()
    if not bare:
        return ""
    found = _TIME.fullmatch(bare)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:  # noqa: PLR2004  hours and minutes
        raise ObservationError(
            _("Hora que no se entiende: «{text}»").format(text=text), expected=_("por ejemplo 04:30")
        )
    return f"{int(found[1]):02d}:{found[2]}"


def _short(text: str) -> str:
    bare = " ".join(text.split())
    if len(bare) > _LONGEST:
        raise ObservationError(_("Texto demasiado largo: «{text}…»").format(text=bare[:40]))
    return bare
