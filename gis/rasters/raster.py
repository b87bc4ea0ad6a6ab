"""A raster: values, which of them are valid, their unit and their place; and the door to raster files."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from rasterio.env import set_gdal_config

from gis.crs import CRS84, parse_crs, refuse_degrees_as_metres
from gis.errors import GridError, InputError, MissingError
from gis.grid import Bounds, Grid
from gis.messages import translator
from gis.rasters.raster_place import RASTER_LIBRARY_ERRORS, is_virtual, open_place

_ = translator("gis")

_CACHE_BYTES = 64 * 2**20
_GEOD = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True, eq=False)
class Raster:
    """Values on a grid.

    Raises
    ------
    GridError
        When shapes do not agree.

    Examples
    --------
    >>> grid = Grid.covering((0, 0, 60, 30), crs="EPSG:32720", cell=30)
    >>> Raster.of([[1.0, np.nan]], unit="m", grid=grid).valid
    array([[ True, False]])
    """

    values: NDArray[Any]
    """Shape (rows, cols) or (bands, rows, cols); what stands where ``valid`` is false means nothing."""
    valid: NDArray[np.bool_]
    """Same shape: whether there is a value."""
    unit: str
    """Unit of the values, such as ``m``, ``%``, ``degC``, ``mm/month``, ``class``."""
    grid: Grid
    """Place on the ground."""

    def __post_init__(self) -> None:
        if self.values.ndim not in {2, 3} or self.values.shape[-2:] != self.grid.shape:
            raise GridError(
                _("Los valores tienen forma {shape}").format(shape=self.values.shape),
                expected=_("Se esperaban {rows} filas × {cols} columnas").format(
                    rows=self.grid.rows, cols=self.grid.cols
                ),
            )
        if self.valid.shape != self.values.shape or self.valid.dtype != np.bool_:
            raise GridError(
                _("La máscara de validez tiene forma {shape} y tipo {dtype}").format(
                    shape=self.valid.shape, dtype=self.valid.dtype
                ),
                expected=_("Se esperaban lógicos con la forma de los valores"),
            )

    @classmethod
    def of(cls, values: Any, *, unit: str, grid: Grid) -> Raster:  # noqa: ANN401  anything numpy reads as an array
        """Build a raster from floats in which NaN is missing; whole numbers are all valid.

        Raises
        ------
        GridError
            When shapes do not agree.
        """
        array = np.asarray(values)
        valid = np.isfinite(array) if array.dtype.kind == "f" else np.ones(array.shape, np.bool_)
        return cls(array, valid, unit, grid)

    @property
    def bands(self) -> int:
        """Number of bands; 1 for a flat raster."""
        return int(self.values.shape[0]) if self.values.ndim == 3 else 1  # noqa: PLR2004  a third axis is the bands

    def band(self, index: int) -> Raster:
        """Return one band, counted from 0, as a flat raster.

        Raises
        ------
        MissingError
            When there is no such band.
        """
        if not 0 <= index < self.bands:
            raise MissingError(
                _("No hay banda {index}").format(index=index),
                expected=_("Se esperaba un número menor que {bands}").format(bands=self.bands),
            )
        if self.values.ndim == 2:  # noqa: PLR2004  a flat raster is its own only band
            return self
        return Raster(self.values[index], self.valid[index], self.unit, self.grid)

    def filled(self) -> NDArray[np.float32]:
        """Return float32 values with NaN where there is none, same shape."""
        return np.where(self.valid, self.values, np.float32(np.nan)).astype(np.float32, copy=False)


@dataclass(frozen=True, kw_only=True)
class RasterInfo:
    """What a raster file says about itself."""

    path: Path
    """The file."""
    crs: pyproj.CRS
    """Declared reference system."""
    bounds: Bounds
    """Left, bottom, right, top in the unit of ``crs``."""
    shape: tuple[int, int]
    """Rows, columns."""
    bands: int
    """Number of bands."""
    dtype: str
    """numpy name of the cell type of the first band."""
    nodata: float | None
    """Value that means missing, if one is declared."""
    units: tuple[str, ...]
    """Declared unit of each band, empty where none is declared."""
    names: tuple[str, ...]
    """Description of each band, empty where there is none."""
    tags: dict[str, str]
    """Metadata of the file."""
    cell_m: float
    """Approximate side of a native cell on the ground at the centre, m."""


@cache
def limit_cache() -> None:
    """Give the raster library a small block cache: rows are read in order, and its default is 5 % of the machine."""
    set_gdal_config("GDAL_CACHEMAX", _CACHE_BYTES)


@contextmanager
def raster_errors(path: Path | str) -> Iterator[None]:
    """Turn what the raster library refuses inside the block into an error of the house.

    Raises
    ------
    InputError
        When the file is damaged, truncated or no raster.
    """
    try:
        yield
    except RASTER_LIBRARY_ERRORS as error:
        if is_virtual(path):
            raise InputError(
                _("Se cortó la lectura de {path}: {reason}").format(path=path, reason=_reason(error)),
                expected=_("Se esperaba leerlo entero por la red o del archivo comprimido"),
                remedy=_("Revise la conexión y repita la orden; si persiste, el archivo está dañado"),
            ) from error
        raise InputError(
            _("{path} no se puede leer como ráster: {reason}").format(path=path, reason=_reason(error)),
            expected=_("Se esperaba un ráster entero, por ejemplo un GeoTIFF"),
            remedy=_("El archivo está dañado o cortado: vuelva a descargarlo"),
        ) from error


def _reason(error: BaseException) -> str:
    """Return the deepest text of a chain: the library hides the cause behind ``Read failed``."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error)[:200]


