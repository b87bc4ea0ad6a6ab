"""Whether a study stands as it was written: its files, its coverage and its hectares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gis.atomic import sha256_of, storage_errors
from gis.errors import InputError
from gis.messages import translator
from zoning.study.study import Study
from zoning.study.study_reading import MANIFEST
from zoning.study.summary import DECIMALS

_ = translator("zoning")
_NOISE = 1e-6

CLOSES = 1e-6
"""Largest relative difference between the zones of a municipality and its area."""


@dataclass(frozen=True, kw_only=True)
class StudyCheck:
    """What a study was found to be."""

    files: int
    """Files that the manifest names."""
    changed: tuple[str, ...]
    """Files whose content is another."""
    missing: tuple[str, ...]
    """Files that are gone."""
    added: tuple[str, ...]
    """Files in the folder that the manifest does not name; they make a study no worse."""
    readable: bool
    """Whether polygons and summary could be read."""
    coverage_valid: bool
    """Whether the polygons share their edges, without gap or overlap."""
    area_error: float | None
    """Largest relative difference between the zones of a municipality and its area; ``None`` where unreadable."""
    summary_open: tuple[str, ...]
    """Municipalities whose rows in ``summary.csv`` do not add up to their area and to 100 %."""

    @property
    def closes(self) -> bool:
        """Whether the zones of every municipality add up to its area."""
        return self.area_error is not None and self.area_error <= CLOSES

    @property
    def good(self) -> bool:
        """Whether nothing is amiss."""
        whole = self.readable and self.coverage_valid and self.closes
        return whole and not (self.changed or self.missing or self.summary_open)


def check_study(study: Study) -> StudyCheck:
    """Compare the files of a study with their hashes, and its polygons and summary with the municipalities.

    Raises
    ------
    gis.errors.InputError
        The manifest is damaged.
    gis.errors.StorageError
        The disk refuses.
    """
    named = study.manifest["files"]
    there = {path.name for path in study.folder.iterdir() if path.is_file()}
    missing = tuple(name for name in named if name not in there)
    changed = tuple(
        name for name, digest in named.items() if name in there and sha256_of(study.folder / name) != digest
    )
    whole = {str(each["code"]): float(each["area_ha"]) for each in study.manifest["municipalities"]}
    try:
        zones = study.zones
        open_rows = _open_rows(study, whole)
    except InputError:
        zones, open_rows = None, tuple(whole)
    error = None
    if zones is not None:
        sums = zones.groupby("municipality")["area_ha"].sum()
        error = max(abs(float(sums.get(code, 0.0)) - area) / area for code, area in whole.items())
    return StudyCheck(
        files=len(named),
        changed=changed,
        missing=missing,
        added=tuple(sorted(there - set(named) - {MANIFEST})),
        readable=zones is not None,
        coverage_valid=zones is not None and bool(shapely.coverage_is_valid(np.asarray(zones.geometry.array))),
        area_error=error,
        summary_open=open_rows,
    )


def _open_rows(study: Study, areas: dict[str, float]) -> tuple[str, ...]:
    path = study.folder / "summary.csv"
    try:
        with storage_errors(path):
            table = pd.read_csv(path, dtype={"municipality": str})
        sums = {name: table.groupby("municipality")[name].sum().to_dict() for name in ("area_ha", "percent")}
    except (ValueError, KeyError) as error:
        raise InputError(
            _("{path} está dañado").format(path=path),
            expected=_("Se esperaba el resumen de un estudio"),
            remedy=_("Haga el estudio otra vez"),
        ) from error
    # Half a last digit more than rounding allows, for the noise of adding binary figures.
    slack = 0.5 * 10**-DECIMALS + _NOISE
    return tuple(
        code
        for code, area in areas.items()
        if abs(sums["area_ha"].get(code, 0.0) - area) > slack or abs(sums["percent"].get(code, 0.0) - 100) > _NOISE
    )
