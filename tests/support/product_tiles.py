"""Generated tiles that have the true products' names, projection, tiling, cell type, scale, nodata and metadata.

Every file has the full size of the true one, but only the blocks near the place are written: the rest is empty, which a
sparse GeoTIFF stores in no bytes. What a cell holds is a known function of its place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from rasterio.transform import Affine
from rasterio.windows import Window

Floats = NDArray[np.float64]
Field = Callable[[Floats, Floats, int], Floats]
"""Value of (x, y, band from 1), in stored steps."""
Box = tuple[float, float, float, float]

HOMOLOSINE = "+proj=igh +lat_0=0 +lon_0=0 +datum=WGS84 +units=m +no_defs"
SOIL_ORIGIN = (-19_949_750.0, 8_361_000.0)
SOIL_SHAPE = (58_034, 159_246)
SOIL_BASE = {"clay": 300, "sand": 420, "phh2o": 62, "soc": 240, "cfvo": 150}
SOIL_DEEPER = {"clay": 20, "sand": -10, "phh2o": 3, "soc": -60, "cfvo": 30}
DEPTHS = ("0-5cm", "5-15cm", "15-30cm")
KELVIN = 273.15


def elevation_at(lon: Floats, lat: Floats) -> Floats:
    """Metres, between 1 000 and 2 600."""
    return 1800.0 + 700.0 * np.sin(9.0 * lon) * np.cos(8.0 * lat) + 100.0 * np.sin(60.0 * (lon + lat))


def cover_at(lon: Floats, lat: Floats) -> NDArray[np.int64]:
    """WorldCover classes in patches of some hundred metres."""
    codes = np.array([10, 20, 30, 40, 60, 10, 80, 30])
    return codes[(np.floor(lon * 200).astype(int) + 3 * np.floor(lat * 200).astype(int)) % len(codes)]


def biomas_at(lon: Floats, lat: Floats) -> NDArray[np.int64]:
    """MapBiomas codes in patches of some hundred metres."""
    codes = np.array([3, 66, 12, 18, 68, 4, 33, 81, 27])
    return codes[(np.floor(lon * 200).astype(int) + 3 * np.floor(lat * 200).astype(int)) % len(codes)]


def season(month: int) -> float:
    """Degrees above the year's mean in a southern month."""
    return 4.0 * math.cos(2 * math.pi * (month - 1) / 12)


def temperature_at(lon: Floats, lat: Floats, month: int, *, above: float = 0.0) -> Floats:
    """Degrees Celsius: −5,5 °C/km on the elevation, warmest in January in the south and in July in the north."""
    return 27.0 - 0.0055 * elevation_at(lon, lat) + np.where(lat > 0, -season(month), season(month)) + above


def rain_at(lon: Floats, lat: Floats, month: int) -> Floats:
    """Millimetres a month: the summer is wet."""
    wave = 50.0 * math.cos(2 * math.pi * (month - 1) / 12)
    return 0.0 * lon + 70.0 + np.where(lat > 0, -wave, wave)


def soil_steps(prop: str, depth: int, x: Floats, y: Floats) -> Floats:
    """Stored steps of a property in the layer of depth 0, 1 or 2."""
    return np.rint(SOIL_BASE[prop] + SOIL_DEEPER[prop] * depth + 5 * np.sin(x / 3e3) * np.cos(y / 2e3))


@dataclass(frozen=True, kw_only=True)
class TrueFile:
    """The layout of one file."""

    crs: str
    left: float
    top: float
    width: float
    height: float
    rows: int
    cols: int
    dtype: str
    bands: int = 1
    block: int = 512
    compress: str = "deflate"
    nodata: float | None = None
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    def write(self, path: Path, near: Box, field: Field) -> Path:
        """Write the cells that touch ``near`` and leave all others empty."""
        path.parent.mkdir(parents=True, exist_ok=True)
        first_col = max(math.floor((near[0] - self.left) / self.width) - 3, 0)
        last_col = min(math.ceil((near[2] - self.left) / self.width) + 3, self.cols)
        first_row = max(math.floor((self.top - near[3]) / self.height) - 3, 0)
        last_row = min(math.ceil((self.top - near[1]) / self.height) + 3, self.rows)
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            width=self.cols,
            height=self.rows,
            count=self.bands,
            dtype=self.dtype,
            crs=self.crs,
            transform=Affine(self.width, 0, self.left, 0, -self.height, self.top),
            nodata=self.nodata,
            tiled=True,
            blockxsize=self.block,
            blockysize=self.block,
            compress=self.compress,
            SPARSE_OK=True,
        ) as target:
            if last_col > first_col and last_row > first_row:
                x = self.left + (np.arange(first_col, last_col) + 0.5) * self.width
                y = self.top - (np.arange(first_row, last_row) + 0.5) * self.height
                across, down = np.meshgrid(x, y)
                window = Window(first_col, first_row, last_col - first_col, last_row - first_row)
                for band in range(1, self.bands + 1):
                    target.write(field(across, down, band).astype(self.dtype), band, window=window)
            if self.scale != 1.0 or self.offset:
                target.scales = (self.scale,) * self.bands
                target.offsets = (self.offset,) * self.bands
            if self.unit:
                target.units = (self.unit,) * self.bands
            target.update_tags(**dict(self.tags))
        return path


