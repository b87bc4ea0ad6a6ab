"""The row kernel against numpy in windows, xarray on dask and the float32 block kernel, on two jobs.

The *reference job* is twelve crops on ten layers, class by the law of the minimum, every cell to its best crop. The
*method job* is the whole method: every land-use type of the ruleset that comes with the program, zones that compete,
runner-up; once by class alone, and once with score, margin, limiting and second limiting factor. All contenders stand
on the same made-up land in memory: the row kernel on interval codes, the others on float32 values. The plain numpy
contenders of the method rate each curve that land-use types share once; all numpy contenders take windows of the size
at which they are fastest.
"""

# ruff: noqa: E402  the import path is set first
from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

import numpy as np
from contest import Contender, Measured, Report, hold, main
from kernel_jobs import METHOD_WINDOWS, PEER_WINDOWS, Land, Method, Simple
from reference_job import CROPS, LAYERS, reference

from zoning.rating.row_kernel import SCORE_QUANTUM, score_error

THREADS = 2
METHOD_SIDE, REFERENCE_SIDE = 512, 2_048
AGAINST = {
    "rows": ("numpy_windows", "xarray_dask", "float32_blocks"),
    "rows_one_thread": ("numpy_windows_one_thread",),
    "method_classes": ("method_classes_numpy_windows",),
    "method_rows": ("method_numpy_windows", "method_float32_blocks"),
}
"""Each of our contenders and the peers that do the same job."""
OWN = (
    "rows",
    "rows_one_thread",
    "method_classes",
    "method_classes_one_thread",
    "method_rows",
    "method_rows_one_thread",
)


def _fastest(work: Callable[[int, int], Any], windows: tuple[int, ...], *, small: bool) -> int:
    if small:
        return windows[0]
    trial = [Contender(name=str(size), work=lambda size=size: work(THREADS, size)) for size in windows]
    fastest_turn = hold(trial, rounds=2).spread
    return min(windows, key=lambda size: fastest_turn[str(size)][0])


def _contenders(simple: Simple, method: Method, window: int, method_window: int) -> list[Contender]:
    return [
        Contender(name="rows", work=lambda: simple.rows(THREADS)),
        Contender(name="numpy_windows", work=lambda: simple.numpy(THREADS, window)),
        Contender(name="xarray_dask", work=lambda: simple.xarray(THREADS), needs=("xarray", "dask")),
        Contender(name="float32_blocks", work=lambda: simple.floats(THREADS)),
        Contender(name="rows_one_thread", work=lambda: simple.rows(1)),
        Contender(name="numpy_windows_one_thread", work=lambda: simple.numpy(1, window)),
        Contender(name="method_classes", work=lambda: method.rows(THREADS, reasons=False)),
        Contender(
            name="method_classes_numpy_windows", work=lambda: method.numpy(THREADS, method_window, reasons=False)
        ),
        Contender(name="method_classes_one_thread", work=lambda: method.rows(1, reasons=False)),
        Contender(name="method_rows", work=lambda: method.rows(THREADS, reasons=True)),
        Contender(name="method_numpy_windows", work=lambda: method.numpy(THREADS, method_window, reasons=True)),
        Contender(name="method_float32_blocks", work=lambda: method.floats(THREADS)),
        Contender(name="method_rows_one_thread", work=lambda: method.rows(1, reasons=True)),
    ]


def _checked(found: dict[str, Any], land: Land) -> dict[str, Any]:
    ours = found["method_rows"]
    differ = {
        f"{name} {field}": int((ours[field] != found[name][field]).sum())
        for name in found
        if name.startswith("method")
        for field in ("zone", "class", "runner_up")
    }
    differ |= {
        name: int((found["rows"] != answer).sum()) for name, answer in found.items() if not name.startswith("method")
    }
    gap = np.nanmax(np.abs(ours["margin"] - found["method_numpy_windows"]["margin"]), initial=0.0)
    present = np.unique(ours["zone"])
    return {
        "cells_that_differ": differ,
        "largest_margin_difference": float(f"{gap:.2g}"),
        "largest_score_error_possible": float(f"{score_error(land.rules, land.cuts):.2g}"),
        "declared_score_quantum": SCORE_QUANTUM,
        "zones_present": [each.code for each in land.rules.zones if each.number in present],
    }


def _processor_ratios(measured: Measured) -> dict[str, float]:
    spent = measured.processor
    return {
        f"{peer} processor ratio": spent[peer] / spent[ours]
        for ours, peers in AGAINST.items()
        for peer in peers
        if spent.get(ours) and spent.get(peer)
    }


def contest(small: bool, rounds: int) -> Report:
    """Hold the contest."""
    land = Land(64 if small else METHOD_SIDE)
    method, simple = Method(land), Simple(reference(128 if small else REFERENCE_SIDE))
    window = _fastest(simple.numpy, PEER_WINDOWS, small=small)
    method_window = _fastest(
        lambda threads, size: method.numpy(threads, size, reasons=True), METHOD_WINDOWS, small=small
    )  # fmt: skip
    measured = hold(_contenders(simple, method, window, method_window), rounds=rounds)
    cells = {name: land.cells if name.startswith("method") else simple.cells for name in measured.seconds}
    speed = {name: cells[name] / each / 1e6 if each else None for name, each in measured.seconds.items()}
    ratio = {f"{peer} ratio": _ratio(speed[ours], speed[peer]) for ours, peers in AGAINST.items() for peer in peers}
    return Report(
        benchmark="kernel",
        ours=speed["rows"],
        peer=speed["numpy_windows"],
        peer_name="numpy_windows",
        better="higher",
        unit="Mcells/s",
        peers={name: speed[name] for name in speed if name not in OWN},
        also={**{name: speed[name] for name in OWN[1:]}, **ratio, **_processor_ratios(measured)},
        measured=measured,
        job={
            "reference": {"cells": simple.cells, "crops": CROPS, "layers": LAYERS, "window_cells": window},
            "method": {
                "cells": land.cells,
                "land_use_types": len(land.rules.land_use_types),
                "crops": len({each.crop for each in land.rules.land_use_types}),
                "characteristics": len(land.rules.characteristics),
                "zones": len(land.rules.rated_zones),
                "window_cells": method_window,
            },
            "threads": THREADS,
        },
        checks=_checked(dict(measured.answers), land),
        packages=("valles", "numpy", "numba", "xarray", "dask"),
        notes=(
            "values and codes stand in memory; reading layers and encoding are no part of the job",
            "the row kernel finds the gates from codes inside the measured time, the others are given them as bits",
            "in the method job the row kernel rates a zone only where its gates let it claim a cell nearby",
        ),
    )


def _ratio(ours: float | None, peer: float | None) -> float | None:
    return ours / peer if ours and peer else None


if __name__ == "__main__":
    main(__doc__ or "", contest)
