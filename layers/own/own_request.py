"""What a user says about a layer of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gis.crs import parse_crs
from gis.errors import InputError
from gis.messages import translator
from layers.catalogue.themes import themes
from layers.spelling import plain_text

_ = translator("layers")

_IDENTITY = re.compile(r"[a-z][a-z0-9_]{0,47}")
_SERVED = (
    "zones",
    "changes",
    "markets",
    "prices",
    "price_alerts",
    "hillshade",
    "municipalities",
    "neighbours",
    "estabilidad",
    "boundaries",
)
"""Names under which the program serves layers of its own."""


@dataclass(frozen=True, kw_only=True)
class OwnRequest:
    """A file and what it is."""

    file: Path
    id: str = ""
    """Name of the layer; by default that of the file."""
    title: str = ""
    """What a reader sees; by default the name of the file."""
    unit: str = ""
    licence: str = ""
    attribution: str = ""
    date: str = ""
    """Year, month or day that the data describe; by default the dates in them."""
    column: str = ""
    """Column that the legend shows; by default one that tells kinds apart, or the first number."""
    layer: str = ""
    """Layer of the file, where it has several."""
    band: int | None = None
    """Band of a raster, from 1; needed where it has several."""
    crs: str = ""
    """Reference system of columns in metres, where it is not the territory's UTM zone."""
    only_inside: bool = False
    """Leave out rows outside the territory instead of refusing them."""


def require_system(request: OwnRequest) -> None:
    """Refuse a reference system that is none, whether or not the file needs it.

    Raises
    ------
    gis.errors.CrsError
        Nothing bears that name.
    """
    if request.crs:
        parse_crs(request.crs, what="--crs")


def layer_id(request: OwnRequest, *, taken: Iterable[str] = ()) -> str:
    """Return the name that a layer gets.

    Parameters
    ----------
    request
        What the user says.
    taken
        Names of layers that others serve.

    Raises
    ------
    gis.errors.InputError
        It is no name, or one of the program's own.

    Examples
    --------
    >>> layer_id(OwnRequest(file=Path("Empresas por cadena.csv")))
    'empresas_por_cadena'
    """
    found = request.id or words_of(request.file.stem)
    if not _IDENTITY.fullmatch(found):
        raise InputError(
            _("«{id}» no sirve como nombre de capa").format(id=found),
            expected=_("Letras minúsculas sin tilde, cifras y guiones bajos, empezando por una letra; hasta 48"),
            remedy=_("Escriba otro con --id"),
        )
    reserved = {name for each in themes() for name in (each.id, each.prepared)} | {*_SERVED, *taken}
    if found in reserved or any(found.startswith(f"{name}_") for name in _CLIMATE):
        raise InputError(
            _("«{id}» es el nombre de una capa del programa").format(id=found),
            expected=_("Un nombre que nadie use"),
            remedy=_("Escriba otro con --id; para dar esa capa del catálogo use --theme {id}").format(id=found),
        )
    return found


_CLIMATE = ("temperature_mean", "temperature_min", "temperature_max", "precipitation")


def words_of(text: str) -> str:
    """Return words lower-case, without accents, separated by one underscore.

    Examples
    --------
    >>> words_of("Nº de diagnósticos (2026)")
    'no_de_diagnosticos_2026'
    """
    return "_".join(plain_text(word) for word in re.split(r"[\W_]+", text) if plain_text(word))
