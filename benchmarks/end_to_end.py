"""From layers on disk to compressed rasters of zone and class, against GRASS r.mapcalc and gdal_calc.py: two jobs.

The *reference job* is twelve crops on ten layers, class by the law of the minimum, every cell to its best crop. The
*method job* is the whole ruleset that comes with the program, zones and classes. Ours reads a stack, all layers as
bytes in one file, and writes zstd; the map calculators read the values in the form each keeps them, GRASS its own, and
write zstd. Making the stack and importing into GRASS are no part of the job. Every pixel of the answers is compared.
Besides, the time is set against only decoding the same stack.
"""

# ruff: noqa: E402  the import path is set first
from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from shutil import which
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

import numpy as np
from contest import Contender, Measured, Report, hold, main
from map_calculators import ZSTD_LEVEL, GdalCalc, Grass, GrassMethod, write_floats
from method_job import UNRATED, MethodLand, method_land
from reference_job import CROPS, LAYERS, Reference, reference
from stack_jobs import Method, Simple, StackJob

SIDE, SMALL_SIDE = 2_048, 128
THREADS = 2


def _contenders(ours: dict[str, StackJob], peers: dict[str, Any]) -> list[Contender]:
    found = []
    for job, each in ours.items():
        found += [
            Contender(name=f"{job}valles", work=lambda each=each: each.work(THREADS)),
            Contender(name=f"{job}valles_one_thread", work=lambda each=each: each.work(1)),
            Contender(name=f"{job}only_decoding", work=lambda each=each: each.decode(THREADS)),
            Contender(name=f"{job}only_decoding_one_thread", work=lambda each=each: each.decode(1)),
        ]
    for name, (program, package) in PEERS.items():
        work = peers[name].work if name in peers else lambda: None
        install = f"make bench-setup, or install {package} with the system's packages"
        found.append(Contender(name=name, work=work, programs=(program,), install=install))
    return found


PEERS = {
    "grass_r_mapcalc": ("grass", "grass-core"),
    "gdal_calc": ("gdal_calc.py", "python3-gdal"),
    "method_grass_r_mapcalc": ("grass", "grass-core"),
}
"""Contender to its program and the package of Debian that brings it."""


def contest(small: bool, rounds: int) -> Report:
    """Hold the contest."""
    side = SMALL_SIDE if small else SIDE
    job, land = reference(side), method_land(side)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        there = [each for each, (program, _deb) in PEERS.items() if which(program)]
        ours: dict[str, StackJob] = {"": Simple(job, _made(folder / "reference"))}
        paths = write_floats(job, folder / "reference")
        makers: dict[str, Callable[[Path], Any]] = {
            "grass_r_mapcalc": lambda to: Grass(job, paths, to),
            "gdal_calc": lambda to: GdalCalc(job, paths, to),
            "method_grass_r_mapcalc": lambda to: GrassMethod(land, to),
        }
        ours["method_"] = Method(land, _made(folder / "method"))
        peers = {each: makers[each](_made(folder / each)) for each in there}
        measured = hold(_contenders(ours, peers), rounds=rounds)
        checks = _checked(ours, peers)
        sizes = {f"{name}stack_mb": round(each.path.stat().st_size / 1e6, 2) for name, each in ours.items()}
    return _report(job, land, measured, checks, sizes)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _checked(ours: dict[str, StackJob], peers: dict[str, Any]) -> dict[str, Any]:
    """Compare every pixel of every answer."""
    (crops,), (zones, classes) = ours[""].answer(), ours["method_"].answer()
    differ: dict[str, int] = {}
    for name, peer in peers.items():
        if name.startswith("method_"):
            zone, cls = peer.answer()
            differ |= {f"{name} zone": int((zones != zone).sum()), f"{name} class": int((classes != cls).sum())}
        else:
            differ[name] = int((crops != peer.answer()).sum())
    return {
        "cells_that_differ": differ,
        "answers_present": int(np.unique(crops).size),
        "method_zones_present": int(np.unique(zones[zones > 0]).size),
        "method_share_rated": round(float((classes < UNRATED).mean()), 3),
    }


def _by_processor(measured: Measured) -> dict[str, float | None]:
    """Return the ratios by processor time of one thread, for a machine that does other things as well."""
    spent = measured.processor

    def ratio(one: str, other: str) -> float | None:
        return spent[one] / spent[other] if spent.get(one) and spent.get(other) else None

    return {
        f"{job}{name}, by processor time of one thread": ratio(f"{job}{one}", f"{job}{other}")
        for job in ("", "method_")
        for name, one, other in (
            ("over grass_r_mapcalc", "grass_r_mapcalc", "valles_one_thread"),
            ("time over only decoding", "valles_one_thread", "only_decoding_one_thread"),
        )
    }


def _report(
    job: Reference, land: MethodLand, measured: Measured, checks: dict[str, Any], sizes: dict[str, float]
) -> Report:
    cells = {name: land.side**2 if name.startswith("method_") else job.side**2 for name in measured.seconds}
    speed = {name: cells[name] / spent / 1e6 if spent else None for name, spent in measured.seconds.items()}

    def ratio(one: str, other: str) -> float | None:
        return speed[one] / speed[other] if speed[one] and speed[other] else None

    return Report(
        benchmark="end_to_end",
        ours=speed["valles"],
        peer=speed["grass_r_mapcalc"],
        peer_name="grass_r_mapcalc",
        better="higher",
        unit="Mcells/s",
        peers={each: speed[each] for each in PEERS},
        also={
            **{name: speed[name] for name in ("valles_one_thread", "method_valles", "method_valles_one_thread")},
            "one thread over grass_r_mapcalc": ratio("valles_one_thread", "grass_r_mapcalc"),
            "two threads over gdal_calc": ratio("valles", "gdal_calc"),
            "time over only decoding": ratio("only_decoding", "valles"),
            "time over only decoding, one thread": ratio("only_decoding_one_thread", "valles_one_thread"),
            "method over grass_r_mapcalc": ratio("method_valles", "method_grass_r_mapcalc"),
            "method over grass_r_mapcalc, one thread": ratio("method_valles_one_thread", "method_grass_r_mapcalc"),
            **_by_processor(measured),
            "method time over only decoding": ratio("method_only_decoding", "method_valles"),
            "method time over only decoding, one thread": ratio(
                "method_only_decoding_one_thread", "method_valles_one_thread"
            ),
        },
        measured=measured,
        job={
            "reference": {"cells": job.side**2, "crops": CROPS, "layers": LAYERS},
            "method": {
                "cells": land.side**2,
                "land_use_types": len(land.rules.land_use_types),
                "characteristics": len(land.values),
                "bands_of_places": len(land.places),
                "zones": len(land.rules.rated_zones),
            },
            "compression": f"zstd {ZSTD_LEVEL}",
            "threads": {name: 1 if name in PEERS or name.endswith("one_thread") else THREADS for name in speed},
            **sizes,
        },
        checks=checks,
        packages=("valles", "numpy", "numba", "rasterio"),
        notes=(
            "making the stack and importing into GRASS are not measured; GRASS's start-up is left out, r.mapcalc alone",
            "the map calculators are processes that read values; ours is a function of a running program",
            "the stack is opened anew in every turn, so that nothing decoded before is at hand",
            "in the method job GRASS settles classes only and shares every comparison between land-use types",
        ),
    )


if __name__ == "__main__":
    main(__doc__ or "", contest)
