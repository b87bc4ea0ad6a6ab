"""The sensitivity table of the study that is being made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gis.atomic import write_atomically
from gis.vectors.vector import area_ha
from zoning.land.cell_sample import CellSample
from zoning.land.land_inventory import CLIMATE_LAYERS
from zoning.land.precedence import LEGAL
from zoning.sensitivity.land_sample import LandSample
from zoning.sensitivity.other_sources import OtherSources, prepared_climates
from zoning.sensitivity.sampled_rating import SampledRating
from zoning.sensitivity.sensitivity_table import Sensitivity, measure_variants
from zoning.sensitivity.setting import SLOPE, Setting
from zoning.sensitivity.variants import FILE, Variant, load_variants
from zoning.stack.stack_cells import StackCells
from zoning.stack.stack_extras import COLUMN, MONTHS
from zoning.study.run_job import RunJob


def study_variants(job: RunJob) -> tuple[Variant, ...]:
    """Return the variants of the workspace, else those of the program.

    Raises
    ------
    zoning.zoning_errors.RulesError
        The file of the workspace is no list of variants.
    """
    own = job.workspace.config(FILE)
    return load_variants(own if own.is_file() else None)


def study_setting(job: RunJob) -> Setting:
    """Return the rules and sources of a run as one value that variants may change."""
    rules, inventory = job.rules, job.inventory
    prepared = [name for name in prepared_climates(job.workspace) if name != inventory.climate]
    elevation = inventory.layers.get("elevation")
    return Setting(
        ruleset=rules.ruleset,
        crops=job.crops,
        available=inventory.available,
        flagged=inventory.flagged,
        climate=inventory.climate,
        other_climates=tuple(sorted(prepared, key=lambda name: (name != rules.ruleset.climate_alternative, name))),
        elevation_cell_m=elevation.native_cell_m if elevation else None,
    )


def sampled_rating(job: RunJob, sample: LandSample, setting: Setting) -> SampledRating:
    """Return what rates the sample of a run under any setting."""
    sources = OtherSources(job.workspace, job.grid, sample, climate=job.inventory.climate, changes=job.changes)
    return SampledRating(sample, setting, job.rules.gate_names, months_of=sources.months, slope_from=sources.slope)


def land_sample(job: RunJob, stack: StackCells) -> LandSample:
    """Return the sample of a run's cells that its stack keeps.

    Parameters
    ----------
    job
        What the run works with.
    stack
        Of its land.

    Raises
    ------
    gis.errors.InputError
        The stack turns out damaged.
    """
    sample, rules = CellSample(job.frame.places), job.rules
    kept, months = stack.extras(COLUMN), stack.extras(MONTHS)
    columns = {each.key: kept[each.key] for each in rules.inputs if each.key in kept}
    strip = stack.sampled(sample)
    counts = SLOPE in columns and SLOPE not in rules.flagged
    decided = strip.decided(rules.ruleset, columns[SLOPE] if counts else None)
    return LandSample(
        step=sample.step,
        row=sample.row,
        col=sample.col,
        monthly={theme: months[theme] for theme in CLIMATE_LAYERS if theme in months},
        columns=columns,
        decided=decided.decided,
        residual=decided.residual,
        legal=(decided.flags & np.uint8(LEGAL)) > 0,
        present_use=decided.present_use,
        opened=strip.opened(rules.gate_names, stack.index.opened),
        municipality=np.array(["", *job.frame.codes])[strip.unit],
    )


def measure_sensitivity(
    job: RunJob, sample: LandSample, variants: Sequence[Variant], *, workers: int = 2
) -> Sensitivity:
    """Measure what every variant moves, from cells before they are merged into polygons.

    Parameters
    ----------
    job
        What the run works with.
    sample
        From :func:`land_sample`.
    variants
        From :func:`study_variants`.
    workers
        Threads; the result does not depend on them.

    Raises
    ------
    gis.errors.VallesError
        A layer turns out damaged.
    """
    setting = study_setting(job)
    rows = measure_variants(sampled_rating(job, sample, setting), setting, variants, workers=workers)
    area = float(area_ha(job.municipalities, job.workspace.territory.area_crs).sum())
    return Sensitivity(rows=rows, cells=sample.cells, step=sample.step, area_ha=area)


def write_sensitivity(folder: Path, found: Sensitivity) -> None:
    """Write ``sensitivity.csv``.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """
    text = found.table().to_csv(index=False, lineterminator="\n")
    write_atomically(folder / "sensitivity.csv", text)
