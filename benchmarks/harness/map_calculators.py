"""Both jobs in the map calculators of GRASS and GDAL, each a process of its own on its own files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import rasterio
from grass_method import MethodProgram
from method_job import CATEGORIES, CRS, REACH, MethodLand
from rasterio.transform import from_origin
from reference_job import CROPS, LAYERS, Reference

ZSTD_LEVEL = 3
"""Compression of every raster written, as GRASS writes it by default."""

LETTERS = "ABCDEFGHIJ"


def write_floats(job: Reference, folder: Path) -> list[Path]:
    """Write the layers as compressed float32 GeoTIFFs, NaN where missing."""
    paths = []
    for number in range(LAYERS):
        paths.append(folder / f"layer_{number}.tif")
        with open_output(paths[-1], job.side, dtype="float32") as file:
            file.write(job.values[number], 1)
    return paths


def open_output(
    path: Path, side: int, *, dtype: str = "uint8", threads: int = 1, bands: int = 1
) -> rasterio.io.DatasetWriter:
    """Open a compressed raster of the job's square for writing; more than one thread compress beside the caller's."""
    return rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=side,
        height=side,
        count=bands,
        dtype=dtype,
        crs=CRS,
        transform=from_origin(400_000, 8_000_000, 30, 30),
        tiled=True,
        blockxsize=256,
        blockysize=256,
        compress="zstd",
        zstd_level=ZSTD_LEVEL,
        num_threads=threads,
        photometric="minisblack",
        interleave="band",  # a pixel's bands together are written anew with every band, beyond 4 GB in the end
        BIGTIFF="IF_SAFER",
    )


def _factor(job: Reference, crop: int, names: list[str], start: str = "") -> list[str]:
    """Return for each side of each limit of a crop how many of its three limits are kept, added to ``start``."""
    found = []
    for layer in range(LAYERS):
        compared = job.comparisons(crop, layer)
        for first in range(0, len(compared), 3):
            passed = [
                f"({names[layer]} {'>=' if sign > 0 else '<='} {limit!r})" for sign, limit in compared[first:][:3]
            ]
            found.append(f"({start}{' + '.join(passed)})")
    return found


class GrassLocation:
    """A throw-away location of GRASS; modules run in it without the start-up of GRASS."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        base = subprocess.run(["grass", "--config", "path"], capture_output=True, text=True, check=True).stdout.strip()
        subprocess.run(["grass", "-c", CRS, "-e", str(folder / "location")], capture_output=True, check=True)
        settings = folder / "gisrc"
        settings.write_text(f"GISDBASE: {folder}\nLOCATION_NAME: location\nMAPSET: PERMANENT\nGUI: text\n")
        self._environment = {
            **os.environ,
            "GISBASE": base,
            "GISRC": str(settings),
            "PATH": f"{base}/bin:{base}/scripts:{os.environ['PATH']}",
            "LD_LIBRARY_PATH": f"{base}/lib",
        }

    def do(self, module: str, *options: str) -> None:
        """Run a module.

        Raises
        ------
        RuntimeError
            It failed; the message holds the end of what it said.
        """
        command = [module, *options, "--overwrite", "--quiet"]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode:
            message = f"{module}: {done.stderr[-500:]}"
            raise RuntimeError(message)

    def take_in(self, path: Path, name: str) -> None:
        """Import a raster into GRASS's own form, bands as ``name.1`` and so on, and make it the region of all work."""
        self.do("r.in.gdal", f"input={path}", f"output={name}", "-o")
        with rasterio.open(path) as file:
            self.do("g.region", f"raster={name}{'.1' if file.count > 1 else ''}")

    def read(self, name: str) -> np.ndarray:
        """Return a map of bytes, row by row; 0 where it is null."""
        path = self.folder / f"{name}.bin"
        self.do("r.out.bin", "-i", f"input={name}", f"output={path}", "bytes=1", "null=0")
        return np.frombuffer(path.read_bytes(), dtype=np.uint8)


