"""Official Bolivian layers of the GeoBolivia portal, archived: one GeoJSON of the whole country for each.

They are read as a stream, cut to the place, and keep the columns they came with; what a plan or a map of theirs says
can then be held against a zoning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gis.errors import MissingError
from gis.messages import translator
from layers.catalogue.reference_themes import reference_layer
from layers.mirrors.mirror import MirrorLayer
from layers.sources.product import Place, ProductRecord, Supply, Wanted
from layers.sources.vector_piece import needed_file, own_file, read_in_place, refuse_nothing, vector_piece
from layers.transfer.addresses import is_address, joined

_ = translator("layers")

_ENDINGS = (".geojson", ".json", ".gpkg", ".zip")


@dataclass(frozen=True)
class GeoBolivia:
    """The adapter of one layer."""

    record: ProductRecord

    def wanted(self, place: Place) -> Sequence[Wanted]:  # noqa: ARG002  the same file for every place
        """Return the layer's file.

        Raises
        ------
        gis.errors.MissingError
            The product is none of the portal's layers.
        """
        stated = own_file(self.record, _ENDINGS)
        if stated is not None:
            return (stated,)
        layer = reference_layer(self.record.id)
        if layer is None:
            raise MissingError(_("GeoBolivia no tiene la capa «{id}»").format(id=self.record.id))
        name, base = f"{layer.layer}.geojson", self.record.address
        plain = name.replace(":", "_")  # a colon names a drive, or nothing, on other systems
        return (Wanted(address=joined(base, name) if is_address(base) else base + plain, name=plain, whole=True),)

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        """Write what of the layer touches a place.

        Raises
        ------
        gis.errors.VallesError
            The file is absent, damaged, or has nothing here.
        """
        (wanted,) = self.wanted(place)
        frame = read_in_place(needed_file(self.record, supply, wanted), place.bounds)
        refuse_nothing(self.record, frame, place)
        return tuple(vector_piece(self.record, theme, frame, folder) for theme in self.record.themes)


def product(record: ProductRecord) -> GeoBolivia:
    """Return the adapter of a record."""
    return GeoBolivia(record)
