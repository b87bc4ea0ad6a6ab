"""Reading the vocabulary from TOML: the package's own, or the files of a workspace in its place."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from gis.errors import StorageError
from gis.messages import translator
from market_prices.price_errors import ObservationError, PriceFileError
from market_prices.vocabulary.measures import Measures
from market_prices.vocabulary.selling_terms import SellingTerms, road_of, share_of, shared_freight, vehicle_of
from market_prices.vocabulary.vocabulary import Vocabulary
from market_prices.vocabulary.vocabulary_records import (
    PRODUCT_KINDS,
    conversion_of,
    market_of,
    notice_of,
    product_of,
    source_of,
    unit_of,
)

_ = translator("market_prices")

STARTERS = ("products.toml", "measures.toml", "markets.toml")
"""Vocabulary files that a workspace may change."""

Made = TypeVar("Made")


def starter_files() -> dict[str, str]:
    """Return the vocabulary files that a new workspace starts with: name and text."""
    return {name: _package_text(name) for name in STARTERS}


@cache
def builtin_vocabulary() -> Vocabulary:
    """Return the vocabulary that comes with the package."""
    return read_vocabulary({})


def folder_vocabulary(folder: Path) -> Vocabulary:
    """Return the vocabulary of a workspace; a file that is not there is the package's own.

    Raises
    ------
    PriceFileError
        A file is no TOML, or a record in it is not valid; file and key are named.
    gis.errors.StorageError
        A file cannot be read.
    """
    texts: dict[str, str] = {}
    for name in STARTERS:
        path = folder / name
        if path.is_file():
            try:
                texts[name] = path.read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError) as error:
                raise StorageError(
                    _("No se puede leer {path}: {reason}").format(path=path, reason=getattr(error, "found", error)),
                    expected=_("Un archivo TOML en UTF-8"),
                ) from error
    return read_vocabulary(texts) if texts else builtin_vocabulary()


def read_vocabulary(texts: Mapping[str, str]) -> Vocabulary:
    """Make a vocabulary from the text of its files, by file name; one that is missing is the package's own.

    Raises
    ------
    PriceFileError
        A text is no TOML, or a record in it is not valid; file and key are named.
    """
    products = _tables("products.toml", texts)
    markets = _tables("markets.toml", texts)
    measures = _tables("measures.toml", texts)
    sources = _tables("sources.toml", texts)
    references = markets.get("reference", {})
    vocabulary = Vocabulary(
        tuple(_each("products.toml", "product", products, partial(product_of, _groups(products)))),
        tuple(_each("markets.toml", "market", markets, market_of)),
        tuple(_each("sources.toml", "source", sources, source_of)),
        Measures(
            {each.id: each for each in _each("measures.toml", "unit", measures, unit_of)},
            tuple(_listed("measures.toml", "conversion", measures, conversion_of)),
        ),
        {str(code): tuple(ids) for code, ids in references.items()},
        tuple(_listed("measures.toml", "notice", measures, notice_of)),
        selling=_selling_terms(markets),
    )
    if texts.get("measures.toml") in {None, _package_text("measures.toml")}:
        vocabulary = _applicable(vocabulary)
    _check(vocabulary)
    return vocabulary


def _applicable(vocabulary: Vocabulary) -> Vocabulary:
    """Leave out the package's own weights and warnings about products and markets that another vocabulary lacks."""
    products = {each.id for each in vocabulary.all_products} | {""}
    markets = {each.id for each in vocabulary.all_markets} | {""}
    rules = tuple(
        each for each in vocabulary.measures.conversions if each.product in products and {*each.markets} <= markets
    )
    notices = tuple(
        each
        for each in vocabulary.notices
        if each.selectors.get("product", "") in products and each.selectors.get("market", "") in markets
    )
    measures = Measures(vocabulary.measures.units, rules)
    return dataclasses.replace(vocabulary, measures=measures, notices=notices)


