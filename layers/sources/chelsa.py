"""CHELSA V2.1: monthly normals of 1981–2010, one file a variable and month, stored in tenths.

The two places from which CHELSA gives the same files store temperature differently: tenths of a kelvin with offset 0,
or with the offset −273.15 that makes degrees Celsius. The offset in the file decides; none other is accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.messages import translator
from gis.rasters.cog import CogWriter
from gis.rasters.lattice import Lattice
from gis.rasters.native import NativeRaster, filled_window
from layers.catalogue.raster_themes import MONTHS
from layers.mirrors.mirror import MirrorLayer
from layers.sources.expected_raster import GEOGRAPHIC, ExpectedRaster, opened
from layers.sources.pieces import piece_entry, piece_path
from layers.sources.product import Place, ProductRecord, Supply, Wanted

_ = translator("layers")

CELL = 1 / 120
STEP = 0.1
"""Value of a stored step: kelvin, or kg of water per square metre and month, which is mm."""
KELVIN = 273.15
VARIABLES: tuple[tuple[str, str, str], ...] = (
    ("temperature_mean", "tas", "degC"),
    ("temperature_min", "tasmin", "degC"),
    ("temperature_max", "tasmax", "degC"),
    ("precipitation", "pr", "mm/month"),
)
"""Theme, CHELSA's name of the variable, unit of the piece."""
AROUND_CELLS = 1
"""Cells around the place: values are read between the centres of cells."""
_PERIOD = "1981-2010"
_CLOSE = 1e-4
_KELVIN_UNITS = frozenset({"k", "kelvin"})


@dataclass(frozen=True)
class Chelsa:
    """The adapter of CHELSA V2.1."""

    record: ProductRecord

    def wanted(self, place: Place) -> Sequence[Wanted]:  # noqa: ARG002  every file covers the world
        """Return twelve files of each variable, January first."""
        return [each for _theme, variable, _unit in VARIABLES for each in self._months(variable)]

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        """Write twelve bands a variable, degrees Celsius and mm a month.

        Raises
        ------
        gis.errors.InputError
            A file is damaged, or its cells, step or offset are not those of CHELSA V2.1.
        gis.errors.MissingError
            A month is absent.
        gis.errors.StorageError
            The disk refuses.
        """
        entries = []
        for theme, variable, unit in VARIABLES:
            path = piece_path(folder, self.record, theme)
            with ExitStack() as stack:
                rasters = [raster for _wanted, raster in opened(stack, supply, self._months(variable))]
                for raster in rasters:
                    self._require(raster)
                window = rasters[0].lattice.over(place.bounds, margin=AROUND_CELLS)
                months = [_decoded(raster, window, self._added(raster, unit)) for raster in rasters]
            names = [f"{theme}_{month:02d}" for month in MONTHS]
            with CogWriter(path, window, names=names, unit=unit, overviews=False) as writer:
                writer.write(np.concatenate(months))
            entries.append(piece_entry(self.record, theme, path, unit=unit))
        return entries

    def _months(self, variable: str) -> list[Wanted]:
        wanted = []
        for month in MONTHS:
            name = f"CHELSA_{variable}_{month:02d}_{_PERIOD}_V.2.1.tif"
            address = f"{self.record.address}{variable}/{_PERIOD}/{name}"
            wanted.append(Wanted(address=address, name=name, whole=False))
        return wanted

    def _require(self, raster: NativeRaster) -> None:
        expected = self._expected()
        expected.require(raster)
        if abs(raster.scale - STEP) > _CLOSE:
            expected.refuse(
                raster, _("escala {scale:g}").format(scale=raster.scale), expected=_("Escala 0,1, en los metadatos")
            )

    def _added(self, raster: NativeRaster, unit: str) -> float:
        """Return what is added to the scaled cells: from kelvin to degrees Celsius, or nothing."""
        expected = self._expected()
        if unit != "degC":
            if abs(raster.offset) > _CLOSE:
                expected.refuse(
                    raster, _("lluvia con desfase {offset:g}").format(offset=raster.offset), expected=_("Desfase 0")
                )
            return 0.0
        kelvin = abs(raster.offset) <= _CLOSE
        if not kelvin and abs(raster.offset + KELVIN) > _CLOSE:
            expected.refuse(
                raster,
                _("temperatura con desfase {offset:g}").format(offset=raster.offset),
                expected=_("Desfase 0 (kelvin) o −273,15 (grados Celsius)"),
            )
        if raster.unit and (raster.unit.casefold() in _KELVIN_UNITS) != kelvin:
            expected.refuse(
                raster,
                _("unidad «{unit}» con desfase {offset:g}").format(unit=raster.unit, offset=raster.offset),
                expected=_("Kelvin con desfase 0, o grados Celsius con desfase −273,15"),
            )
        return -KELVIN

    def _expected(self) -> ExpectedRaster:
        return ExpectedRaster(product=self.record.title, crs=GEOGRAPHIC, dtypes=("uint16",), width=CELL, height=CELL)


def _missing(raster: NativeRaster) -> float:
    """Return the stored value that means missing; some files declare one that their cells cannot hold."""
    limits = np.iinfo(np.uint16)
    return raster.nodata if raster.nodata is not None and limits.min <= raster.nodata <= limits.max else limits.max


def _decoded(raster: NativeRaster, window: Lattice, added: float) -> NDArray[np.float32]:
    """Return the values of a window, NaN where missing, shape (1, rows, cols)."""
    missing = _missing(raster)
    stored = filled_window([raster], window, fill=missing)
    values = stored * np.float64(STEP) + added
    return np.where(stored == missing, np.nan, values).astype(np.float32)


def product(record: ProductRecord) -> Chelsa:
    """Return the adapter of CHELSA for what the catalogue says about it."""
    return Chelsa(record)
