"""ESA WorldCover 10 m 2021 v200: land cover in tiles of three degrees."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from gis.errors import NothingHereError
from gis.messages import translator
from layers.mirrors.mirror import MirrorLayer
from layers.sources.cover_classes import worldcover_table, write_cover
from layers.sources.expected_raster import GEOGRAPHIC, ExpectedRaster, opened
from layers.sources.pieces import absent_words, corner_name, piece_entry, piece_path, tile_corners
from layers.sources.product import Place, ProductRecord, Supply, Wanted

_ = translator("layers")

THEME = "land_cover"
CELL = 1 / 12_000
"""Side of a cell, degrees: 36 000 in a tile of three degrees."""
TILE_DEG = 3


@dataclass(frozen=True)
class WorldCover:
    """The adapter of ESA WorldCover 2021 v200. Open sea has no tile."""

    record: ProductRecord

    def wanted(self, place: Place) -> Sequence[Wanted]:
        """Return the tiles that a place touches."""
        wanted = []
        for lat, lon in tile_corners(place.bounds, degrees=TILE_DEG):
            name = f"ESA_WorldCover_10m_2021_v200_{''.join(corner_name(lat, lon))}_Map.tif"
            wanted.append(Wanted(address=f"{self.record.address}{name}", name=name, whole=False, may_be_absent=True))
        return wanted

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        """Write the land cover of a place in its own cells of 10 m; the preparation takes the most frequent class.

        Raises
        ------
        gis.errors.MissingError
            No tile is there.
        gis.errors.InputError
            A file is damaged, not a tile of this product, or holds an unknown class.
        gis.errors.StorageError
            The disk refuses.
        """
        wanted = self.wanted(place)
        expected = ExpectedRaster(product=self.record.title, crs=GEOGRAPHIC, dtypes=("uint8",), width=CELL, height=CELL)
        path = piece_path(folder, self.record, THEME)
        with ExitStack() as stack:
            found = opened(stack, supply, wanted)
            if not found:
                raise NothingHereError(
                    _("{product}: ninguna tesela en este lugar").format(product=self.record.title),
                    expected=", ".join(each.name for each in wanted),
                )
            rasters = [raster for _wanted, raster in found]
            for raster in rasters:
                expected.require(raster)
            write_cover(path, rasters, rasters[0].lattice.over(place.bounds), worldcover_table())
        there = {each.name for each, _raster in found}
        absent = [each.name for each in wanted if each.name not in there]
        return [piece_entry(self.record, THEME, path, unit="class", steps=[absent_words(absent)])]


def product(record: ProductRecord) -> WorldCover:
    """Return the adapter of ESA WorldCover for what the catalogue says about it."""
    return WorldCover(record)
