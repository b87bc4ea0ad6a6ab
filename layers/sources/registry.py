"""The catalogue of open-data products: read from ``data/sources.toml``, one adapter module for each."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from gis.errors import InputError, MissingError
from gis.messages import translator
from layers.sources.product import Product, ProductRecord
from layers.territory import Territory
from layers.transfer.addresses import is_address

_ = translator("layers")

BOUNDARIES = "boundaries"
"""Theme of the municipal limits, on which everything else rests."""
NONE = "ninguno"
"""What ``[sources]`` says of a theme that no product is to bring."""
_MODULE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Products, and which of them brings a theme."""

    records: tuple[ProductRecord, ...]
    """In the order of the file."""
    order: Mapping[str, tuple[str, ...]]
    """Theme to the ids of the products that may bring it unasked, the first choice first."""

    def record(self, product_id: str) -> ProductRecord:
        """Return what the catalogue says about a product.

        Raises
        ------
        gis.errors.MissingError
            It knows no such product; the message lists those it knows.
        """
        found = next((each for each in self.records if each.id == product_id), None)
        if found is None:
            raise MissingError(
                _("Producto desconocido: «{id}»").format(id=product_id),
                expected=_("Uno de: {names}").format(names=", ".join(each.id for each in self.records)),
                remedy=_("Corrija [sources] o [addresses] en territory.toml"),
            )
        return found

    def chosen(self, territory: Territory) -> dict[str, tuple[str, ...]]:
        """Return the products that a territory takes, each with the themes it is to bring, in the file's order.

        A theme takes what ``[sources]`` names (several ids separated by commas, or ``ninguno``); else, of the climate,
        every product, because climates differ and a zoning is compared under each; else the first of ``[order]``, or
        of all that supply it, that has an address. Boundaries of its own need no product.

        Raises
        ------
        gis.errors.MissingError
            A product is not known.
        gis.errors.InputError
            A product does not bring the theme it was chosen for.
        """
        themes = dict.fromkeys(name for each in self.records for name in each.themes)
        if territory.boundaries:  # it has its own
            themes.pop(BOUNDARIES, None)
        taken: dict[str, list[str]] = {}
        for name in (*themes, *(name for name in territory.sources if name not in themes)):
            for product_id in self._of_theme(name, territory):
                taken.setdefault(product_id, []).append(name)
        return {each.id: tuple(taken[each.id]) for each in self.records if each.id in taken}

    def _of_theme(self, theme: str, territory: Territory) -> tuple[str, ...]:
        stated = territory.sources.get(theme)
        if stated is not None:
            named = tuple(each.strip() for each in stated.split(",") if each.strip() not in {"", NONE})
            for product_id in named:
                self._refuse_unfit(product_id, theme)
            return named
        able = [each for each in self.records if theme in each.themes]
        if any(each.climate for each in able):
            own_first = sorted(able, key=lambda each: each.climate != territory.climate)
            return tuple(each.id for each in own_first if each.climate and self._is_ready(each.id, territory))
        first = self.order.get(theme, tuple(each.id for each in able))
        return tuple(one for one in first if self._is_ready(one, territory))[:1]

    def _is_ready(self, product_id: str, territory: Territory) -> bool:
        return bool(self.record(product_id).address) or product_id in territory.addresses

    def _refuse_unfit(self, product_id: str, theme: str) -> None:
        record = self.record(product_id)
        if theme not in record.themes:
            raise InputError(
                _("{title} no trae el tema «{theme}»").format(title=record.title, theme=theme),
                expected=_("Trae: {names}").format(names=", ".join(record.themes)),
                remedy=_("Corrija [sources] en territory.toml"),
            )

    def adapter(self, product_id: str, territory: Territory, *, root: Path) -> Product:
        """Return a product's adapter, looking where a territory says its files lie: on the web, or from ``root`` on.

        Raises
        ------
        gis.errors.MissingError
            There is no such product, or its file has to be supplied and nobody did.
        """
        record = self.record(product_id)
        address = territory.addresses.get(product_id, record.address)
        if not address:
            raise MissingError(
                _("{title}: su licencia no permite traerlo; hay que darlo").format(title=record.title),
                expected=_("La carpeta o dirección de sus archivos en territory.toml: [addresses] {id} = …").format(
                    id=product_id
                ),
                remedy=_("Descárguelo de {homepage}").format(homepage=record.homepage or record.title),
            )
        module = import_module(f"layers.sources.{record.adapter or record.id}")
        return cast("Product", module.product(replace(record, address=_full(address, root))))


def _full(address: str, root: Path) -> str:
    """Return an address ending with a slash, or the path of a folder so ending, or that of a file."""
    if not is_address(address):
        path = root / address
        if path.is_file():
            return str(path)
        address = str(path)
    return address.removesuffix("/") + "/"


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that comes with the program.

    Raises
    ------
    gis.errors.InputError
        ``sources.toml`` is not valid; the message names the entry.
    """
    text = files("layers").joinpath("data", "sources.toml").read_text(encoding="utf-8")
    return read_catalogue(text, "sources.toml")


def read_catalogue(text: str, where: str) -> Catalogue:
    """Read a catalogue of products.

    Parameters
    ----------
    text
        A TOML document: ``[order]`` and any number of ``[[source]]``.
    where
        Names the file in messages.

    Raises
    ------
    gis.errors.InputError
        It is not valid; the message names the entry.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(_("{file}: no es TOML válido ({why})").format(file=where, why=error)) from error
    records = tuple(_record(each, number, where) for number, each in enumerate(found.get("source", ()), start=1))
    ids = [each.id for each in records]
    order = {theme: tuple(named) for theme, named in found.get("order", {}).items()}
    unknown = [one for named in order.values() for one in named if one not in ids]
    if unknown or len(set(ids)) != len(ids):
        raise InputError(
            _("{file}: productos repetidos, o desconocidos en [order]").format(file=where),
            expected=_("Cada id una vez; en [order] solo ids que existen: {names}").format(names=", ".join(ids)),
        )
    return Catalogue(records=records, order=order)


def _record(found: Mapping[str, Any], number: int, where: str) -> ProductRecord:
    known = {each.name for each in fields(ProductRecord)}
    try:
        record = ProductRecord(**{**found, "themes": tuple(found["themes"])})
    except (KeyError, TypeError) as error:
        raise InputError(
            _("{file}, [[source]] {number}: {why}").format(file=where, number=number, why=error),
            expected=_("Las claves {names}").format(names=", ".join(sorted(known))),
        ) from error
    if not _MODULE.fullmatch(record.adapter or record.id):
        raise InputError(
            _("{file}, [[source]] {number}: adapter = «{name}»").format(
                file=where, number=number, name=record.adapter or record.id
            ),
            expected=_("El nombre de un módulo de layers/sources"),
        )
    return record