@contextmanager
def open_raster(path: Path | str) -> Iterator[Any]:
    """Open a raster file for reading, with every refusal in words.

    Yields
    ------
    rasterio.io.DatasetReader
        The open file; errors while it is read inside the block are mapped too.

    Raises
    ------
    MissingError
        When there is no such file.
    InputError
        When it is empty, cut short or no raster.
    """
    if is_virtual(path):
        limit_cache()
        with raster_errors(path), open_place(path) as source:
            yield source
        return
    file = Path(path)
    if not file.exists():
        raise MissingError(
            _("No existe el archivo {path}").format(path=file), remedy=_("Revise el nombre y la carpeta")
        )
    if file.is_file() and file.stat().st_size == 0:
        raise InputError(
            _("{path} está vacío (0 bytes)").format(path=file),
            expected=_("Se esperaba un ráster"),
            remedy=_("Vuelva a descargarlo"),
        )
    limit_cache()
    with raster_errors(file), rasterio.Env(GDAL_PAM_ENABLED="NO"), rasterio.open(file) as source:
        _refuse_cut_short(source, file)
        yield source


def _refuse_cut_short(source: Any, path: Path) -> None:  # noqa: ANN401  rasterio ships no types
    """Compare the place of the last blocks of a TIFF with the size of the file: reading would fail only there."""
    if source.driver != "GTiff" or not path.is_file():
        return
    size = path.stat().st_size
    rows, cols = source.block_shapes[0]
    last = ((source.width - 1) // cols, (source.height - 1) // rows)
    for col, row in {(0, 0), last, (last[0], 0), (0, last[1])}:
        for band in {1, source.count}:
            offset = source.get_tag_item(f"BLOCK_OFFSET_{col}_{row}", "TIFF", bidx=band)
            length = source.get_tag_item(f"BLOCK_SIZE_{col}_{row}", "TIFF", bidx=band)
            if offset is not None and length is not None and int(offset) + int(length) > size:
                raise InputError(
                    _("{path} está cortado: mide {size} bytes y sus datos llegan hasta {end}").format(
                        path=path, size=size, end=int(offset) + int(length)
                    ),
                    expected=_("Se esperaba el archivo entero"),
                    remedy=_("Vuelva a descargarlo y compare su suma SHA-256"),
                )


def raster_info(path: Path | str) -> RasterInfo:
    """Read what a raster file says about itself, and refuse what cannot be used.

    Parameters
    ----------
    path
        A raster file.

    Raises
    ------
    MissingError
        When there is no such file.
    InputError
        When it is empty, truncated, no raster, or holds no valid cell.
    CrsError
        When it declares no reference system, or its coordinates contradict the declared unit.
    """
    file = Path(path)
    with open_raster(file) as source:
        crs = parse_crs(source.crs, what=str(file))
        bounds = cast("Bounds", tuple(float(value) for value in source.bounds))
        refuse_degrees_as_metres(crs, bounds, what=str(file))
        if not _any_valid(source):
            raise InputError(
                _("{path} no tiene ninguna celda con dato").format(path=file),
                expected=_("Se esperaba al menos una celda distinta de «sin dato» ({nodata})").format(
                    nodata=source.nodata
                ),
                remedy=_("Revise el recorte y el valor «sin dato» del archivo"),
            )
        return RasterInfo(
            path=file,
            crs=crs,
            bounds=bounds,
            shape=(source.height, source.width),
            bands=source.count,
            dtype=source.dtypes[0],
            nodata=None if source.nodata is None else float(source.nodata),
            units=tuple(unit or "" for unit in source.units),
            names=tuple(name or "" for name in source.descriptions),
            tags=dict(source.tags()),
            cell_m=_cell_on_the_ground(source, crs),
        )


def _any_valid(source: Any) -> bool:  # noqa: ANN401  rasterio ships no types
    for band in range(1, source.count + 1):
        for _index, window in source.block_windows(band):
            if source.read_masks(band, window=window).any():
                values = source.read(band, window=window, masked=True)
                if np.isfinite(values.compressed().astype(np.float64, copy=False)).any():
                    return True
    return False


def _cell_on_the_ground(source: Any, crs: pyproj.CRS) -> float:  # noqa: ANN401  rasterio ships no types
    """Return the geometric mean of the two sides of the central cell along the ellipsoid, m."""
    col, row = source.width / 2, source.height / 2
    corners = [source.transform @ place for place in ((col, row), (col + 1, row), (col, row + 1))]
    to_degrees = pyproj.Transformer.from_crs(crs, CRS84, always_xy=True)
    lon, lat = to_degrees.transform([x for x, _y in corners], [y for _x, y in corners])
    _a, _b, width = _GEOD.inv(lon[0], lat[0], lon[1], lat[1])
    _a, _b, height = _GEOD.inv(lon[0], lat[0], lon[2], lat[2])
    return math.sqrt(abs(float(width) * float(height)))
