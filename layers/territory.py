"""A territory: its municipalities under every name they bear, its projection, its cell and its climate source.

A territory is data, a ``territory.toml``; a new association of municipalities needs no code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from gis.errors import InputError, MissingError, StorageError
from gis.messages import translator
from layers.municipality import Municipality, Seat, read_municipality
from layers.spelling import spelling_key

_ = translator("layers")

__all__ = [
    "TERRITORY_FILE",
    "Municipality",
    "Seat",
    "Territory",
    "builtin_territories",
    "builtin_territory",
    "builtin_text",
    "load_territory",
    "parse_territory",
]

TERRITORY_FILE = "territory.toml"
"""Name of the file that describes a territory."""


@dataclass(frozen=True, kw_only=True)
class Territory:
    """Municipalities zoned together, and the frame in which they are zoned."""

    id: str
    """Short lower-case name."""
    name: str
    crs: str
    """Projected reference system in metres of every prepared layer, such as ``EPSG:32720``."""
    area_crs: str
    """Equal-area reference system in metres in which every hectare is measured."""
    municipalities: tuple[Municipality, ...]
    country: str = ""
    department: str = ""
    cell_m: float = 30.0
    """Side of a cell, metres."""
    margin_cells: int = 10
    """Cells added around the boundary's box."""
    climate: str = "worldclim"
    """Climate source that zoning reads, such as ``worldclim`` or ``chelsa``."""
    demo: bool = False
    """Synthetic data: everything made from it says so."""
    notice: str = ""
    """A sentence to print on every page, map and file."""
    reference_markets: tuple[str, ...] = ()
    """Market ids whose prices are shown as reference."""
    boundaries: str = ""
    """A boundary file of the workspace's own, relative to it; empty means that the mirror brings it."""
    sources: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Theme to the id of the product that brings it, where it is not the catalogue's first choice."""
    addresses: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Id of a product to the address under which its files lie, where it is not the catalogue's."""
    _index: Mapping[str, Municipality] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Build the index of spellings and refuse contradictions."""
        _check(self)
        object.__setattr__(self, "_index", _index_of(self.municipalities))

    def find(self, text: object) -> Municipality | None:
        """Return the municipality that ``text`` means, or ``None``.

        Parameters
        ----------
        text
            A code (with or without leading zeros, as number or text) or any spelling of a name; accents, case and
            blanks do not matter.

        Examples
        --------
        >>> builtin_territory("valles_crucenos").find("PUCARA").code
        '070805'
        >>> builtin_territory("valles_crucenos").find(70801.0).name
        'Vallegrande'
        """
        return self._index.get(spelling_key(text))

    def municipality(self, text: object) -> Municipality:
        """Return the municipality that ``text`` means.

        Raises
        ------
        gis.errors.MissingError
            No municipality bears that code or name; the message lists the names.

        Examples
        --------
        >>> builtin_territory("valles_crucenos").municipality("moromoro").name
        'Moro Moro'
        """
        found = self.find(text)
        if found is None:
            raise MissingError(
                _("Municipio desconocido: «{text}»").format(text=text),
                expected=_("Uno de: {names}").format(
                    names=", ".join(f"{each.name} ({each.code})" for each in self.municipalities)
                ),
                remedy=_("Escriba el nombre o el código, o agregue la grafía a `aliases` en territory.toml"),
            )
        return found

    def with_cell(self, cell_m: float) -> Territory:
        """Return the same territory on cells of ``cell_m`` metres.

        Raises
        ------
        gis.errors.InputError
            The cell is not a positive number.
        """
        return replace(self, cell_m=float(cell_m))

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the municipalities, in the order of the file."""
        return tuple(each.code for each in self.municipalities)


def load_territory(path: Path) -> Territory:
    """Read a territory from its ``territory.toml``, or from the folder that holds it.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.InputError
        The file is no valid TOML, lacks a key or contradicts itself; the message names the key.
    gis.errors.StorageError
        The file cannot be read.
    """
    file = path / TERRITORY_FILE if path.is_dir() else path
    return parse_territory(_read(file, str(file)), str(file))


