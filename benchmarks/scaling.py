"""How zoning from a stack grows: time a cell and memory from a million cells on, and two worker processes over one.

The whole default ruleset is applied to every cell of a stack, and zone and class are written as two compressed rasters.
The stack repeats the blocks of a made-up land, each decoded by itself. Every turn is a process of its own, warmed up on
a small land before its clock starts; what it held then is subtracted from the most it and its workers held later.
Polygonising is timed apart. ``--large`` adds a thousand million cells, one turn of each.
"""

# ruff: noqa: E402  the import path is set first
from __future__ import annotations

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
from contest import Measured, Report, main
from crew_watch import Watch
from method_job import method_land, write_stack
from repeated_stack import repeat_stack
from shapely import box

from gis.coverage.partition import zone_coverage
from gis.coverage.patches import merge_small_patches, minimum_cells
from gis.crew.crew import ThreadCrew
from gis.crew.process_crew import ProcessCrew
from gis.rasters.raster_reader import RasterReader
from zoning import load_crops, load_ruleset
from zoning.chunks.chunk_raster import zone_rasters
from zoning.rules.compiled_rules import compile_rules
from zoning.stack.stored_stack import StoredStack

SIDE, SMALL_SIDE = 1_024, 256
TIMES = {"small": (2,), "usual": (1, 3, 10), "large": (1, 3, 10, 31)}
"""How often the small land stands side by side."""
MOST_TURNS = {31: 1}
WARM = 2
"""Size that a turn warms up on: every worker gets a piece of it."""
POLYGON_TIMES = (1, 2, 3)
"""Sizes that are polygonised."""
MAPPING_UNIT_M2, TOLERANCE_M = 400_000.0, 50.0
WANTED_MB = 256
CREWS = ("threads", "one", "two")
"""Two threads of this process, one worker process, two."""


def turn(folder: Path, crew_name: str, times: int) -> dict[str, float | None]:
    """Zone once, in a process of its own: seconds until the last cell is zoned, in all, and what was held and spent."""
    sizes = {"one": 1, "two": 2}
    crew = ThreadCrew(2) if crew_name == "threads" else ProcessCrew(sizes[crew_name])
    with crew:
        _zone(folder, WARM, crew, f"{crew_name}-warm")
        ended: list[float] = []
        pids = (lambda: crew.pids) if isinstance(crew, ProcessCrew) else (lambda: ())
        with Watch(pids) as watch:
            begin = time.perf_counter()
            _zone(folder, times, crew, crew_name, ended)
            whole = time.perf_counter() - begin
    return {
        "classify_s": ended[-1] - begin,
        "whole_s": whole,
        "extra_mb": watch.extra_mb,
        "before_mb": watch.before_mb if watch.told else None,
        "cpu_s": watch.cpu_s if watch.told else None,
    }


def _zone(folder: Path, times: int, crew: Any, name: str, ended: list[float] | None = None) -> None:  # noqa: ANN401  any crew
    def told(_stage: str, share: float) -> None:
        if share == 1 and ended is not None:
            ended.append(time.perf_counter())

    zones, classes = (folder / f"{kind}-{name}-{times}.tif" for kind in ("zones", "classes"))
    with StoredStack(_stack(folder, times)) as stack:
        held = {band.key for band in stack.index.bands}
        rules = compile_rules(load_ruleset(), load_crops(), available=held)
        zone_rasters(stack, rules, zones=zones, classes=classes, crew=crew, progress=told)


def _stack(folder: Path, times: int) -> Path:
    return folder / f"stack-{times}.tif"


def _child(folder: Path, crew: str, times: int) -> dict[str, float | None]:
    command = [sys.executable, __file__, "--turn", str(folder), crew, str(times)]
    found: dict[str, float | None] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def _polygons(folder: Path, times: int) -> dict[str, float]:
    """Merge the small patches of a raster of zones and draw its polygons, in this process."""
    with RasterReader(folder / f"zones-threads-{times}.tif") as reader:
        grid = reader.grid
        codes = reader.read_stored(0, grid.rows, 0, grid.cols)[0]
    units = gpd.GeoDataFrame({"unit": ["1"]}, geometry=[box(*grid.bounds)], crs=grid.crs)
    begin = time.perf_counter()
    merged = merge_small_patches(codes, min_cells=minimum_cells(MAPPING_UNIT_M2, cell=grid.cell), frozen=frozenset())
    between = time.perf_counter()
    drawn = zone_coverage(merged, grid, units, min_area_m2=MAPPING_UNIT_M2, tolerance_m=TOLERANCE_M)
    return {
        "merge_s": between - begin,
        "polygons_s": time.perf_counter() - between,
        "polygons": float(len(drawn.frame)),
    }


Turns = dict[tuple[str, int], list[dict[str, float | None]]]


