"""What moves a study, as the panel of the map lists it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis.messages import Figure
from zoning.sensitivity.sensitivity_table import shown_first


def sensitivity_rows(manifest: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return title, share and reason of every variant of a study, what moves most first; none where none was measured.

    Parameters
    ----------
    manifest
        Of the study.
    """
    found = manifest.get("sensitivity") or {"variants": []}
    return [
        {
            "title": str(row["title"]),
            "share": "" if row["moved_share"] is None else f"{Figure(100 * row['moved_share']):.1f} %",
            "reason": str(row["reason"]),
        }
        for row in shown_first(found["variants"])
        if not row["against"]
    ]
