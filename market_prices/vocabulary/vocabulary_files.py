"""Reading the vocabulary from TOML: the package's own, or the files of a workspace in its place."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from gis.errors import StorageError
from gis.messages import translator
from market_prices.price_errors import ObservationError, PriceFileError
from market_prices.vocabulary.measures import Conversion, Measures, Unit
from market_prices.vocabulary.vocabulary import Market, Notice, PriceSource, Product, Variety, Vocabulary

_ = translator("market_prices")

STARTERS = ("products.toml", "measures.toml", "markets.toml")
"""Vocabulary files that a workspace may change."""
_NOTICE_COLUMNS = {"source": "source", "product": "product", "variety": "variety", "market": "market", "unit": "unit"}

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
        tuple(_each("products.toml", "product", products, _product)),
        tuple(_each("markets.toml", "market", markets, _market)),
        tuple(_each("sources.toml", "source", sources, _source)),
        Measures(
            {each.id: each for each in _each("measures.toml", "unit", measures, _unit)},
            tuple(_listed("measures.toml", "conversion", measures, _conversion)),
        ),
        {str(code): tuple(ids) for code, ids in references.items()},
        tuple(_listed("measures.toml", "notice", measures, _notice)),
    )
    if "measures.toml" not in texts:
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


def _product(key: str, record: Mapping[str, Any]) -> Product:
    return Product(
        id=key,
        name=record["name"],
        group=record["group"],
        scientific=record.get("scientific", ""),
        synonyms=tuple(record.get("synonyms", ())),
        varieties=tuple(
            Variety(id=each, name=data["name"], synonyms=tuple(data.get("synonyms", ())), wfp_id=data.get("wfp_id"))
            for each, data in record.get("varieties", {}).items()
        ),
        local=bool(record.get("local", False)),
        wfp_id=record.get("wfp_id"),
    )


def _degrees(record: Mapping[str, Any], key: str, limit: float) -> float | None:
    value = record.get(key)
    if value is None:
        return None
    if not -limit <= float(value) <= limit:
        raise ObservationError(f"{key} = {value}")
    return float(value)


def _market(key: str, record: Mapping[str, Any]) -> Market:
    kind = record["kind"]
    if kind not in {"city", "wholesale", "local", "index"}:
        raise ObservationError(f"kind = {kind}")
    return Market(
        id=key,
        name=record["name"],
        kind=kind,
        municipality=str(record.get("municipality", "")),
        municipality_name=record.get("municipality_name", ""),
        department=record.get("department", ""),
        lon=_degrees(record, "lon", 180),
        lat=_degrees(record, "lat", 90),
        days=tuple(record.get("days", ())),
        hours=record.get("hours", ""),
        buyers=record.get("buyers", ""),
        contact=record.get("contact", ""),
        synonyms=tuple(record.get("synonyms", ())),
        wfp_id=record.get("wfp_id"),
        source=record.get("source", ""),
    )


def _source(key: str, record: Mapping[str, Any]) -> PriceSource:
    return PriceSource(
        id=key,
        name=record["name"],
        licence=record.get("licence", ""),
        attribution=record.get("attribution", ""),
        demo=bool(record.get("demo", False)),
    )


def _positive(record: Mapping[str, Any], key: str) -> float | None:
    value = record.get(key)
    if value is not None and not float(value) > 0:
        raise ObservationError(f"{key} = {value}")
    return None if value is None else float(value)


def _unit(key: str, record: Mapping[str, Any]) -> Unit:
    return Unit(
        id=key,
        name=record["name"],
        plural=record.get("plural", record["name"]),
        kind=record["kind"],
        kg=_positive(record, "kg"),
        litres=_positive(record, "litres"),
        units=_positive(record, "units"),
        synonyms=tuple(record.get("synonyms", ())),
        note=record.get("note", ""),
        source=record.get("source", ""),
    )


def _date(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, dt.date) else dt.date.fromisoformat(value).isoformat()


def _conversion(record: Mapping[str, Any]) -> Conversion:
    return Conversion(
        unit=record["unit"],
        kg=_positive(record, "kg"),
        source=record["source"],
        product=record.get("product", ""),
        variety=record.get("variety", ""),
        markets=tuple(record.get("markets", ())),
        package=record.get("package", ""),
        provider=record.get("provider", ""),
        first=_date(record, "from"),
        last=_date(record, "to"),
    )


def _notice(record: Mapping[str, Any]) -> Notice:
    selectors = {column: record[key] for key, column in _NOTICE_COLUMNS.items() if key in record}
    return Notice(
        code=record["code"],
        text=record["text"],
        selectors=selectors,
        first=_date(record, "from"),
        last=_date(record, "to"),
    )


def _check(vocabulary: Vocabulary) -> None:
    markets = {each.id for each in vocabulary.all_markets}
    products = {each.id for each in vocabulary.all_products}
    for code, ids in vocabulary.references.items():
        for each in ids:
            if each not in markets:
                raise _refused("markets.toml", f"reference.{code}", KeyError(each))
    for rule in vocabulary.measures.conversions:
        for unknown in {*rule.markets} - markets | ({rule.product} - products - {""}):
            raise _refused("measures.toml", f"conversion {rule.unit}", KeyError(unknown))
        if rule.unit not in vocabulary.measures.units:
            raise _refused("measures.toml", "conversion", KeyError(rule.unit))
