"""Preparing a territory's rasters beside gdalwarp on the same tiles: wall time, and peak memory as the territory grows.

Ours is ``valles layers fetch`` in a process of its own, from the start of Python to the last checksum. The peer is one
call of gdalwarp a file, on the same grid, with the same resampling, cell type, compression and threads, and the
territory as its cutline. Ours also refuses impossible values, brings climate down to the relief, makes overviews and
writes provenance; of that the peer ``gdalwarp_cog`` makes overviews. The usual job is a tenth of the true territory,
and the whole for the growth of memory; ``--large`` is the whole, and ten times as much (about 40 GB of disk).
"""

# ruff: noqa: E402  the import path is set first
from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

import numpy as np
import rasterio
from contest import Measured, Report, main
from made_tiles import Band, file_of, write_mirror

SHARES = {"small": (0.0005, 0.005), "usual": (0.1, 1.0), "large": (1.0, 10.0)}
"""Size of the territory that is timed and of the one whose memory is compared, of the true one."""
PEER = "gdalwarp"
COG = "gdalwarp_cog"
THREADS = 2
EDGE_M = 60.0
"""Ours keeps two cells around the municipalities, and so does the cutline."""
RESAMPLING = {"elevation": "bilinear", "land_cover": "mode", "soil": "bilinear"}
TYPES = {"elevation": "Float32", "land_cover": "Byte", "soil": "Int32"}
NODATA = {"Float32": "nan", "Byte": "0", "Int32": "-2147483648", "Int16": "-32768"}
PREDICTOR = {"Float32": 3, "Byte": 1, "Int32": 2, "Int16": 2}
LAUNCHER = """
import json, resource, subprocess, sys, time
begin = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)
wall, used = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
peak = used.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
print(json.dumps([done.returncode, wall, used.ru_utime + used.ru_stime, peak, done.stdout.decode()]))
"""
"""A small process that starts the one to be measured: a child's peak begins with that of what started it."""

Turn = tuple[float, float, float]
"""Wall s, processor s, peak MB."""


def measured_run(command: list[str]) -> tuple[Turn, str]:
    """Run a command in a process of its own; return what it used and wrote.

    Raises
    ------
    RuntimeError
        It failed.
    """
    launched = [sys.executable, "-I", "-S", "-c", LAUNCHER, *command]
    done = subprocess.run(launched, check=True, stdout=subprocess.PIPE, text=True)
    code, wall, cpu, peak, out = json.loads(done.stdout)
    if code:
        raise RuntimeError([command[:3], out[-2000:]])
    return (wall, cpu, peak), out


