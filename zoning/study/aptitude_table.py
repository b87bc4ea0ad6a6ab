"""How many hectares of each municipality are how apt for each zone, overlay and chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.vectors.vector import area_ha
from zoning.rules.chains import AptitudeBand
from zoning.rules.limits import CLASS_CODES, SD
from zoning.rules.ruleset import Overlay
from zoning.study.run_job import RunJob

Codes = npt.NDArray[np.uint8]
Words = Mapping[str, tuple[str, ...]]

TABLE = "aptitude.csv"
"""Name of its file."""

COLUMNS = (
    "municipality", "municipality_name", "kind", "code", "title", "class", "area_ha", "share", "limiting", "incomplete",
)  # fmt: skip
"""Columns of the table."""

UNITS = {"area_ha": "ha", "share": "0 to 1"}
"""Unit of each column of figures, put in ``frame.attrs['units']``."""

NOTHING_LIMITS = 254
"""Stored where no criterion limits an overlay."""

BEST_FIRST = ("S1", "S2", "S3", "N", "SD")
"""Classes in the order of the table."""

_CLASSES = len(BEST_FIRST)


@dataclass(frozen=True, kw_only=True)
class _Row:
    municipality: str
    municipality_name: str
    kind: str
    code: str
    title: str
    cls: str
    area_ha: float
    share: float
    limiting: str
    incomplete: str


def words_of(band: AptitudeBand, incomplete: Words) -> tuple[str, ...]:
    """Return what a band was rated without: its own, and its members'."""
    return tuple(dict.fromkeys(word for code in (band.code, *band.members) for word in incomplete.get(code, ())))


def aptitude_table(
    job: RunJob,
    bands: tuple[AptitudeBand, ...],
    found: Mapping[str, Codes],
    *,
    limiting: Mapping[str, Codes],
    incomplete: Words,
) -> pd.DataFrame:
    """Add up the aptitude of the stored cells.

    Parameters
    ----------
    job
        Of the run.
    bands
        What is added up.
    found
        Class code of each stored cell by band code, each of shape (cells,).
    limiting
        Index of the criterion that limits each stored cell, by overlay code; :data:`NOTHING_LIMITS` where none does.
    incomplete
        What each overlay was rated without.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`; hectares in the territory's area system, so that the classes of a band add up to the
        municipality; ``limiting`` is the criterion that limits most of those hectares (overlays only).

    Raises
    ------
    gis.errors.CrsError
        The territory's area system is not in metres.
    """
    unit = job.frame.unit[job.frame.places.inside]
    overlays = {each.code: each for each in job.rules.ruleset.overlays}
    municipalities = _municipalities(job)
    rows: list[_Row] = []
    for band in bands:
        overlay = overlays.get(band.code)
        limits = None if overlay is None else limiting.get(band.code)
        counts = count_cells(
            unit, found[band.code], limits, units=len(municipalities), criteria=len(overlay.factors) if overlay else 0
        )
        reasons = _reasons(overlay, counts)
        rows += _rows(
            band, municipalities, counts.sum(axis=1), reasons=reasons, words="; ".join(words_of(band, incomplete))
        )
    table = pd.DataFrame([astuple(row) for row in rows], columns=list(COLUMNS))
    table.attrs["units"] = dict(UNITS)
    return table


def count_cells(
    unit: npt.NDArray[np.unsignedinteger[Any]],
    classes: Codes,
    limits: Codes | None,
    *,
    units: int,
    criteria: int,
) -> npt.NDArray[np.int64]:
    """Count cells by municipality and class, and by what limits them.

    Parameters
    ----------
    unit
        Number of the municipality of each cell, from 1, shape (cells,).
    classes
        Class code, same shape.
    limits
        Index of the criterion that limits, same shape; from ``criteria`` on nothing does. ``None`` is nowhere.
    units, criteria
        How many there are.

    Returns
    -------
    numpy.ndarray
        Shape (units · classes, criteria + 1); the last column is what nothing limits.

    Examples
    --------
    >>> cells = (np.array(each, np.uint8) for each in ([1, 1, 2], [4, 4, 0], [0, 254, 0]))
    >>> count_cells(*cells, units=2, criteria=1)[[4, 5]].tolist()
    [[1, 1], [1, 0]]
    """
    from zoning.study.label_loops import count_classes  # noqa: PLC0415  the compiler is loaded on demand

    counts = np.zeros((units * _CLASSES, criteria + 1), dtype=np.int64)
    none = np.zeros(0, dtype=np.uint8)
    count_classes(unit.astype(np.uint16, copy=False), classes, none if limits is None else limits, _CLASSES, counts)
    return counts


def _rows(
    band: AptitudeBand,
    municipalities: list[tuple[str, str, float]],
    counts: npt.NDArray[np.int64],
    *,
    reasons: list[str],
    words: str,
) -> Iterator[_Row]:
    """Yield the classes of a band that each municipality has, best first."""
    for number, (code, name, hectares) in enumerate(municipalities):
        whole = int(counts[number * _CLASSES : (number + 1) * _CLASSES].sum())
        for called in BEST_FIRST:
            cell = number * _CLASSES + CLASS_CODES[called]
            if not counts[cell]:
                continue
            # The cells share out the true area of the municipality, so that the classes add up to it.
            share = float(counts[cell]) / whole
            yield _Row(
                municipality=code,
                municipality_name=name,
                kind=band.kind,
                code=band.code,
                title=band.title,
                cls=called,
                area_ha=share * hectares,
                share=share,
                limiting=reasons[cell],
                incomplete=words,
            )


def _municipalities(job: RunJob) -> list[tuple[str, str, float]]:
    """Return code, name and hectares of each municipality, in the order of the frame."""
    hectares = area_ha(job.municipalities, job.workspace.territory.area_crs).tolist()
    known = {
        str(row.code): (str(row.name), float(area))
        for row, area in zip(job.municipalities.itertuples(index=False), hectares, strict=True)
    }
    return [(code, *known[code]) for code in job.frame.codes]


def _reasons(overlay: Overlay | None, counts: npt.NDArray[np.int64]) -> list[str]:
    """Return, for each municipality and class, the criterion that limits most of an overlay's cells; "" for none."""
    if overlay is None:
        return [""] * len(counts)
    names = [each.characteristic.name for each in overlay.factors]
    # A cell without data is limited by what is missing, which the column of gaps says.
    return [
        names[int(row.argmax())] if row.any() and cell % _CLASSES != SD else ""
        for cell, row in enumerate(counts[:, :-1])
    ]