def corner(lat: int, lon: int, *, between: str = "") -> str:
    """Name the south-western corner of a tile."""
    return f"{'N' if lat >= 0 else 'S'}{abs(lat):02d}{between}{'E' if lon >= 0 else 'W'}{abs(lon):03d}"


def columns(lat: int) -> int:
    """Columns of a Copernicus tile by the latitude of its edge nearest to the equator."""
    nearest = lat if lat >= 0 else -lat - 1
    for limit, divisor in ((50, 1.0), (60, 1.5), (70, 2.0), (80, 3.0), (85, 5.0)):
        if nearest < limit:
            return round(3600 / divisor)
    return 360


def copernicus(folder: Path, lat: int, lon: int, near: Box, field: Field | None = None) -> Path:
    """Write a tile of Copernicus DEM GLO-30."""
    cols = columns(lat)
    name = f"Copernicus_DSM_COG_10_{corner(lat, lon, between='_00_')}_00_DEM"
    true = TrueFile(
        crs="EPSG:4326",
        left=lon - 0.5 / cols,
        top=lat + 1 + 0.5 / 3600,
        width=1 / cols,
        height=1 / 3600,
        rows=3600,
        cols=cols,
        dtype="float32",
        block=1024,
        tags=(("AREA_OR_POINT", "Point"),),
    )
    return true.write(folder / name / f"{name}.tif", near, field or (lambda x, y, _band: elevation_at(x, y)))


def worldcover(folder: Path, lat: int, lon: int, near: Box, field: Field | None = None) -> Path:
    """Write a tile of ESA WorldCover 2021."""
    true = TrueFile(
        crs="EPSG:4326",
        left=lon,
        top=lat + 3,
        width=1 / 12_000,
        height=1 / 12_000,
        rows=36_000,
        cols=36_000,
        dtype="uint8",
        block=1024,
        nodata=0,
    )
    path = folder / f"ESA_WorldCover_10m_2021_v200_{corner(lat, lon)}_Map.tif"
    return true.write(path, near, field or (lambda x, y, _band: cover_at(x, y)))


def mapbiomas(folder: Path, near: Box, field: Field | None = None) -> Path:
    """Write the file of one year of MapBiomas Bolivia."""
    cell = 0.000269494585235856472
    true = TrueFile(
        crs="EPSG:4326",
        left=math.floor(-69.6644 / cell) * cell,
        top=math.ceil(-9.6792 / cell) * cell,
        width=cell,
        height=cell,
        rows=50_600,
        cols=45_656,
        dtype="uint8",
        block=256,
        compress="lzw",
        nodata=0,
    )
    return true.write(folder / "bolivia_coverage_2024.tif", near, field or (lambda x, y, _band: biomas_at(x, y)))


def chelsa(folder: Path, variable: str, month: int, near: Box, field: Field, *, legacy: bool = False) -> Path:
    """Write one month of CHELSA V2.1 as either of its two places gives it; ``field`` is in K or mm."""
    warm = variable != "pr"
    offset = -KELVIN if legacy and warm else 0.0
    true = TrueFile(
        crs="EPSG:4326",
        left=-180 - 0.5 / 3600,
        top=84 - 0.5 / 3600,
        width=1 / 120,
        height=1 / 120,
        rows=20_880,
        cols=43_200,
        dtype="uint16",
        compress="deflate" if legacy else "lzw",
        nodata=None if legacy else 65535,
        scale=0.1,
        offset=offset,
        unit="" if legacy else ("K" if warm else "kg m-2 month-1"),
    )
    path = folder / variable / "1981-2010" / f"CHELSA_{variable}_{month:02d}_1981-2010_V.2.1.tif"
    return true.write(path, near, lambda x, y, band: np.rint(field(x, y, band) / 0.1))


def chelsa_normals(folder: Path, near: Box, *, legacy: bool = False) -> None:
    """Write the 48 files."""
    for month in range(1, 13):
        for variable, above in (("tas", 0.0), ("tasmin", -6.0), ("tasmax", 6.0)):
            chelsa(
                folder,
                variable,
                month,
                near,
                lambda x, y, _b, m=month, a=above: temperature_at(x, y, m, above=a) + KELVIN,
                legacy=legacy,
            )
        chelsa(folder, "pr", month, near, lambda x, y, _b, m=month: 1.4 * rain_at(x, y, m), legacy=legacy)


