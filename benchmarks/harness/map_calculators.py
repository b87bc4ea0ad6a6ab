"""The reference job in the map calculators of GRASS and GDAL, each a process of its own on its own files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin
from reference_job import CROPS, LAYERS, Reference

CRS = "EPSG:32720"
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


def open_output(path: Path, side: int, *, dtype: str = "uint8") -> rasterio.io.DatasetWriter:
    """Open a compressed raster of the job's square for writing."""
    return rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=side,
        height=side,
        count=1,
        dtype=dtype,
        crs=CRS,
        transform=from_origin(400_000, 8_000_000, 30, 30),
        tiled=True,
        blockxsize=256,
        blockysize=256,
        compress="zstd",
        zstd_level=ZSTD_LEVEL,
        num_threads=2,
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


class Grass:
    """A throw-away location with the layers imported; ``r.mapcalc`` runs in it without the start-up of GRASS."""

    def __init__(self, job: Reference, paths: list[Path], folder: Path) -> None:
        self.job, self.folder = job, folder
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
        for number, path in enumerate(paths):
            self._do("r.in.gdal", f"input={path}", f"output=layer_{number}", "-o")
        self._do("g.region", "raster=layer_0")
        names = [f"layer_{number}" for number in range(LAYERS)]
        classes = [f"c{crop} = min({', '.join(_factor(job, crop, names))})" for crop in range(CROPS)]
        best = f"best = max({', '.join(f'c{crop}' for crop in range(CROPS))})"
        which = str(CROPS - 1)
        for crop in reversed(range(CROPS - 1)):
            which = f"if(c{crop} == best, {crop}, {which})"
        text = f"zone = eval({', '.join([*classes, best])}, (best + 1) * 16 + {which})"
        (folder / "expression.txt").write_text(text)

    def _do(self, module: str, *options: str) -> None:
        command = [module, *options, "--overwrite", "--quiet"]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode:
            message = f"{module}: {done.stderr[-500:]}"
            raise RuntimeError(message)

    def work(self) -> None:
        """Do the job once, from its own files to its own compressed raster."""
        self._do("r.mapcalc", f"file={self.folder / 'expression.txt'}")

    def answer(self) -> np.ndarray:
        """Return what it wrote, 0 where a value is missing."""
        path = self.folder / "zone.bin"
        self._do("r.out.bin", "-i", "input=zone", f"output={path}", "bytes=1", "null=0")
        return np.frombuffer(path.read_bytes(), dtype=np.uint8)


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
