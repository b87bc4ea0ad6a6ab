"""A supply of product files from a folder, for tests that need no web."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray

from gis.errors import MissingError
from gis.rasters.raster_source import RasterSource
from layers.sources.product import Place, Product, ProductRecord, Wanted
from layers.sources.registry import catalogue
from layers.territory import builtin_territory


@dataclass(frozen=True)
class FolderSupply:
    """Files below a folder that stands for the product's address."""

    folder: Path
    address: str
    asked: list[str] = field(default_factory=list)

    def file(self, wanted: Wanted) -> Path | None:
        path = self.folder / wanted.address.removeprefix(self.address)
        self.asked.append(wanted.name)
        if path.is_file():
            return path
        if wanted.may_be_absent:
            return None
        raise MissingError(f"no está {path}")

    def raster(self, wanted: Wanted) -> RasterSource | None:
        path = self.file(wanted)
        return None if path is None else RasterSource(str(path))


def record(product_id: str) -> ProductRecord:
    return catalogue().record(product_id)


def supply(product: Product, folder: Path) -> FolderSupply:
    return FolderSupply(folder, product.record.address)


def place(bounds: tuple[float, float, float, float]) -> Place:
    return Place(bounds=bounds, territory=builtin_territory("valles_crucenos"))


def cells(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the values of a piece, shape (bands, rows, cols), NaN where missing, and x and y of its cells."""
    with rasterio.open(path) as source:
        values = source.read(masked=True).astype(np.float64).filled(np.nan)
        col, row = np.meshgrid(np.arange(source.width) + 0.5, np.arange(source.height) + 0.5)
        at = source.transform
        return values, at.c + at.a * col, at.f + at.e * row