class Grass:
    """The reference job in GRASS: one expression of ``r.mapcalc``."""

    def __init__(self, job: Reference, paths: list[Path], folder: Path) -> None:
        self._location = GrassLocation(folder)
        names = [f"layer_{number}" for number in range(LAYERS)]
        for name, path in zip(names, paths, strict=True):
            self._location.take_in(path, name)
        classes = [f"c{crop} = min({', '.join(_factor(job, crop, names))})" for crop in range(CROPS)]
        best = f"best = max({', '.join(f'c{crop}' for crop in range(CROPS))})"
        which = str(CROPS - 1)
        for crop in reversed(range(CROPS - 1)):
            which = f"if(c{crop} == best, {crop}, {which})"
        self._file = folder / "expression.txt"
        self._file.write_text(f"zone = eval({', '.join([*classes, best])}, (best + 1) * 16 + {which})")

    def work(self) -> None:
        """Do the job once, from its own files to its own compressed raster."""
        self._location.do("r.mapcalc", f"file={self._file}")

    def answer(self) -> np.ndarray:
        """Return what it wrote, 0 where a value is missing."""
        return self._location.read("zone")


class GrassMethod:
    """The method job in GRASS: one pass of ``r.mapcalc`` that writes zones and classes."""

    def __init__(self, land: MethodLand, folder: Path) -> None:
        self._location = GrassLocation(folder)
        whole = frozenset(key for key in land.values if key.partition("@")[0] in REACH)
        kinds = {
            "metre": {key: band for key, band in land.values.items() if key in whole},
            "value": {key: band for key, band in land.values.items() if key not in whole},
            "place": land.places,
        }
        maps: dict[str, str] = {}
        for (kind, bands), dtype in zip(kinds.items(), ("int32", "float32", "uint8"), strict=True):
            path = folder / f"{kind}.tif"
            with open_output(path, land.side, dtype=dtype, bands=len(bands)) as file:
                for number, band in enumerate(bands.values(), 1):
                    file.write(band.astype(dtype), number)
            self._location.take_in(path, kind)
            maps |= {key: f"{kind}.{number}" for number, key in enumerate(bands, 1)}
        writer = MethodProgram(
            land.rules, maps, gapless=whole, municipalities=land.municipalities, categories=CATEGORIES
        )
        zone, cls = writer.write()
        self._file = folder / "method.txt"
        self._file.write_text(writer.program.text({"method_zone": zone, "method_class": cls}))
        self.expressions = len(writer.program.lines)

    def work(self) -> None:
        """Do the job once, from its own files to its own compressed rasters."""
        self._location.do("r.mapcalc", f"file={self._file}")

    def answer(self) -> tuple[np.ndarray, np.ndarray]:
        """Return zone and class that it wrote."""
        return self._location.read("method_zone"), self._location.read("method_class")


class GdalCalc:
    """``gdal_calc.py`` on GeoTIFFs."""

    def __init__(self, job: Reference, paths: list[Path], folder: Path) -> None:
        self.path = folder / "gdal_calc.tif"
        names = list(LETTERS)
        keys = []
        for crop in range(CROPS):
            worst = f"minimum.reduce([{','.join(_factor(job, crop, names, 'uint8(1) + '))}])"
            keys.append(f"({worst} * uint8(16) + uint8({15 - crop}))")
        best = f"maximum.reduce([{','.join(keys)}])"
        missing = f"isnan({'+'.join(names)})"
        # The lower half of the byte counts the crops backwards, so that the largest byte is the first of the best.
        self._calc = f"where({missing}, uint8(0), bitwise_xor({best}, uint8(15)))"
        self._inputs = [text for name, path in zip(names, paths, strict=True) for text in (f"-{name}", str(path))]

    def work(self) -> None:
        """Do the job once."""
        options = [f"--co={each}" for each in ("COMPRESS=ZSTD", f"ZSTD_LEVEL={ZSTD_LEVEL}", "TILED=YES")]
        command = ["gdal_calc.py", *self._inputs, f"--outfile={self.path}", f"--calc={self._calc}", "--type=Byte"]
        command += ["--hideNoData", "--overwrite", "--quiet", *options]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            message = f"gdal_calc.py: {done.stderr[-500:]}"
            raise RuntimeError(message)

    def answer(self) -> np.ndarray:
        """Return what it wrote."""
        with rasterio.open(self.path) as file:
            return file.read(1).ravel()
