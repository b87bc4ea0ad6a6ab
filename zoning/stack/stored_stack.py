"""A stack known by its address alone: on this disk, on another machine's, or in an object store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Self

from gis.errors import InputError
from gis.messages import translator
from gis.rasters.raster_place import Place, is_virtual, raster_place
from gis.rasters.raster_reader import RasterReader
from zoning.rating.interval_codes import Codes, Floats
from zoning.rating.row_kernel import place_names
from zoning.rating.row_tables import RowTables, build_rows
from zoning.rules.compiled_rules import CompiledRules
from zoning.stack.stack_index import CODES_FILE, SEAL, StackIndex
from zoning.stack.stack_window import Window

_ = translator("zoning")

_RASTER = ".tif"


@contextmanager
def told_of_stack(address: Place) -> Iterator[None]:
    """Say of a file of codes that cannot be read what can be done about it: it is made, never fetched.

    Raises
    ------
    gis.errors.InputError
        It turns out damaged.
    """
    try:
        yield
    except InputError as error:
        if is_virtual(address):
            raise
        raise InputError(
            _("La pila {path} está dañada").format(path=address),
            expected=_("Se esperaban todos sus bloques enteros"),
            remedy=_("Borre la carpeta {folder}: se hace de nuevo").format(folder=Path(address).parent),
        ) from error


class StoredStack:
    """The file of codes of a stack, which carries its own index; a context that any number of threads may read.

    Parameters
    ----------
    address
        The file, its folder, or its name in a virtual file system (``/vsis3/bucket/stack.tif``) as text.
    expected
        Hash that its index must have; empty takes any.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.InputError
        It is no stack, damaged, or another than expected.
    """

    def __init__(self, address: Place, *, expected: str = "") -> None:
        self.address = stack_file(address)
        self.reader = RasterReader(self.address)
        index = StackIndex.parse(self.reader.tags.get(SEAL, '{"format": 0}'), place=str(self.address))
        if index is None:
            self.reader.close()
            raise InputError(
                _("{path} no es una pila de esta versión").format(path=self.address),
                expected=_("Se esperaba el stack.tif que hace Valles en la carpeta stack de un espacio de trabajo"),
                remedy=_("Hágala de nuevo con «valles zone» y envíe el archivo otra vez"),
            )
        if expected and index.hash != expected:
            self.reader.close()
            raise InputError(
                _("La pila cambió en el disco: {path} es {found}").format(path=self.address, found=index.hash[:12]),
                expected=_("Se esperaba {expected}, la que se abrió al empezar").format(expected=expected[:12]),
                remedy=_("Otro programa la rehizo, o este trabajador ve otra copia: repita la orden"),
            )
        self.index: StackIndex = index

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file in all threads."""
        self.reader.close()

    def read(self, window: Window, keys: tuple[str, ...]) -> tuple[Codes, Codes]:
        """Read the codes of a window and its places, shapes (bands, cells) and (4 or 5, cells), row by row.

        Parameters
        ----------
        window
            Cells.
        keys
            Characteristic keys that the stack holds.

        Raises
        ------
        gis.errors.VallesError
            The file turns out damaged.
        """
        names = self.reader.names
        bands = [names.index(key) for key in keys] + [
            names.index(name) for name in place_names(len(self.index.municipalities))
        ]
        with told_of_stack(self.address):
            stored = self.reader.read_stored(
                window.row_start, window.row_stop, window.col_start, window.col_stop, bands
            ).reshape(len(bands), -1)
        return stored[: len(keys)], stored[len(keys) :]

    def tables(self, rules: CompiledRules, *, moved: Mapping[str, Floats] | None = None) -> RowTables:
        """Return rules as the rows that zone its codes by class alone.

        Parameters
        ----------
        rules
            Compiled for the layers it was made from.
        moved
            Characteristic key to other cut points than its own, of codes that stand in place of its own.

        Raises
        ------
        zoning.zoning_errors.RulesError
            A land-use type has more factors than a row holds.
        """
        return build_rows(
            rules,
            cuts_read(rules, self.index.cuts | dict(moved or {})),
            municipalities=self.index.municipalities,
            categories=self.index.categories,
            opened=self.index.opened,
            ranked=False,
        )


def stack_file(address: Place) -> Place:
    """Return the file of codes at an address: itself, or the one in that folder.

    Examples
    --------
    >>> stack_file("/vsis3/bucket/stack")
    '/vsis3/bucket/stack/stack.tif'
    """
    place = raster_place(address)
    if str(place).endswith(_RASTER):
        return place
    return f"{str(place).rstrip('/')}/{CODES_FILE}" if is_virtual(place) else Path(place) / CODES_FILE


def cuts_read(rules: CompiledRules, known: dict[str, Floats]) -> dict[str, Floats]:
    """Return the cut points of what rules read among those known, in the order in which the codes are read."""
    read = {each.key for each in rules.inputs if each.name not in rules.flagged}
    return {key: cuts for key, cuts in known.items() if key in read}


@lru_cache(maxsize=2)
def opened_stack(address: str, expected: str) -> StoredStack:
    """Return a stack that stays open in this process: a worker opens it once.

    Raises
    ------
    gis.errors.VallesError
        As of :class:`StoredStack`.
    """
    return StoredStack(address, expected=expected)
