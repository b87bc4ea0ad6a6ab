"""The study of the demonstration says today what it said when its golden copy was made.

Names, zones and classes are compared word by word; areas to half a per cent of their municipality, so that another
machine's last digit is no difference and a changed rule is. Where a change is meant, make the copy anew and read what
moved before committing it::

    VALLES_RENEW_GOLDEN=1 .venv/bin/python -m pytest tests/zoning/test_golden_study.py
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import zoning
from layers.workspace import Workspace
from zoning.study.study import Study

GOLDEN = Path(__file__).with_name("golden_demo_study.json")
SCALE = 750_000
TOLERANCE = 0.005
"""Share of a municipality by which the area of one class of one zone may differ."""


@pytest.fixture(scope="module")
def study(demo_workspace: Path) -> Study:
    return Study.open(Workspace.open(demo_workspace), "base")


@pytest.fixture(scope="module")
def golden(study: Study) -> dict[str, Any]:
    if os.environ.get("VALLES_RENEW_GOLDEN"):
        GOLDEN.write_text(json.dumps(told(study), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    document: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return document


def told(study: Study) -> dict[str, Any]:
    """Return everything official about a study, areas in whole hectares."""
    zones = study.zones
    areas: dict[str, dict[str, dict[str, int]]] = {}
    for (unit, zone, cls), part in zones.fillna({"class": "NR"}).groupby(["municipality", "zone", "class"]):
        areas.setdefault(str(unit), {}).setdefault(str(zone), {})[str(cls)] = round(float(part["area_ha"].sum()))
    manifest = study.manifest
    return {
        "territory": manifest["territory_name"],
        "cell_m": manifest["cell_m"],
        "scale": manifest["scale"],
        "ruleset": manifest["ruleset_title"],
        "zones": {each["zone"]: [each["number"], each["name"], each["chain"]] for each in manifest["zones"]},
        "chains": {
            str(code): str(part["chain"].iloc[0]) for code, part in zones[zones["chain"].notna()].groupby("zone")
        },
        "municipalities": {each["code"]: [each["name"], round(each["area_ha"])] for each in manifest["municipalities"]},
        "areas": areas,
        "aptitude": aptitude(study),
    }


def aptitude(study: Study) -> dict[str, dict[str, int]]:
    """Return how apt the cells are for every zone, overlay and chain, before patches were merged, in whole hectares."""
    table = pd.read_csv(study.folder / "aptitude.csv", dtype=str, keep_default_na=False)
    table["area_ha"] = table["area_ha"].astype(float)
    summed = table.groupby(["code", "class"])["area_ha"].sum()
    found: dict[str, dict[str, int]] = {}
    for (band, cls), area in summed.items():
        found.setdefault(str(band), {})[str(cls)] = round(float(area))
    return found


@pytest.mark.parametrize("part", ["territory", "cell_m", "scale", "ruleset", "zones", "chains"])
def test_every_official_name_is_the_one_agreed_on(study: Study, golden: dict[str, Any], part: str) -> None:
    assert told(study)[part] == golden[part]


def test_every_municipality_keeps_its_code_its_name_and_its_area(study: Study, golden: dict[str, Any]) -> None:
    found = told(study)["municipalities"]
    assert {code: name for code, (name, _area) in found.items()} == {
        code: name for code, (name, _area) in golden["municipalities"].items()
    }
    for code, (_name, area) in golden["municipalities"].items():
        assert found[code][1] == pytest.approx(area, abs=1)


def test_every_municipality_has_the_zones_and_classes_it_had(study: Study, golden: dict[str, Any]) -> None:
    found = told(study)["areas"]
    assert set(found) == set(golden["areas"])
    moved = []
    for code, zones in golden["areas"].items():
        name, area = golden["municipalities"][code]
        keys = {(zone, cls) for each in (zones, found[code]) for zone, classes in each.items() for cls in classes}
        for zone, cls in sorted(keys):
            before, now = zones.get(zone, {}).get(cls, 0), found[code].get(zone, {}).get(cls, 0)
            if abs(now - before) > TOLERANCE * area:
                moved.append(f"{name}: {zone} {cls} had {before} ha and has {now}")
    assert not moved, "; ".join(moved)


def test_every_zone_overlay_and_chain_is_as_apt_as_it_was(study: Study, golden: dict[str, Any]) -> None:
    found = told(study)["aptitude"]
    assert set(found) == set(golden["aptitude"])
    whole = sum(area for _name, area in golden["municipalities"].values())
    moved = [
        f"{band} {cls} had {golden['aptitude'][band].get(cls, 0)} ha and has {found[band].get(cls, 0)}"
        for band in sorted(found)
        for cls in sorted({*found[band], *golden["aptitude"][band]})
        if abs(found[band].get(cls, 0) - golden["aptitude"][band].get(cls, 0)) > TOLERANCE * whole
    ]
    assert not moved, "; ".join(moved)


def test_the_golden_study_fills_its_municipalities(golden: dict[str, Any]) -> None:
    for code, (_name, area) in golden["municipalities"].items():
        parts = [ha for classes in golden["areas"][code].values() for ha in classes.values()]
        assert sum(parts) == pytest.approx(area, abs=len(parts))


def test_the_golden_study_has_the_common_zones_and_every_zone_in_its_aptitude(golden: dict[str, Any]) -> None:
    """A golden study of one zone would notice little."""
    zones = {zone for each in golden["areas"].values() for zone in each}
    assert {"HOR", "FRU", "ANU", "GAN", "FOR", "CON", "URB", "AGUA"} <= zones
    assert {"HOR", "FRU", "VID", "ANU", "CAN", "GAN", "TUR", "ART"} <= set(golden["aptitude"])
    classes = {cls for each in golden["aptitude"].values() for cls in each}
    assert {"S1", "S2", "S3", "N"} <= classes


def test_two_runs_of_the_demonstration_give_the_same_bytes(study: Study, demo_workspace: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_workspace, tmp_path / "ws", ignore=shutil.ignore_patterns("studies", "prices.db*"))
    again = zoning.run(Workspace.open(tmp_path / "ws"), scale=SCALE)
    first, second = study.folder, again.folder
    names = sorted(path.name for path in first.iterdir())
    assert names == sorted(path.name for path in second.iterdir())
    for name in names:
        if name != "manifest.json":
            assert (first / name).read_bytes() == (second / name).read_bytes(), name
