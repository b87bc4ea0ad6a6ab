"""Keep the figures of a real run for the documentation: shares, correlations and sensitivity, no place and no polygon.

Usage: ``python docs/record_real_run.py WORKSPACE DATE``, after ``valles zone`` and ``valles validate --survey FILE
--presence`` of the study ``base`` and of the study ``chelsa`` of the real territory.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from zoning.study.study import Study

FIGURES = Path(__file__).with_name("real_run.json")
STUDIES = ("base", "chelsa")


def figures(workspace: Path, date: str) -> dict[str, Any]:
    """Return the figures of both studies."""
    return {"date": date, "studies": {name: _study(workspace, name) for name in STUDIES}}


def _study(workspace: Path, name: str) -> dict[str, Any]:
    study = Study.open(workspace, name)
    manifest = study.manifest
    shares = study.totals().groupby("zone")[["area_ha", "share"]].sum()
    checks = workspace / "validation" / name
    survey = json.loads((checks / "survey.json").read_text(encoding="utf-8"))["survey"]
    presence = json.loads((checks / "presence.json").read_text(encoding="utf-8"))["presence"]
    told = ("rho", "n", "p", "bound", "rho_of_municipality", "verdict")
    return {
        **{key: manifest[key] for key in ("climate", "cell_m", "scale", "ruleset_hash", "flagged", "polygons")},
        "missing_layers": [name for name in manifest["missing_layers"] if name in {"soil_depth", "land_cover"}],
        "zones": {
            str(zone): {"area_ha": round(row["area_ha"]), "share": round(row["share"], 4)}
            for zone, row in shares.iterrows()
        },
        "survey": {row["zone"]: {key: row[key] for key in told} for row in survey["zones"]},
        "presence": {
            row["kind"]: {key: _rounded(row[key]) for key in ("hectares", "apt", "claimable", "inside", "lift")}
            for row in (*presence["kinds"], presence["anywhere"])
        },
        "sensitivity": manifest["sensitivity"],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


if __name__ == "__main__":
    found = figures(Path(sys.argv[1]), sys.argv[2])
    FIGURES.write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
