"""Why a point is what it is: its polygon, its cell, and every land-use type with every factor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from gis.errors import InputError
from gis.grid import Grid
from gis.messages import translator
from layers.workspace import Workspace
from zoning.land.decided_strip import Strip
from zoning.land.land_data import LandData
from zoning.land.land_inventory import LandInventory
from zoning.land.overlay_land import OverlayLand
from zoning.land.precedence import decided_at
from zoning.land.scenario_land import LandChanges, reopen_changes
from zoning.rating.point_rating import PointLandUse, PointZone, rate_point
from zoning.rules.characteristic import Characteristic
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.crop_library import Crop
from zoning.rules.gates import gate_bits
from zoning.rules.limits import CLASS_NAMES
from zoning.rules.ruleset_file import parse_ruleset
from zoning.study.factor_record import factor_record, json_number
from zoning.study.next_class import next_class_of, next_class_of_zone
from zoning.study.overlay_explanation import explain_overlays
from zoning.study.run_job import compile_for, workspace_ruleset
from zoning.study.study_reading import read_manifest, read_zones, study_folder
from zoning.study.water_words import water_record

_ = translator("zoning")

Columns = Mapping[str, npt.NDArray[np.float32]]

_FROM_POLYGON = (
    "zone", "zone_name", "chain", "class", "subclass", "limiting", "second_limiting", "limiting_p50", "limiting_limit",
    "limiting_gap", "runner_up", "margin", "conflict", "explanation", "zone_id", "municipality", "municipality_name",
    "area_ha", "legal", "restriction", "anmi_share", "use_conflict", "incomplete", "stability", "entropy",
    "flip_factor",
    "rule_id",
)  # fmt: skip
_REPORTED = tuple(
    Characteristic(name)
    for name in (
        "elevation", "slope", "aspect", "temp_annual", "rain_annual", "gdd", "huglin", "chill_hours", "fournier",
    )
)  # fmt: skip
"""Measured at a point whether or not a crop asks for them."""
_BEST_FIRST = {"S1": 0, "S2": 1, "S3": 2, "N": 3, "SD": 4}


def explain_point(workspace: Workspace, study: str, *, lon: float, lat: float) -> dict[str, Any]:
    """Say why a point is what it is.

    Parameters
    ----------
    workspace
        Whose layers.
    study
        Name of the study whose map and rules are asked.
    lon, lat
        Degrees, WGS84.

    Returns
    -------
    dict
        JSON-ready. The fields of the polygon that holds the point (``zone``, ``class``, ``limiting``, ``runner_up``,
        ``margin``, ``explanation``…); ``land_use_types``, the best first, each with ``crop, water, management, window,
        class, score, factors`` (every factor with ``name, value, unit, limits, class, score, source`` and the limit of
        the next class), the gates that are shut and ``next_class``, what would have to change; ``zones``: how apt the
        cell is for each, whoever won it, and which land-use types would have to be lifted; ``cell``:
        what the cell says by itself, before small patches were merged; ``gates``, ``point``, ``cell_m``. A number that
        is not known is ``None``.

    Raises
    ------
    gis.errors.InputError
        The point lies outside the territory, or is no place.
    gis.errors.MissingError
        There is no such study, or a layer it was made from is gone.
    """
    folder = study_folder(workspace, study)
    bench = _bench(str(workspace.root), study, _stamps(workspace, folder))
    x, y = _projected(bench.grid, lon, lat)
    polygon = bench.polygon_at(x, y)
    if polygon is None:
        raise InputError(
            _("El punto {lon:.5f}, {lat:.5f} queda fuera del territorio «{name}»").format(
                lon=lon, lat=lat, name=workspace.territory.name
            ),
            expected=_("Se esperaba longitud y latitud, en ese orden, dentro de uno de sus municipios"),
            remedy=_("Por ejemplo --at {example}").format(example=bench.example),
        )
    row, col = bench.grid.rowcol(x, y)
    frost, calendar = bench.rules.ruleset.frost.offset, bench.rules.ruleset.calendar
    with LandData(
        workspace, bench.grid, bench.inventory, frost_offset=frost, calendar=calendar, changes=bench.changes
    ) as land:
        columns = land.at(tuple(dict.fromkeys((*bench.rules.inputs, *_REPORTED))), row, col)
        monthly = {theme: series.astype(np.float64) for theme, series in land.months_at(row, col).items()}
        opened = land.opened_at(bench.rules.gate_names, row, col)
    overlays = explain_overlays(bench.rules.ruleset.overlays, bench.overlay_land, row=row, col=col)
    slope = None if "slope" in bench.inventory.flagged else columns.get("slope")
    strip = decided_at(workspace, bench.grid, bench.rules.ruleset, row=row, col=col, slope=slope, changes=bench.changes)
    answer = _answer(bench, polygon, columns, opened, strip)
    types = {kind.id: kind for kind in bench.rules.land_use_types}
    for each in answer["land_use_types"]:
        each["water_balance"] = water_record(types[each["id"]], monthly, latitude=lat)
    return answer | {"overlays": overlays, "point": {"lon": lon, "lat": lat}, "study": study}


def _answer(
    bench: _Bench, polygon: Mapping[str, Any], columns: Columns, opened: npt.NDArray[np.uint32], strip: Strip
) -> dict[str, Any]:
    rules = bench.rules
    bits = gate_bits(
        rules.gates, columns, cells=1, flagged=rules.flagged, municipality=np.array([str(polygon["municipality"])])
    )
    bits |= opened
    values = {key: float(column[0]) for key, column in columns.items()}
    rated = rate_point(rules, values, int(bits[0]), decided=int(strip.decided[0]), residual=int(strip.residual[0]))
    types = [_land_use(each, bench) for each in rated.land_use_types]
    types.sort(key=lambda each: (_BEST_FIRST[each["class"]], not each["open"], -(each["score"] or 0.0)))
    return {
        **{name: _plain(polygon[name]) for name in _FROM_POLYGON},
        "land_use_types": types,
        "cell": {
            "zone": rated.zone,
            "class": CLASS_NAMES[rated.cls],
            "score": json_number(rated.score),
            "limiting": rated.limiting,
            "second_limiting": rated.second_limiting,
            "runner_up": rated.runner_up,
            "runner_up_class": CLASS_NAMES[rated.runner_up_class] if rated.runner_up else None,
            "margin": json_number(rated.margin),
        },
        "zones": [_zone(each, bench) | {"next_class": next_class_of_zone(each, rated, rules)} for each in rated.zones],
        "gates": [
            {"name": gate.name, "title": gate.title, "open": bool(int(bits[0]) >> bit & 1), "source": gate.source}
            for bit, gate in enumerate(rules.gates)
        ],
        "values": {key: json_number(value) for key, value in sorted(values.items())},
        "cell_m": bench.grid.cell,
        "climate": bench.inventory.climate,
        "honest_scale": bench.manifest["honest_scale"],
        "ruleset_hash": rules.ruleset.hash,
        "demo": bool(bench.manifest["demo"]),
    }


@dataclass(frozen=True, eq=False, kw_only=True)
class _Bench:
    """What every explanation of one study needs."""

    rules: CompiledRules
    inventory: LandInventory
    crops: Mapping[str, Crop]
    grid: Grid
    zones: gpd.GeoDataFrame
    tree: shapely.STRtree
    manifest: Mapping[str, Any]
    example: str
    """Longitude and latitude of a place inside, as a user would type them."""
    changes: LandChanges | None
    """Scenario of the study."""
    overlay_land: OverlayLand
    """Measures the overlays."""

    def polygon_at(self, x: float, y: float) -> Mapping[str, Any] | None:
        """Return the polygon that holds a place; on a line, the first of the file."""
        found = sorted(self.tree.query(shapely.Point(x, y), predicate="intersects").tolist())
        return dict(self.zones.iloc[found[0]]) if found else None


def _stamps(workspace: Workspace, folder: Path) -> tuple[int, ...]:
    files = (folder / "manifest.json", folder / "zones.gpkg", workspace.layers_dir / "provenance.json")
    return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)


@lru_cache(maxsize=8)
def _bench(root: str, study: str, stamps: tuple[int, ...]) -> _Bench:  # noqa: ARG001  part of the key
    """Open a study for explaining; ``stamps`` make it new when a file changes."""
    workspace = Workspace.open(root)
    folder = study_folder(workspace, study)
    manifest = read_manifest(folder)
    text = manifest.get("ruleset")
    # The rules of the study, not those that the workspace has today.
    ruleset = parse_ruleset(str(text)) if text else workspace_ruleset(workspace)[0]
    changes = reopen_changes(workspace, ruleset, manifest.get("scenario"))
    if changes is not None:
        ruleset = changes.rules(ruleset)
    rules, inventory, crops = compile_for(
        workspace, ruleset, climate=str(manifest["climate"]), crops_hash=str(manifest["crops_hash"])
    )
    zones = read_zones(folder)
    frame = manifest["grid"]
    inner = zones.geometry.iloc[:1].representative_point().to_crs("EPSG:4326").iloc[0]
    grid = Grid(
        zones.crs, frame["cell_m"], left=frame["left"], top=frame["top"], rows=frame["rows"], cols=frame["cols"]
    )
    return _Bench(
        rules=rules,
        inventory=inventory,
        crops=crops,
        grid=grid,
        zones=zones,
        tree=shapely.STRtree(np.asarray(zones.geometry.array, dtype=object)),
        manifest=manifest,
        example=f"{inner.x:.4f},{inner.y:.4f}",
        changes=changes,
        overlay_land=OverlayLand(
            workspace=workspace,
            grid=grid,
            available=inventory.available,
            forest_classes=ruleset.cover.forest_classes,
        ),
    )


def _projected(grid: Grid, lon: float, lat: float) -> tuple[float, float]:
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):  # noqa: PLR2004  degrees
        raise InputError(
            _("«{lon}, {lat}» no es un punto").format(lon=lon, lat=lat),
            expected=_("Se esperaba longitud entre −180 y 180 y latitud entre −90 y 90, en grados"),
        )
    x, y = pyproj.Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True).transform(lon, lat)
    return float(x), float(y)


def _land_use(each: PointLandUse, bench: _Bench) -> dict[str, Any]:
    kind = each.land_use_type
    return {
        "id": kind.id,
        "crop": kind.crop,
        "crop_name": bench.crops[kind.crop].name,
        "water": kind.water,
        "management": kind.management,
        "management_name": bench.rules.ruleset.managements[kind.management].title,
        "window": kind.window_text,
        "window_source": kind.window_source,
        "class": CLASS_NAMES[each.cls],
        "score": json_number(each.score),
        "limiting": each.limiting,
        "second_limiting": each.second_limiting,
        "open": not each.shut_gates,
        "shut_gates": list(each.shut_gates),
        "next_class": next_class_of(each),
        "factors": [factor_record(factor) for factor in each.factors],
    }


def _zone(each: PointZone, bench: _Bench) -> dict[str, Any]:
    kind = bench.rules.land_use_types[each.land_use_type] if each.land_use_type >= 0 else None
    return {
        "zone": each.zone,
        "zone_name": bench.rules.zone(each.zone).name,
        "class": CLASS_NAMES[each.cls],
        "score": json_number(each.score),
        "crop": kind.crop if kind else None,
        "crop_name": bench.crops[kind.crop].name if kind else None,
        "water": kind.water if kind else None,
        "shut_gates": [*each.shut_gates, *each.shut_competition_gates],
        "minimum_class": CLASS_NAMES[bench.rules.zone(each.zone).minimum],
        "claims": each.claims,
    }


def _plain(value: Any) -> Any:  # noqa: ANN401  a field of any type
    if isinstance(value, (np.bool_, bool)):
        return bool(value)
    if isinstance(value, (float, np.floating)):
        return json_number(float(value))
    return None if value is None else str(value)
