"""The sensitivity table of the study that is being made."""

from __future__ import annotations

from pathlib import Path

from gis.atomic import write_atomically
from gis.vectors.vector import area_ha
from zoning.sensitivity.land_sample import LandSample, Sampler
from zoning.sensitivity.other_sources import OtherSources, prepared_climates
from zoning.sensitivity.sampled_rating import SampledRating
from zoning.sensitivity.sensitivity_table import Sensitivity, measure_variants
from zoning.sensitivity.setting import Setting
from zoning.sensitivity.variants import FILE, Variant, load_variants
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


class SensitivityWatch:
    """Looks on while the cells of a run are read, then measures what every variant moves.

    Parameters
    ----------
    job
        What the run works with.

    Raises
    ------
    zoning.zoning_errors.RulesError
        The workspace's own file of variants is none.
    """

    def __init__(self, job: RunJob) -> None:
        self._job = job
        self._variants = study_variants(job)
        self.sampler = Sampler(job.frame.places, job.frame.unit, job.frame.codes)

    def measure(self, *, workers: int = 2) -> Sensitivity:
        """Return the table, from cells before they are merged into polygons.

        Parameters
        ----------
        workers
            Threads; the result does not depend on them.

        Raises
        ------
        gis.errors.VallesError
            A layer turns out damaged.
        """
        job, sample = self._job, self.sampler.sample()
        setting = study_setting(job)
        rows = measure_variants(sampled_rating(job, sample, setting), setting, self._variants, workers=workers)
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
