"""A comparison as JSON and as tables hold it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from gis.atomic import write_atomically
from gis.errors import InputError, VallesError
from gis.messages import translator
from zoning.comparison.study_diff import StudyDiff
from zoning.study.summary_workbook import write_table_workbook

_ = translator("zoning")

TABLE_SUFFIXES = (".csv", ".xlsx")
"""What the investment list may be written as."""


def diff_document(found: StudyDiff, *, investments: bool = True) -> dict[str, Any]:
    """Return a comparison as JSON holds it: matrices in ha, every change with its reason, the investment list.

    Parameters
    ----------
    found
        The comparison.
    investments
        Rate the land of the first study again with each improvement, which takes as long as a zoning.
    """
    changes = found.changes
    by_unit = changes.groupby(["municipality", "municipality_name"], sort=True)["area_ha"].sum()
    return {
        "from": found.first.name,
        "to": found.second.name,
        "area_ha": found.area_ha,
        "changed_ha": found.changed_ha,
        "changed_share": found.changed_ha / found.area_ha,
        "zones": _square(found.matrix("zone")),
        "classes": _square(found.matrix("class")),
        "transitions": found.transitions().to_dict("records"),
        "reasons_note": found.reasons_note or None,
        "municipalities": [
            {"municipality": code, "municipality_name": name, "changed_ha": area}
            for (code, name), area in by_unit.items()
        ],
        "investments": _investments(found) if investments else None,
    }


def write_investments(found: StudyDiff, path: Path | str) -> None:
    """Write the investment list as CSV or as a spreadsheet, by the suffix; a missing figure stays missing.

    Raises
    ------
    gis.errors.InputError
        The suffix is neither, or the first study can no longer be rated.
    gis.errors.StorageError
        The disk refuses.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in TABLE_SUFFIXES:
        raise InputError(
            _("No se sabe escribir la lista en «{name}»").format(name=target.name),
            expected=_("Un nombre que termine en {suffixes}").format(suffixes=", ".join(TABLE_SUFFIXES)),
        )
    table = found.investments
    if suffix == ".csv":
        write_atomically(target, str(table.to_csv(index=False, float_format="%.4f", lineterminator="\n")))
        return
    transitions = found.transitions()
    write_table_workbook(
        {
            "inversiones": _rounded(table),
            "cambios": _rounded(transitions),
            "por zona": _rounded(found.matrix("zone").rename_axis("de").reset_index()),
            "por clase": _rounded(found.matrix("class").rename_axis("de").reset_index()),
        },
        target,
    )


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    return table.round({name: 2 for name in table.columns if pd.api.types.is_float_dtype(table[name])})


def _square(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    return {str(row): {str(one): float(table.loc[row, one]) for one in table.columns} for row in table.index}


def _investments(found: StudyDiff) -> dict[str, Any]:
    """Return the investment list, or the reason why the first study can no longer be rated."""
    try:
        table = found.investments
    except VallesError as error:
        return {"study": found.first.name, "note": error.found, "rows": []}
    rows = [
        {str(name): None if value != value else value for name, value in row.items()}  # noqa: PLR0124  NaN differs from itself
        for row in table.to_dict("records")
    ]
    return {"study": found.first.name, "note": None, "rows": rows}
