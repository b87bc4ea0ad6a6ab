"""Products for tests of gathering: files of a folder handed through as they are, and a raster read by parts."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gis.rasters.cog import CogWriter
from gis.rasters.native import filled_window, native_raster
from layers.mirrors.mirror import MirrorLayer
from layers.sources.product import Place, Product, ProductRecord, Supply, Wanted
from layers.sources.registry import Catalogue
from layers.territory import Territory


@dataclass(frozen=True)
class Copied:
    """Brings whole files, one a theme."""

    record: ProductRecord
    files: Mapping[str, MirrorLayer]
    sums: bool = True

    def wanted(self, place: Place) -> Sequence[Wanted]:  # noqa: ARG002  the same everywhere
        return [
            Wanted(
                address=self.record.address + each.file,
                name=each.file,
                whole=True,
                sha256=each.sha256 if self.sums else "",
            )
            for each in self.files.values()
        ]

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        for wanted in self.wanted(place):
            path = supply.file(wanted)
            if path is not None:
                shutil.copyfile(path, folder / wanted.name)
        return tuple(self.files.values())


@dataclass(frozen=True)
class Windowed:
    """Brings the part of one raster that lies in the place."""

    record: ProductRecord
    file: str
    theme: str = "elevation"
    unit: str = "m"

    def wanted(self, place: Place) -> Sequence[Wanted]:  # noqa: ARG002  the same everywhere
        return [Wanted(address=self.record.address + self.file, name=self.file, whole=False)]

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        (wanted,) = self.wanted(place)
        source = supply.raster(wanted)
        if source is None:
            return ()
        with native_raster(source) as raster:
            part = raster.lattice.over(place.bounds)
            values = filled_window([raster], part, fill=-9999.0)
        with CogWriter(folder / self.file, part, names=("elevation_m",), unit=self.unit, overviews=False) as writer:
            writer.write(values)
        return (MirrorLayer(theme=self.theme, file=self.file, unit=self.unit, licence=self.record.licence),)


@dataclass(frozen=True, kw_only=True)
class Books(Catalogue):
    """A catalogue of such products."""

    products: Mapping[str, Product] = field(default_factory=dict)

    def adapter(self, product_id: str, territory: Territory, *, root: Path) -> Product:  # noqa: ARG002  as the catalogue
        product = self.products[product_id]
        address = territory.addresses.get(product_id, product.record.address)
        return replace(product, record=replace(product.record, address=address))  # type: ignore[type-var]


def books(*products: Product) -> Books:
    return Books(
        records=tuple(each.record for each in products), order={}, products={each.record.id: each for each in products}
    )


def record(product_id: str, themes: Sequence[str], address: str, *, redistributable: bool = True) -> ProductRecord:
    return ProductRecord(
        id=product_id,
        title=f"Producto {product_id}",
        themes=tuple(themes),
        address=address,
        licence="CC0",
        attribution="Casa",
        date="2026",
        redistributable=redistributable,
    )
