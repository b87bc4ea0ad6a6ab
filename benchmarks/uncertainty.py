"""Draws of the uncertainty: cells alike zoned once, against every cell zoned by its values and against numpy.

The job is two hundred zonings of one made-up land, each with limits, weights, temperature, rain and frost of its own.
Ours is what a study does: class limits moved, cells alike under a draw zoned once, the factor of every change named,
and the score's deviation from the first draws. The peers zone every cell anew in every draw, from its values, and count
the zones only: the float32 block kernel, and whole numpy arrays by class alone. numpy makes fewer draws; the figures
are rates.
"""

# ruff: noqa: E402  the import path is set first
from __future__ import annotations

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

import numpy as np
from contest import Contender, Report, hold, main
from drawn_job import DrawnJob

from zoning.uncertainty.block_draws import SCORED_DRAWS

THREADS = 2
SIDE, DRAWS, NUMPY_DRAWS = 384, 200, 2
SMALL_SIDE, SMALL_DRAWS = 48, 12
BOUND = 0.005
"""Largest difference of the mean stability of a zone that the fast way may have."""


def _by_zone(job: DrawnJob, stability: np.ndarray) -> dict[str, float]:
    """Return the mean stability of the cells of each zone."""
    means = {each.code: stability[job.zone == each.number] for each in job.rules.zones}
    return {code: float(own.mean()) for code, own in means.items() if own.size}


def contest(small: bool, rounds: int) -> Report:
    """Hold the contest."""
    job = DrawnJob(SMALL_SIDE if small else SIDE, SMALL_DRAWS if small else DRAWS)
    made = {"alike": len(job.draws), "float32_blocks": len(job.draws), "numpy_windows": NUMPY_DRAWS}
    made["alike_one_thread"] = len(job.draws)
    measured = hold(
        [
            Contender(name="alike", work=lambda: job.by_classes(THREADS)),
            Contender(name="float32_blocks", work=lambda: job.by_values(THREADS)),
            Contender(name="numpy_windows", work=lambda: job.by_numpy(THREADS, NUMPY_DRAWS)),
            Contender(name="alike_one_thread", work=lambda: job.by_classes(1)),
        ],
        rounds=rounds,
    )
    speed = {
        name: job.cells * made[name] / seconds / 1e6 if seconds else None for name, seconds in measured.seconds.items()
    }
    busy = {name: job.cells * made[name] / seconds / 1e6 for name, seconds in measured.processor.items() if seconds}
    found = measured.answers
    ours, theirs = _by_zone(job, found["alike"]), _by_zone(job, found["float32_blocks"])
    apart = max(abs(ours[code] - theirs[code]) for code in theirs)
    return Report(
        benchmark="uncertainty",
        ours=speed["alike"],
        peer=speed["float32_blocks"],
        peer_name="float32_blocks",
        better="higher",
        unit="million cells × draws per second",
        peers={name: speed[name] for name in ("float32_blocks", "numpy_windows")},
        also={
            "alike_one_thread": speed["alike_one_thread"],
            "over numpy_windows": _share(speed["alike"], speed["numpy_windows"]),
            "processor time over float32_blocks": _share(busy.get("alike"), busy.get("float32_blocks")),
        },
        measured=measured,
        job={
            "cells": job.cells,
            "draws": len(job.draws),
            "numpy_draws": NUMPY_DRAWS,
            "scored_draws": SCORED_DRAWS,
            "characteristics": len(job.rules.characteristics),
            "land_use_types": len(job.rules.land_use_types),
            "threads": THREADS,
        },
        checks={
            "stability_by_zone": {code: round(value, 4) for code, value in ours.items()},
            "largest_difference_of_a_zone": float(f"{apart:.2g}"),
            "bound": BOUND,
            "within_bound": apart <= BOUND,
            "cells_where_numpy_differs": int(
                (np.abs(found["numpy_windows"] - job.first_by_values(NUMPY_DRAWS)) > 1e-6).sum()  # noqa: PLR2004
            ),
        },
        packages=("valles", "numpy", "numba"),
        notes=(
            "values stand in memory; reading a stack is no part of the job",
            "ours names the factor of every change as well and tells the deviation of the score; the peers do not",
        ),
    )


def _share(ours: float | None, peer: float | None) -> float | None:
    return ours / peer if ours and peer else None


if __name__ == "__main__":
    main(__doc__ or "", contest)
