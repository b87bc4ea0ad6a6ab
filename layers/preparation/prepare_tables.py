"""Tables by municipality: crop areas of a survey, added up, and figures of municipal atlases, joined on the code."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from gis.atomic import write_atomically
from gis.messages import translator
from gis.vectors.plain_table import read_text_table
from layers.catalogue.vector_themes import vector_themes
from layers.mirrors.mirror import Mirror, MirrorLayer
from layers.preparation.job import Bench, Job, Made
from layers.sources.farm_survey_table import CROP, THEME, crop_areas
from layers.sources.municipal_rows import municipal_rows
from layers.sources.municipal_table import indicator_table
from layers.transfer.addresses import is_address

_ = translator("layers")


def table_jobs(mirror: Mirror) -> list[Job]:
    """Return the tables to prepare that a mirror brings."""
    jobs = []
    for theme in vector_themes():
        entry = mirror.of(theme.id) if theme.kind == "table" and theme.prepared else None
        if entry is not None and _may_travel(mirror, entry):
            make = _make_crop_areas if theme.id == THEME else _make_indicators
            jobs.append(Job(prepared=theme.prepared, theme=theme, entries=(entry,), make=make, ending=".csv"))
    return jobs


def _may_travel(mirror: Mirror, entry: MirrorLayer) -> bool:
    """Say whether fetching a file writes no household row to the disk: rows of a survey never come from the web.

    Sums do; who made them said what was done.
    """
    return entry.theme != THEME or not is_address(mirror.place) or bool(entry.steps)


def _make_crop_areas(bench: Bench, job: Job, path: Path) -> Made:
    source, territory = bench.files.path(job.entries[0]), bench.workspace.territory
    table = read_text_table(source)
    if CROP in table.columns:
        sums, steps = crop_areas(source, territory)
    else:
        joined = municipal_rows(table, territory, what=source.name)
        sums, steps = joined.rows, (joined.step,)
    _write(sums, path)
    bench.progress(job.prepared, 1, 1)
    return Made(steps=steps)


def _make_indicators(bench: Bench, job: Job, path: Path) -> Made:
    table, joined = indicator_table(bench.files.path(job.entries[0]), bench.workspace.territory)
    _write(table, path)
    bench.progress(job.prepared, 1, 1)
    return Made(steps=(joined.step,))


def _write(table: pd.DataFrame, path: Path) -> None:
    write_atomically(path, table.to_csv(index=False, lineterminator="\n"))
