"""Land-cover classes: which a map may hold, and what they become in the catalogue's."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputError
from gis.messages import translator
from gis.rasters.cog import CogWriter
from gis.rasters.lattice import Lattice
from gis.rasters.native import NativeRaster, filled_window
from layers.sources.pieces import strips

_ = translator("layers")

_UNKNOWN = 255
_CODES = 256


@dataclass(frozen=True, eq=False)
class ClassTable:
    """What each code of a map becomes."""

    becomes: Mapping[int, int]
    """Code of the map to class of the catalogue; 0 is missing."""
    title: str
    """Name of the map, for messages."""

    def translated(self, codes: NDArray[np.uint8], *, name: str) -> NDArray[np.uint8]:
        """Return the classes of codes, same shape.

        Raises
        ------
        gis.errors.InputError
            A code is not in the table; the message names it and the file.

        Examples
        --------
        >>> table = ClassTable({0: 0, 3: 10}, "mapa")
        >>> table.translated(np.array([0, 3], np.uint8), name="a.tif").tolist()
        [0, 10]
        """
        lookup = np.full(_CODES, _UNKNOWN, np.uint8)
        for code, kind in self.becomes.items():
            lookup[code] = kind
        classes = lookup[codes]
        unknown = classes == _UNKNOWN
        if unknown.any():
            found, counts = np.unique(codes[unknown], return_counts=True)
            told = ", ".join(f"{code} ({count})" for code, count in zip(found, counts, strict=True))
            raise InputError(
                _("{file}: clases que la leyenda de «{title}» no conoce (y sus celdas): {told}").format(
                    file=name, title=self.title, told=told
                ),
                expected=_("Una de: {codes}").format(codes=", ".join(map(str, sorted(self.becomes)))),
                remedy=_("¿Es otra colección del producto? Corrija su dirección, o vuelva a descargar el archivo"),
            )
        return np.asarray(classes)


def worldcover_table() -> ClassTable:
    """Return the classes of ESA WorldCover, which the catalogue keeps as they are."""
    return ClassTable({0: 0, **{code: code for code in worldcover_classes()}}, "ESA WorldCover")


def worldcover_classes() -> dict[int, str]:
    """Return code and Spanish name of the classes in which the catalogue keeps land cover.

    Examples
    --------
    >>> worldcover_classes()[10]
    'árboles'
    """
    return {int(code): str(name) for code, name in _tables()["worldcover"]["classes"].items()}


def mapbiomas_table() -> ClassTable:
    """Return what the classes of MapBiomas Bolivia become."""
    becomes = {int(code): int(kind) for code, kind in _tables()["mapbiomas_bolivia"]["becomes"].items()}
    return ClassTable(becomes, "MapBiomas Bolivia")


def write_cover(path: Path, rasters: list[NativeRaster], lattice: Lattice, table: ClassTable) -> None:
    """Write the classes of a window, strip by strip.

    Raises
    ------
    gis.errors.InputError
        A class is unknown, or a file is damaged.
    gis.errors.StorageError
        The disk refuses.
    """
    with CogWriter(
        path, lattice, names=("land_cover",), unit="class", dtype="uint8", classes=True, overviews=False
    ) as writer:
        for start, part in strips(lattice):
            here = [each for each in rasters if each.lattice.meets(part)]
            codes = filled_window(here, part, fill=0).astype(np.uint8, copy=False)
            writer.write(table.translated(codes, name=", ".join(each.name for each in here)), row=start)


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("layers").joinpath("data", "cover_classes.toml").read_text(encoding="utf-8"))