def _contend(folder: Path, sizes: tuple[int, ...], rounds: int) -> Turns:
    turns: Turns = {}
    for times in sizes:
        for number in range(min(rounds, MOST_TURNS.get(times, rounds))):
            for crew in CREWS if number % 2 == 0 else CREWS[::-1]:
                turns.setdefault((crew, times), []).append(_child(folder, crew, times))
    return turns


def _alike(folder: Path, sizes: tuple[int, ...]) -> bool:
    """Whether every crew wrote the same bytes."""
    for times in sizes:
        for kind in ("zones", "classes"):
            files = [(folder / f"{kind}-{crew}-{times}.tif").read_bytes() for crew in CREWS]
            if files.count(files[0]) != len(files):
                return False
    return True


def _median(turns: list[dict[str, float | None]], key: str) -> float | None:
    known = [each[key] for each in turns if each[key] is not None]
    return statistics.median(known) if known else None


def _figures(turns: Turns, side: int) -> dict[str, float | None]:
    """Return time a cell, memory and processor time of every crew and size."""
    told: dict[str, float | None] = {}
    for (crew, times), all_turns in turns.items():
        name, cells = f"{crew}_{side * times}²", (side * times) ** 2
        for key in ("classify", "whole", "cpu"):
            seconds = _median(all_turns, f"{key}_s")
            told[f"{name}_{key}_ns_a_cell"] = None if seconds is None else seconds / cells * 1e9
        peaks = [each["extra_mb"] for each in all_turns if each["extra_mb"] is not None]
        told[f"{name}_extra_mb"] = max(peaks) if peaks else None
    return told


def _growth(turns: Turns, sizes: tuple[int, ...]) -> Mapping[str, float | None]:
    """Return how the extra memory of threads grew from the second size to the last."""
    peaks = [max((each["extra_mb"] or 0.0) for each in turns["threads", times]) for times in sizes]
    first = peaks[min(1, len(peaks) - 1)]
    return {
        "extra_mb": peaks[-1] or None,
        "extra_mb_over_wanted": peaks[-1] / WANTED_MB or None,
        "extra_mb_largest_over_second_size": peaks[-1] / first if first else None,
        "load_of_machine": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def contest(small: bool, rounds: int) -> Report:
    """Hold the contest."""
    side, sizes = (SMALL_SIDE if small else SIDE), TIMES["small" if small else "large" if LARGE else "usual"]
    with tempfile.TemporaryDirectory(dir=os.environ.get("VALLES_BENCH_FOLDER")) as name:
        folder = Path(name)
        source = write_stack(method_land(side), folder)
        for times in {WARM, *sizes}:
            repeat_stack(source, _stack(folder, times), times=times)
        turns = _contend(folder, sizes, rounds)
        drawn = {f"{side * times}²": _polygons(folder, times) for times in POLYGON_TIMES if times in sizes}
        alike = _alike(folder, sizes)
        stack_mb = _stack(folder, sizes[-1]).stat().st_size / 1e6
    last, cells = sizes[-1], (side * sizes[-1]) ** 2
    seconds = {crew: _median(turns[crew, last], "whole_s") for crew in CREWS}
    speed = {crew: cells / spent / 1e6 if spent else None for crew, spent in seconds.items()}
    classify = [_median(turns[crew, last], "classify_s") for crew in ("one", "two")]
    also = _figures(turns, side) | {
        f"{size}_{key}": value for size, told in drawn.items() for key, value in told.items()
    }
    also |= _growth(turns, sizes) | {"two_threads": speed["threads"]}
    also["one_over_two_until_the_last_cell"] = classify[0] / classify[1] if classify[0] and classify[1] else None
    spread = {crew: [each["whole_s"] or 0.0 for each in turns[crew, last]] for crew in CREWS}
    return Report(
        benchmark="scaling",
        ours=speed["two"],
        peer=speed["one"],
        peer_name="one_worker_process",
        better="higher",
        unit="Mcells/s",
        peers={"one_worker_process": speed["one"]},
        measured=Measured(
            seconds=seconds,
            spread={crew: (min(all_turns), max(all_turns)) for crew, all_turns in spread.items()},
            answers={},
            reasons={},
            rounds=min(rounds, MOST_TURNS.get(last, rounds)),
        ),
        job={"cells": [(side * times) ** 2 for times in sizes], "stack_mb": round(stack_mb, 1)},
        checks={"all_crews_wrote_the_same_bytes": alike},
        packages=("valles", "numpy", "numba", "rasterio"),
        also=also,
        notes=(
            "ratio: two worker processes over one at the largest size, from the stack to both rasters",
            "what a worker process holds before the clock starts is not counted; extra_mb is what comes on top",
            "the stack repeats blocks on disk: their bytes are read from memory, every block is decoded",
        ),
    )


LARGE = "--large" in sys.argv

if __name__ == "__main__":
    if "--turn" in sys.argv:
        place, who, how_often = sys.argv[sys.argv.index("--turn") + 1 :]
        print(json.dumps(turn(Path(place), who, int(how_often))))
        sys.exit(0)
    if LARGE:
        sys.argv.remove("--large")
    main(__doc__ or "", contest)