def _package_text(name: str) -> str:
    return (files("market_prices") / "data" / name).read_text(encoding="utf-8")


def _tables(name: str, texts: Mapping[str, str]) -> dict[str, Any]:
    text = texts.get(name)
    try:
        return tomllib.loads(_package_text(name) if text is None else text)
    except tomllib.TOMLDecodeError as error:
        raise PriceFileError(
            _("{file} no es TOML válido: {reason}").format(file=name, reason=getattr(error, "found", error)),
            remedy=_("Corrija la línea indicada"),
        ) from error


def _refused(file: str, key: str, error: Exception) -> PriceFileError:
    return PriceFileError(
        _("{file}, [{key}]: dato que no sirve o falta ({reason})").format(
            file=file, key=key, reason=getattr(error, "found", error)
        ),
        expected=_("Los campos que explica el encabezado del archivo"),
    )


def _unknown(file: str, key: str, name: str) -> PriceFileError:
    return PriceFileError(
        _("{file}, [{key}]: nombra «{name}», que no está en products.toml, markets.toml ni measures.toml").format(
            file=file, key=key, name=name
        ),
        expected=_("El nombre de un producto, un mercado o una medida de estos archivos"),
        remedy=_("Anótelo en su archivo, o quite de {file} lo que lo nombra").format(file=file),
    )


def _each(
    file: str, table: str, tables: Mapping[str, Any], make: Callable[[str, Mapping[str, Any]], Made]
) -> Iterable[Made]:
    for key, record in tables.get(table, {}).items():
        try:
            yield make(key, record)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _refused(file, f"{table}.{key}", error) from error


def _listed(file: str, table: str, tables: Mapping[str, Any], make: Callable[[Mapping[str, Any]], Made]) -> list[Made]:
    made: list[Made] = []
    for number, record in enumerate(tables.get(table, []), start=1):
        try:
            made.append(make(record))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _refused(file, f"{table} {number}", error) from error
    return made


def _selling_terms(markets: Mapping[str, Any]) -> SellingTerms:
    try:
        shared = shared_freight(markets)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _refused("markets.toml", "freight", error) from error
    return SellingTerms(
        roads=tuple(_listed("markets.toml", "road", markets, road_of)),
        vehicles=tuple(_listed("markets.toml", "vehicle", markets, vehicle_of)),
        losses=tuple(_listed("markets.toml", "loss", markets, share_of)),
        commissions=tuple(_listed("markets.toml", "commission", markets, share_of)),
        **shared,
    )


def _groups(products: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    groups = dict(_each("products.toml", "group", products, lambda key, record: (key, dict(record))))
    for key, record in groups.items():
        if record.get("kind", "product") not in PRODUCT_KINDS:
            raise _refused("products.toml", f"group.{key}", ObservationError(f"kind = {record['kind']}"))
    return groups


def _check(vocabulary: Vocabulary) -> None:
    markets = {each.id for each in vocabulary.all_markets}
    products = {each.id for each in vocabulary.all_products}
    for code, ids in vocabulary.references.items():
        for each in ids:
            if each not in markets:
                raise _unknown("markets.toml", f"reference.{code}", each)
    for rule in vocabulary.measures.conversions:
        for unknown in {*rule.markets} - markets | ({rule.product} - products - {""}):
            raise _unknown("measures.toml", f"conversion {rule.unit}", unknown)
        if rule.unit not in vocabulary.measures.units:
            raise _unknown("measures.toml", "conversion", rule.unit)
    _check_selling(vocabulary.selling, products | {""}, markets | {""})


def _check_selling(selling: SellingTerms, products: set[str], markets: set[str]) -> None:
    for loss in selling.losses:
        if loss.product not in products:
            raise _unknown("markets.toml", "loss", loss.product)
    for commission in selling.commissions:
        if commission.market not in markets:
            raise _unknown("markets.toml", "commission", commission.market)