def worldclim(folder: Path, near: Box, lat: int = -30, lon: int = -90, *, sea: bool = False) -> None:
    """Write the four variables of one tile of 30 degrees; ``sea`` is the mark of missing cells, left undeclared."""
    number = ((90 - lat) // 30 - 1) * 12 + (lon + 180) // 30 + 1
    for variable, above in (("tavg", 2.0), ("tmin", -4.0), ("tmax", 8.0), ("prec", None)):
        true = TrueFile(
            crs="EPSG:4326",
            left=lon,
            top=lat + 30,
            width=1 / 120,
            height=1 / 120,
            rows=3600,
            cols=3600,
            dtype="int16" if above is None else "float32",
            bands=12,
            block=256,
            nodata=None if sea else -32768 if above is None else -3.4e38,
        )

        def field(x: Floats, y: Floats, month: int, above: float | None = above) -> Floats:
            if sea:
                return np.full(x.shape, -32768.0 if above is None else -3.4e38)
            return np.rint(rain_at(x, y, month)) if above is None else temperature_at(x, y, month, above=above)

        true.write(folder / f"tile_{number}_wc2.1_30s_{variable}.tif", near, field)


def homolosine_box(near: Box) -> Box:
    """Return the box of degrees in metres of the projection; it must lie in one lobe."""
    project = pyproj.Transformer.from_crs("OGC:CRS84", HOMOLOSINE, always_xy=True)
    lon, lat = np.meshgrid(np.linspace(near[0], near[2], 21), np.linspace(near[1], near[3], 21))
    x, y = project.transform(lon, lat)
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def soilgrids(
    folder: Path,
    boxes: Sequence[Box],
    *,
    properties: Sequence[str] = tuple(SOIL_BASE),
    hole: Box | None = None,
) -> None:
    """Write the indices and the tiles of 450 × 450 cells that boxes in metres touch; ``hole`` has no data."""
    places = sorted({place for box in boxes for place in _soil_tiles(box)})
    for prop in properties:
        for number, depth in enumerate(DEPTHS):
            layer = f"{prop}_{depth}_mean"

            def field(x: Floats, y: Floats, _band: int, prop: str = prop, number: int = number) -> Floats:
                values = soil_steps(prop, number, x, y)
                if hole is not None:
                    values[(x > hole[0]) & (x < hole[2]) & (y > hole[1]) & (y < hole[3])] = -32768
                return values

            listed = [_soil_tile(folder / prop, layer, each, boxes, field) for each in places]
            (folder / prop / f"{layer}.vrt").write_text(_index(listed), encoding="utf-8")


def _soil_tiles(box: Box) -> list[tuple[int, int]]:
    side = 450 * 250.0
    cols = range(math.floor((box[0] - SOIL_ORIGIN[0]) / side), math.floor((box[2] - SOIL_ORIGIN[0]) / side) + 1)
    rows = range(math.floor((SOIL_ORIGIN[1] - box[3]) / side), math.floor((SOIL_ORIGIN[1] - box[1]) / side) + 1)
    return [(row, col) for row in rows for col in cols]


def _soil_tile(
    folder: Path, layer: str, place: tuple[int, int], boxes: Sequence[Box], field: Field
) -> tuple[str, int, int]:
    row, col = place
    outer = f"tileSG-{row // 4 + 1:03d}-{col // 4 + 1:03d}"
    path = f"{layer}/{outer}/{outer}_{row % 4 + 1}-{col % 4 + 1}.tif"
    true = TrueFile(
        crs=HOMOLOSINE,
        left=SOIL_ORIGIN[0] + col * 450 * 250.0,
        top=SOIL_ORIGIN[1] - row * 450 * 250.0,
        width=250.0,
        height=250.0,
        rows=450,
        cols=450,
        dtype="int16",
        block=128,
        nodata=-32768,
    )
    near = (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
    true.write(folder / path, near, field)
    return path, col * 450, row * 450


def _index(tiles: Sequence[tuple[str, int, int]]) -> str:
    wkt = pyproj.CRS(HOMOLOSINE).to_wkt("WKT1_GDAL").replace('"', "&quot;")
    sources = "".join(
        f"<ComplexSource><SourceFilename relativeToVRT='1'>./{path}</SourceFilename><SourceBand>1</SourceBand>"
        f"<SourceProperties RasterXSize='450' RasterYSize='450' DataType='Int16' BlockXSize='128' BlockYSize='128'/>"
        f"<SrcRect xOff='0' yOff='0' xSize='450' ySize='450'/>"
        f"<DstRect xOff='{col}' yOff='{row}' xSize='450' ySize='450'/><NODATA>-32768</NODATA></ComplexSource>\n"
        for path, col, row in tiles
    )
    return (
        f"<VRTDataset rasterXSize='{SOIL_SHAPE[1]}' rasterYSize='{SOIL_SHAPE[0]}'><SRS>{wkt}</SRS>\n"
        f"<GeoTransform>{SOIL_ORIGIN[0]}, 250, 0, {SOIL_ORIGIN[1]}, 0, -250</GeoTransform>\n"
        f"<VRTRasterBand dataType='Int16' band='1'><NoDataValue>-32768</NoDataValue>\n{sources}"
        "</VRTRasterBand></VRTDataset>\n"
    )
