"""The sample of a run's cells, as the program itself takes it from the stack of the land."""

from __future__ import annotations

from zoning.sensitivity.land_sample import LandSample
from zoning.stack.stack_build import stack_folder, update_stack
from zoning.stack.stack_cells import StackCells
from zoning.study.run_job import RunJob
from zoning.study.study_sensitivity import land_sample


def sampled_land(job: RunJob) -> LandSample:
    """Return the sample; the stack is made where it must."""
    index = update_stack(job.land, job.rules).index
    with StackCells(stack_folder(job.land), index.hash) as stack:
        return land_sample(job, stack)
