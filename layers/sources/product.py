"""What a product of open data is: a record of who made it, the files a place needs of it, and how they become layers.

A product's adapter makes a piece of a mirror: files cut to the place, in the product's own projection, with one
:class:`layers.mirrors.mirror.MirrorLayer` for each. Whatever prepares a mirror prepares them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gis.rasters.raster_source import RasterSource
from layers.map_layer import Bounds
from layers.mirrors.mirror import MirrorLayer
from layers.territory import Territory


@dataclass(frozen=True, kw_only=True)
class ProductRecord:
    """What the catalogue of sources says about a product; an entry of ``data/sources.toml``."""

    id: str
    """Short lower-case name, such as ``copernicus_glo30``."""
    title: str
    themes: tuple[str, ...]
    """Themes of the catalogue that it can supply."""
    address: str
    """Address under which its files lie, ending with a slash; a territory may state another, or a folder. Empty where
    the user must supply the file."""
    licence: str
    attribution: str
    """Words that its licence asks to be shown."""
    date: str
    """Year or years that the data describe."""
    resolution_m: float | None = None
    """Side of a cell, metres; ``None`` for vectors and tables."""
    homepage: str = ""
    adapter: str = ""
    """Module of :mod:`layers.sources` whose ``product(record)`` makes the adapter; empty means the id's."""
    climate: str = ""
    """Name by which ``climate`` in territory.toml asks for it; empty for all but climates."""
    redistributable: bool = True
    """Whether its licence lets others hand its files on; otherwise ``layers bundle`` leaves them out."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The part of the world that is wanted."""

    bounds: Bounds
    """West, south, east, north, degrees, margin included."""
    territory: Territory


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One file of a product that a place needs."""

    address: str
    """Full address on the web, or path on this disk: the record's address and what follows."""
    name: str
    """Name of the file on this side, without folders."""
    whole: bool
    """Fetched in one piece; otherwise only the blocks in the place travel."""
    sha256: str = ""
    """SHA-256 that the product publishes, hexadecimal; empty where it publishes none."""
    may_be_absent: bool = False
    """The product leaves this file out where it has nothing to say, as tiles of open sea."""


class Supply(Protocol):
    """Gives the files of a product, from the web or from a folder."""

    def file(self, wanted: Wanted) -> Path | None:
        """Return where a whole file lies; ``None`` when it is absent and may be."""
        ...

    def raster(self, wanted: Wanted) -> RasterSource | None:
        """Return a raster that is read by window; ``None`` when it is absent and may be."""
        ...


class Product(Protocol):
    """An adapter: which files a place needs of a product, and what they become."""

    @property
    def record(self) -> ProductRecord:
        """What the catalogue of sources says about it."""
        ...

    def wanted(self, place: Place) -> Sequence[Wanted]:
        """Return the files that a place needs, those of every theme, in a fixed order."""
        ...

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        """Write the product's layers of a place into a folder and return their entries of a mirror.

        Raises
        ------
        gis.errors.VallesError
            A file is absent, damaged, or not what the product's description says.
        """
        ...