def builtin_territory(territory_id: str) -> Territory:
    """Return a territory that comes with the program.

    Raises
    ------
    gis.errors.MissingError
        No territory of that name comes with the program; the message lists those that do.

    Examples
    --------
    >>> len(builtin_territory("valles_crucenos").municipalities)
    11
    """
    if territory_id not in builtin_territories():
        raise MissingError(
            _("Territorio desconocido: «{id}»").format(id=territory_id),
            expected=_("Uno de: {names}").format(names=", ".join(builtin_territories())),
            remedy=_("Para otro territorio use `valles init DIR --boundaries ARCHIVO`"),
        )
    file = _territories().joinpath(territory_id, TERRITORY_FILE)
    return parse_territory(_read(file, f"{territory_id}/{TERRITORY_FILE}"), f"{territory_id}/{TERRITORY_FILE}")


def builtin_territories() -> tuple[str, ...]:
    """Return the ids of the territories that come with the program."""
    return tuple(sorted(each.name for each in _territories().iterdir() if each.joinpath(TERRITORY_FILE).is_file()))


def builtin_text(territory_id: str) -> str:
    """Return the commented ``territory.toml`` of a territory that comes with the program.

    Raises
    ------
    gis.errors.MissingError
        No territory of that name comes with the program.
    """
    builtin_territory(territory_id)
    return _territories().joinpath(territory_id, TERRITORY_FILE).read_text(encoding="utf-8")


def parse_territory(record: Mapping[str, Any], where: str) -> Territory:
    """Make a territory from the tables of a ``territory.toml``; ``where`` names the file in messages.

    Raises
    ------
    gis.errors.InputError
        A key is missing, of the wrong type, or contradicts another.
    """
    try:
        known = {key: record[key] for key in _SIMPLE if key in record}
        return Territory(
            id=str(record["id"]),
            name=str(record["name"]),
            crs=str(record["crs"]),
            area_crs=str(record["area_crs"]),
            municipalities=tuple(read_municipality(each) for each in record["municipality"]),
            reference_markets=tuple(record.get("reference_markets", ())),
            sources=_texts(record, "sources", where),
            addresses=_texts(record, "addresses", where),
            **known,
        )
    except KeyError as error:
        raise InputError(
            _("{file}: falta la clave {key}").format(file=where, key=error),
            remedy=_("Compare con el territory.toml de otro espacio de trabajo"),
        ) from error
    except (TypeError, AttributeError) as error:
        raise InputError(
            _("{file}: un valor no tiene el tipo esperado ({why})").format(file=where, why=error)
        ) from error


_SIMPLE = ("country", "department", "cell_m", "margin_cells", "climate", "demo", "notice", "boundaries")


def _territories() -> Traversable:
    return files("layers").joinpath("data", "territories")


def _read(file: Path | Traversable, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise MissingError(_("No existe {file}").format(file=name)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(_("{file}: no es TOML válido ({why})").format(file=name, why=error)) from error
    except OSError as error:
        raise StorageError(_("No se puede leer {file}: {why}").format(file=name, why=error.strerror)) from error


def _texts(record: Mapping[str, Any], key: str, where: str) -> dict[str, str]:
    found = record.get(key, {})
    if not isinstance(found, Mapping) or not all(isinstance(each, str) and each for each in found.values()):
        raise InputError(
            _("{file}: [{key}] no es una tabla de textos").format(file=where, key=key),
            expected=_('Renglones como nombre = "texto"'),
        )
    return dict(found)


def _index_of(municipalities: tuple[Municipality, ...]) -> dict[str, Municipality]:
    index: dict[str, Municipality] = {}
    for each in municipalities:
        for spelling in (each.code, each.name, *each.aliases):
            other = index.setdefault(spelling_key(spelling), each)
            if other is not each:
                raise InputError(
                    _("«{text}» nombra dos municipios: {one} y {two}").format(
                        text=spelling, one=other.code, two=each.code
                    ),
                    remedy=_("Quite la grafía repetida de territory.toml"),
                )
    return index


def _check(territory: Territory) -> None:
    if not territory.municipalities:
        raise InputError(_("El territorio «{name}» no tiene municipios").format(name=territory.name))
    if not territory.cell_m > 0 or territory.margin_cells < 0:
        raise InputError(
            _("cell_m = {cell} y margin_cells = {margin}").format(cell=territory.cell_m, margin=territory.margin_cells),
            expected=_("Un lado de celda positivo en metros y un margen no negativo en celdas"),
        )
    if not re.fullmatch(r"[a-z][a-z0-9_]*", territory.climate):
        raise InputError(
            _("climate = «{name}»").format(name=territory.climate),
            expected=_("Un nombre en minúsculas, como worldclim o chelsa"),
        )
