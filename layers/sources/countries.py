"""How publishers of open data name the country of a territory."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from gis.errors import MissingError
from gis.messages import translator
from layers.sources.product import ProductRecord
from layers.spelling import plain_text
from layers.territory import Territory

_ = translator("layers")


@dataclass(frozen=True, kw_only=True)
class Country:
    """One country under the names that publishers give it."""

    names: tuple[str, ...]
    iso3: str
    """Three letters of ISO 3166-1."""
    level: str
    """Level of geoBoundaries at which its municipalities stand, such as ``ADM3``."""
    extract: str
    """Path of its OpenStreetMap extract at Geofabrik, such as ``south-america/bolivia``."""
    rivers: str
    """Region of HydroRIVERS, such as ``sa``."""


@cache
def countries() -> tuple[Country, ...]:
    """Return the countries that are known."""
    text = files("layers").joinpath("data", "countries.toml").read_text(encoding="utf-8")
    return tuple(Country(**{**each, "names": tuple(each["names"])}) for each in tomllib.loads(text)["country"])


def country_of(territory: Territory, record: ProductRecord) -> Country:
    """Return the country of a territory.

    Raises
    ------
    gis.errors.MissingError
        It states none, or one that is not known: the file has to be named.
    """
    wanted = plain_text(territory.country)
    for each in countries():
        if wanted and wanted in {plain_text(name) for name in (*each.names, each.iso3)}:
            return each
    raise MissingError(
        _("{title}: no se sabe cuál es el archivo de «{country}»").format(
            title=record.title, country=territory.country or "—"
        ),
        expected=_("`country` en territory.toml con uno de: {names}").format(
            names=", ".join(each.names[0] for each in countries())
        ),
        remedy=_("O el archivo mismo: [addresses] {id} = …").format(id=record.id),
    )
