"""Cloud-optimised GeoTIFF: written strip by strip with flat memory, atomically, with the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.windows import Window

from gis.atomic import scratch_folder
from gis.errors import GridError, InputError
from gis.grid import Grid
from gis.messages import translator
from gis.rasters.cells import NODATA, CellType, encode
from gis.rasters.cog_compression import BLOCK, ZSTD_LEVEL, add_overviews, compress
from gis.rasters.disk_words import disk_words, no_room, room
from gis.rasters.lattice import Lattice
from gis.rasters.raster import Raster, limit_cache
from gis.rasters.raster_place import draft_place, raster_place
from gis.rasters.raster_reader import RasterReader
from gis.rasters.warp import rasterio_crs

_ = translator("gis")

__all__ = ["CellType", "CogWriter", "RasterReader", "write_cog", "written_together"]


class CogWriter:
    """Write a file strip by strip; it stands under its name only when the block ends well.

    Parameters
    ----------
    path
        The file to write, or its name in a virtual file system, as text.
    grid
        Its place on the ground.
    names
        Description of each band; their number is the number of bands.
    unit
        Unit of every band, or one unit for each.
    dtype
        Cell type.
    scale
        Value of one stored step: stored = (value − offset) / scale, rounded for whole numbers.
    offset
        Value of a stored 0.
    nodata
        Stored value that means missing; ``None`` takes the usual one of the type (NaN, −32768, 0, 65535).
    tags
        Metadata of the file.
    colours
        Palette of a one-band uint8 file: stored value to (red, green, blue, alpha).
    classes
        Whether cells are class codes: overviews then take the most frequent code, not a mean.
    thinned
        Overviews take one cell of four as it is: three times as fast, for files of many bands.
    overviews
        Whether there are any; a file that is only read whole needs none.
    strip_rows
        Rows of the strips that will be written, a multiple of 16: a strip then fills blocks and none is taken up twice.
    zstd_level
        Effort of compression, 1 to 22: more makes a smaller file that is read faster and takes longer to write.

    Raises
    ------
    InputError
        When the palette does not fit the type, or a value does not fit the cell type.
    GridError
        When a strip has the wrong shape or place.
    StorageError
        When the disk refuses.
    """

    def __init__(
        self,
        path: Path | str,
        grid: Grid | Lattice,
        *,
        names: Sequence[str],
        unit: str | Sequence[str],
        dtype: CellType = "float32",
        scale: float = 1.0,
        offset: float = 0.0,
        nodata: float | None = None,
        tags: Mapping[str, str] | None = None,
        colours: Mapping[int, tuple[int, int, int, int]] | None = None,
        classes: bool = False,
        thinned: bool = False,
        overviews: bool = True,
        strip_rows: int = BLOCK,
        zstd_level: int = ZSTD_LEVEL,
    ) -> None:
        if colours and (dtype != "uint8" or len(names) != 1):
            raise InputError(
                _("Paleta sobre {bands} bandas de tipo {dtype}").format(bands=len(names), dtype=dtype),
                expected=_("Se esperaba una sola banda uint8"),
            )
        self.path = raster_place(path)
        self.grid = grid
        self.names = tuple(names)
        self.dtype = dtype
        self.scale, self.offset = scale, offset
        self.nodata = NODATA[dtype] if nodata is None else nodata
        self._units = (unit,) * len(names) if isinstance(unit, str) else tuple(unit)
        self._tags = dict(tags or {})
        self._colours = dict(colours or {})
        self._classes = classes or bool(colours)
        self._thinned = thinned
        self._overviews = overviews
        self._strip_rows = strip_rows
        self._zstd_level = zstd_level
        self._stack: Any = None
        self._draft: Any = None

    def __enter__(self) -> Self:
        limit_cache()
        with ExitStack() as stack:
            self._draft_path = stack.enter_context(scratch_folder(draft_place(self.path))) / "draft.tif"
            stack.enter_context(rasterio.Env(GDAL_PAM_ENABLED="NO"))
            with disk_words(self.path):
                if room(self.path) < self._draft_bytes:  # once it is full the library writes to standard error itself
                    raise no_room(self.path)
                self._draft = rasterio.open(
                    self._draft_path,
                    "w",
                    driver="GTiff",
                    width=self.grid.cols,
                    height=self.grid.rows,
                    count=len(self.names),
                    dtype=self.dtype,
                    crs=rasterio_crs(self.grid),
                    transform=self.grid.transform,
                    nodata=self.nodata,
                    tiled=True,
                    blockxsize=BLOCK,
                    blockysize=self._strip_rows,
                    interleave="band",
                    BIGTIFF="IF_SAFER",
                )
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        with self._stack, disk_words(self.path):
            if kind is None:
                self.finish()
            else:
                self._draft.close()

    def finish(self) -> None:
        """Compress what was written and let it stand under its name; the end of the block does so, unless it was done.

        Raises
        ------
        StorageError
            When the disk refuses.
        """
        if self._draft.closed:
            return
        # Settings of the raster library belong to a thread, which may be another here than the one that wrote.
        with rasterio.Env(GDAL_PAM_ENABLED="NO"), disk_words(self.path):
            self._describe()
            self._draft.close()
            self._compress()

    def write(self, values: NDArray[Any], *, row: int = 0, col: int | None = None, band: int | None = None) -> None:
        """Write a strip, or a rectangle of it. What is never written holds nodata.

        Parameters
        ----------
        values
            Unscaled values, NaN where missing (whole-number arrays are stored as they are): shape (rows, cols) for
            one band, (bands, rows, cols) for all.
        row
            First row of the strip.
        col
            First column of the rectangle; ``None`` is a strip of all columns.
        band
            Band from 0; ``None`` writes all bands, or the only one.

        Raises
        ------
        GridError
            When the shape or the place does not fit.
        InputError
            When a value does not fit the cell type.
        StorageError
            When the disk refuses.
        """
        array = values if values.ndim == 3 else values[np.newaxis]  # noqa: PLR2004  a third axis is the bands
        targets = list(range(1, len(self.names) + 1)) if band is None else [band + 1]
        first, width = (0, self.grid.cols) if col is None else (col, array.shape[2])
        fits = array.shape[2] == width and first + width <= self.grid.cols and row + array.shape[1] <= self.grid.rows
        if array.shape[0] != len(targets) or not fits:
            raise GridError(
                _("Franja de forma {shape} en la fila {row}, columna {col}").format(
                    shape=values.shape, row=row, col=first
                ),
                expected=_("Se esperaban {bands} bandas de {cols} columnas dentro de {rows} filas").format(
                    bands=len(targets), cols=self.grid.cols, rows=self.grid.rows
                ),
            )
        window = Window(first, row, width, array.shape[1])
        for target, layer in zip(targets, array, strict=True):
            cells = encode(layer, dtype=self.dtype, scale=self.scale, offset=self.offset, nodata=self.nodata)
            with disk_words(self.path):
                self._draft.write(cells, target, window=window)

    @property
    def _draft_bytes(self) -> int:
        """Size of the draft, which nothing compresses."""
        return self.grid.size * len(self.names) * np.dtype(self.dtype).itemsize

    def _describe(self) -> None:
        draft = self._draft
        draft.descriptions = self.names
        draft.units = self._units
        if self.scale != 1.0:
            draft.scales = (self.scale,) * len(self.names)
        if self.offset:
            draft.offsets = (self.offset,) * len(self.names)
        draft.update_tags(**self._tags)
        if self._colours:
            draft.write_colormap(1, self._colours)

    def _compress(self) -> None:
        if self._draft_path.stat().st_size < self._draft_bytes:  # a full disk may be silent until the size is looked at
            raise no_room(self.path)
        if self._overviews:
            usual = Resampling.mode if self._classes else Resampling.average
            add_overviews(self._draft_path, self.grid.shape, Resampling.nearest if self._thinned else usual)
        predictor = 1 if self._classes else (3 if self.dtype == "float32" else 2)
        compress(self._draft_path, self.path, predictor=predictor, zstd_level=self._zstd_level)


@contextmanager
def written_together(*writers: CogWriter) -> Iterator[None]:
    """Write several files in one block, at whose end they are compressed side by side, each by a thread.

    Raises
    ------
    StorageError
        When the disk refuses.
    """
    with ExitStack() as stack:
        for writer in writers:
            stack.enter_context(writer)
        yield
        with ThreadPoolExecutor(len(writers)) as pool:
            list(pool.map(CogWriter.finish, writers))


def write_cog(
    path: Path | str,
    raster: Raster,
    *,
    names: Sequence[str],
    dtype: CellType = "float32",
    scale: float = 1.0,
    nodata: float | None = None,
    tags: Mapping[str, str] | None = None,
    colours: Mapping[int, tuple[int, int, int, int]] | None = None,
    classes: bool = False,
) -> None:
    """Write a whole raster; the parameters are those of :class:`CogWriter`.

    Raises
    ------
    InputError
        When a value does not fit the cell type.
    GridError
        When the number of names is not the number of bands.
    StorageError
        When the disk refuses.
    """
    with CogWriter(
        path,
        raster.grid,
        names=names,
        unit=raster.unit,
        dtype=dtype,
        scale=scale,
        nodata=nodata,
        tags=tags,
        colours=colours,
        classes=classes,
    ) as writer:
        whole = bool(raster.valid.all()) or (raster.values.dtype.kind in "iub" and writer.nodata == 0)
        if whole and raster.values.dtype.kind in "iub":
            writer.write(np.where(raster.valid, raster.values, 0).astype(raster.values.dtype))
        else:
            for index in range(raster.bands):
                writer.write(raster.band(index).filled(), band=index)
