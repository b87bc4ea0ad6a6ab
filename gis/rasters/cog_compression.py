"""The second half of a cloud-optimised GeoTIFF: from the draft, which nothing compresses, to the file that stays."""

from __future__ import annotations

from pathlib import Path

import rasterio
import rasterio.shutil
from rasterio.enums import Resampling

from gis.rasters.raster import open_raster
from gis.rasters.raster_place import Place, published

BLOCK = 256
"""Side of the blocks of a file and of its overviews, cells."""

ZSTD_LEVEL = 3
"""Usual effort of compression: small enough, and quickly written."""

_SMALLEST_OVERVIEW = 512


def add_overviews(draft: Path, shape: tuple[int, int], resampling: Resampling) -> None:
    """Add overviews to a draft of so many rows and columns, each half as wide as the one before; none to a small one.

    Parameters
    ----------
    draft
        Raster to add them to.
    shape
        Its rows and columns.
    resampling
        How a cell of an overview comes from four.
    """
    factors, factor = [], 2
    while max(shape) // factor >= _SMALLEST_OVERVIEW // 2 and max(shape) > _SMALLEST_OVERVIEW:
        factors.append(factor)
        factor *= 2
    if factors:
        with rasterio.Env(GDAL_TIFF_OVR_BLOCKSIZE=BLOCK), rasterio.open(draft, "r+") as source:
            source.build_overviews(factors, resampling)


def compress(draft: Path, target: Place, *, predictor: int, zstd_level: int) -> None:
    """Compress a draft and its overviews into the file ``target``, which then appears whole.

    Parameters
    ----------
    draft, target
        Raster to compress and file to write.
    predictor
        What is compressed: 1 cells as they are, 2 differences of whole numbers, 3 of floating point numbers.
    zstd_level
        Effort, 1 to 22.

    Raises
    ------
    gis.errors.InputError
        What was written ends before its last block.
    """
    with published(target, draft) as temporary:
        rasterio.shutil.copy(
            draft,
            temporary,
            driver="GTiff",
            TILED="YES",
            BLOCKXSIZE=BLOCK,
            BLOCKYSIZE=BLOCK,
            INTERLEAVE="BAND",
            COMPRESS="ZSTD",
            ZSTD_LEVEL=zstd_level,
            PREDICTOR=predictor,
            COPY_SRC_OVERVIEWS="YES",
            NUM_THREADS=2,
            BIGTIFF="IF_SAFER",
        )
        with open_raster(temporary):  # refuses a file that ends before its last block
            pass
