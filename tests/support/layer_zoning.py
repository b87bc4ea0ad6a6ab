"""The cells of a run rated straight from its layers: what every faster way is held against."""

from __future__ import annotations

from zoning.land.land_data import LandData
from zoning.land.precedence import Precedence
from zoning.study.cell_results import CellResults
from zoning.study.classification import classify_land
from zoning.study.run_job import RunJob


def classified_from_layers(job: RunJob, *, aptitudes: tuple[str, ...] = ()) -> CellResults:
    ruleset, changes = job.rules.ruleset, job.changes
    offset, calendar = ruleset.frost.offset, ruleset.calendar
    with LandData(
        job.workspace, job.grid, job.inventory, frost_offset=offset, calendar=calendar, changes=changes
    ) as land:
        land.prepare(job.rules.inputs, job.frame.places)
        counts = "slope" not in job.inventory.flagged
        with Precedence(
            job.workspace, job.grid, ruleset, job.frame.places, slope_counts=counts, changes=changes
        ) as precedence:
            return classify_land(land, precedence, job.rules, job.frame, workers=1, aptitudes=aptitudes)