class Territory:
    """A made-up territory of one size: its mirror, and what both sides make of it."""

    def __init__(self, folder: Path, share: float) -> None:
        self.folder = folder / f"territory_{share:g}"
        self.mirror = self.folder / "mirror"
        self.rasters = write_mirror(self.mirror, share)
        without = (self.mirror / "mirror.toml").read_text(encoding="utf-8").split("\n\n")
        rasters = self.folder / "rasters"
        rasters.mkdir()
        for path in self.mirror.iterdir():
            if path.suffix == ".tif":
                (rasters / path.name).symlink_to(path)
        (rasters / "mirror.toml").write_text("\n\n".join(each for each in without if ".gpkg" not in each))
        self.only_rasters = rasters
        self.workspace = self.folder / "workspace"
        self.warped = self.folder / "warped"
        self.grid: dict[str, Any] = {}

    def ours(self, *, vectors: bool = False) -> tuple[Turn, dict[str, float]]:
        """Prepare everything anew; return what it used, and the seconds that each layer says it took."""
        shutil.rmtree(self.workspace, ignore_errors=True)
        valles = [sys.executable, "-c", "from api.cli import main; main()"]
        outlines = ["--boundaries", str(self.mirror / "boundaries.gpkg"), "--code", "code", "--name", "name"]
        subprocess.run([*valles, "init", str(self.workspace), *outlines], check=True, stdout=-3, stderr=-3)
        source = self.mirror if vectors else self.only_rasters
        turn, told = measured_run(
            [*valles, "layers", "fetch", "--mirror", str(source), "-w", str(self.workspace), "--json"]
        )
        layers = json.loads(told)["items"]
        with rasterio.open(self.workspace / "layers" / "elevation.tif") as made:
            self.grid = {"bounds": made.bounds, "cell": made.res[0], "crs": made.crs, "shape": made.shape}
        return turn, {each["prepared"]: each["seconds"] for each in layers if each["prepared"]}

    def peer(self, *, overviews: bool = False) -> Turn:
        """Warp every raster with gdalwarp."""
        shutil.rmtree(self.warped, ignore_errors=True)
        self.warped.mkdir()
        turns = [measured_run(self._call(each, overviews=overviews))[0] for each in self.rasters]
        return sum(each[0] for each in turns), sum(each[1] for each in turns), max(each[2] for each in turns)

    def _call(self, each: Band, *, overviews: bool) -> list[str]:
        kind = TYPES.get(each.theme, "Int16")
        bounds, cell = [str(value) for value in self.grid["bounds"]], str(self.grid["cell"])
        call = ["gdalwarp", "-q", "-overwrite", "-t_srs", str(self.grid["crs"]), "-te", *bounds, "-tr", cell, cell]
        call += ["-r", RESAMPLING.get(each.theme, "bilinear"), "-ot", kind, "-dstnodata", NODATA[kind], "-et", "0.01"]
        call += ["-multi", "-wo", f"NUM_THREADS={THREADS}", "-co", f"NUM_THREADS={THREADS}", "-co", "COMPRESS=ZSTD"]
        if overviews:
            way = "MODE" if each.theme == "land_cover" else "AVERAGE"
            call += ["-of", "COG", "-co", "BLOCKSIZE=256", "-co", "LEVEL=3", "-co", f"OVERVIEW_RESAMPLING={way}"]
            call += ["-co", f"PREDICTOR={'NO' if PREDICTOR[kind] == 1 else 'YES'}"]
        else:
            call += ["-of", "GTiff", "-co", "TILED=YES", "-co", "BLOCKXSIZE=256", "-co", "BLOCKYSIZE=256"]
            call += ["-co", "INTERLEAVE=BAND", "-co", "ZSTD_LEVEL=3", "-co", f"PREDICTOR={PREDICTOR[kind]}"]
        if each.theme != "elevation":
            call += ["-cutline", str(self._cutline()), "-wo", "CUTLINE_ALL_TOUCHED=TRUE"]
        return [*call, str(self.mirror / file_of(each)), str(self.warped / file_of(each))]

    def _cutline(self) -> Path:
        """Return the territory with two cells around it, in the projection of the grid."""
        path = self.folder / "cutline.geojson"
        if not path.is_file():
            import geopandas as gpd  # noqa: PLC0415  only where there is a peer

            towns = gpd.read_file(self.mirror / "boundaries.gpkg").to_crs(self.grid["crs"])
            edge = gpd.GeoDataFrame(geometry=[towns.union_all().buffer(EDGE_M)], crs=towns.crs)
            edge.to_file(path, driver="GeoJSON")
        return path

    def differences(self) -> dict[str, Any]:
        """Compare what both sides made of the rasters on which they do the same work, in the middle of the grid."""
        found: dict[str, Any] = {}
        for theme, prepared in (("elevation",) * 2, ("land_cover",) * 2, ("soil",) * 2):
            names = (self.workspace / "layers" / f"{prepared}.tif", self.warped / f"{theme}.tif")
            with rasterio.open(names[0]) as ours, rasterio.open(names[1]) as peer:
                rows = min(ours.height, 1024)
                window = ((ours.height - rows) // 2, (ours.height + rows) // 2), (0, ours.width)
                # the peer keeps the stored steps of the source
                a, b = (each.read(1, window=window, masked=True) for each in (ours, peer))
                steps = (ours.scales[0] or 1.0) / {"soil": 0.1}.get(theme, 1.0)
            both = ~np.ma.getmaskarray(a) & ~np.ma.getmaskarray(b)
            gap = np.abs(a.data[both].astype(np.float64) * steps - b.data[both])
            found[theme] = (
                {"cells_alike_pct": round(100 * float(np.mean(gap == 0)), 3)}
                if theme == "land_cover"
                else {"largest_difference": round(float(gap.max()), 4), "source_steps": theme != "elevation"}
            ) | {"cells": int(both.sum())}
        return found


def _contend(place: Territory, rounds: int) -> tuple[Measured, dict[str, list[Turn]], dict[str, float]]:
    """Let all sides take turns on a territory."""
    sides = ["valles", *([PEER, COG] if shutil.which("gdalwarp") else [])]
    turns: dict[str, list[Turn]] = {each: [] for each in sides}
    layers: dict[str, float] = {}
    place.ours()  # compiled code is kept from here on, and the grid known
    for turn in range(rounds):
        for side in sides if turn % 2 == 0 else sides[::-1]:
            if side == "valles":
                told, layers = place.ours()
                turns[side].append(told)
            else:
                turns[side].append(place.peer(overviews=side == COG))
    if PEER in sides:
        place.peer()
    absent = "not installed: gdalwarp; make bench-setup"
    measured = Measured(
        seconds={side: statistics.median(each[0] for each in turns[side]) if side in turns else None
                 for side in ("valles", PEER, COG)},
        spread={side: (min(told)[0], max(told)[0]) for side, told in turns.items()},
        answers={},
        reasons={} if PEER in sides else dict.fromkeys((PEER, COG), absent),
        rounds=rounds,
    )  # fmt: skip
    return measured, turns, layers


def contest(small: bool, rounds: int) -> Report:
    """Hold the contest."""
    size = "small" if small else "large" if LARGE else "usual"
    share, more = SHARES[size]
    also: dict[str, float | None] = {}
    with tempfile.TemporaryDirectory(dir=os.environ.get("VALLES_BENCH_FOLDER")) as name:
        place = Territory(Path(name), share)
        measured, turns, layers = _contend(place, rounds)
        checks: dict[str, Any] = place.differences() if PEER in turns else {}
        shape = place.grid["shape"]
        also["whole_with_vectors_s"] = None if small else place.ours(vectors=True)[0][0]
        shutil.rmtree(place.folder)
        grown = Territory(Path(name), more).ours(vectors=not small)[0]
    for side, told in turns.items():
        also[f"{side}_cpu_s"] = statistics.median(each[1] for each in told)
        also[f"{side}_peak_mb"] = max(each[2] for each in told)
    also |= {f"{name}_s": value for name, value in layers.items()}
    also |= _growth(grown, turns["valles"], more / share)
    seconds: Mapping[str, float | None] = measured.seconds
    ours, cog = seconds["valles"], seconds[COG]
    also["ratio_to_gdalwarp_with_overviews"] = ours / cog if ours and cog else None
    also["load_of_machine"] = os.getloadavg()[0]
    return Report(
        benchmark="preparation",
        ours=ours,
        peer=seconds[PEER],
        peer_name=PEER,
        better="lower",
        unit="s",
        peers={PEER: seconds[PEER], COG: cog},
        measured=measured,
        job={"share_of_territory": share, "rows": shape[0], "cols": shape[1], "files": len(place.rasters),
             "bands": sum(len(each.names) for each in place.rasters), "gdal_of_peer": _version()},
        checks=checks,
        packages=("valles", "rasterio", "numpy", "numba"),
        also=also,
        notes=(
            "gdalwarp refuses no impossible value, brings no climate down to the relief and writes no provenance",
            "gdalwarp_cog makes overviews as ours does",
            "vectors are in whole_with_vectors_s and in the memory of the larger territory, and nowhere else",
        ),
    )  # fmt: skip


def _growth(grown: Turn, turns: list[Turn], times: float) -> dict[str, float | None]:
    """Say what the larger territory took."""
    peak = max(each[2] for each in turns)
    return {
        "larger_times": times,
        "larger_s": grown[0],
        "larger_cpu_s": grown[1],
        "larger_peak_mb": grown[2],
        "larger_peak_ratio": grown[2] / peak,
    }


def _version() -> str | None:
    if not shutil.which("gdalwarp"):
        return None
    return subprocess.run(["gdalwarp", "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


LARGE = "--large" in sys.argv

if __name__ == "__main__":
    if LARGE:
        sys.argv.remove("--large")
    main(__doc__ or "", contest)
