"""MapBiomas Bolivia: yearly land cover of 30 m from Landsat, one file a year for the whole country."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from gis.errors import NothingHereError
from gis.messages import translator
from layers.mirrors.mirror import MirrorLayer
from layers.sources.cover_classes import mapbiomas_table, write_cover
from layers.sources.expected_raster import GEOGRAPHIC, ExpectedRaster, opened
from layers.sources.pieces import piece_entry, piece_path
from layers.sources.product import Place, ProductRecord, Supply, Wanted

_ = translator("layers")

THEME = "land_cover"
CELL = 0.000269494585235856472
"""Side of a cell, degrees: 30 m along the equator of the WGS 84 ellipsoid."""


@dataclass(frozen=True)
class MapBiomasBolivia:
    """The adapter of MapBiomas Bolivia; the year is the last one of the record's date."""

    record: ProductRecord

    def wanted(self, place: Place) -> Sequence[Wanted]:  # noqa: ARG002  one file holds the whole country
        """Return the file of the year."""
        year = self.record.date.rsplit("-", maxsplit=1)[-1].strip()
        name = f"bolivia_coverage_{year}.tif"
        return [Wanted(address=f"{self.record.address}{name}", name=name, whole=False)]

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        """Write the land cover of a place in the catalogue's classes.

        Raises
        ------
        gis.errors.InputError
            The file is damaged, not of this product, holds an unknown class, or the place lies outside Bolivia.
        gis.errors.MissingError
            The file is not there.
        gis.errors.StorageError
            The disk refuses.
        """
        expected = ExpectedRaster(product=self.record.title, crs=GEOGRAPHIC, dtypes=("uint8",), width=CELL, height=CELL)
        path = piece_path(folder, self.record, THEME)
        with ExitStack() as stack:
            rasters = [raster for _wanted, raster in opened(stack, supply, self.wanted(place))]
            for raster in rasters:
                expected.require(raster)
            window = rasters[0].lattice.over(place.bounds)
            if not rasters[0].lattice.meets(window):
                raise NothingHereError(
                    _("«{product}» no cubre este lugar").format(product=self.record.title),
                    expected=_("Un territorio dentro de Bolivia"),
                    remedy=_("Elija ESA WorldCover en territory.toml (`sources`)"),
                )
            write_cover(path, rasters, window, mapbiomas_table())
        steps = (_("clases de la leyenda llevadas a las de ESA WorldCover"),)
        return [piece_entry(self.record, THEME, path, unit="class", steps=steps)]


def product(record: ProductRecord) -> MapBiomasBolivia:
    """Return the adapter of MapBiomas Bolivia for what the catalogue says about it."""
    return MapBiomasBolivia(record)
