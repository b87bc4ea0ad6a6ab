"""The difference of two studies: hectares from zone to zone, the reason of each change, and where it lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.errors import InputError, VallesError
from gis.messages import translator
from gis.vectors.vector import rasterise_values
from gis.vectors.vector_files import write_gpkg
from layers.serving.vector_layer import FrameMapLayer
from zoning.comparison.change_layer import LAYER, change_description
from zoning.comparison.investments import investment_list
from zoning.comparison.overlay import overlay
from zoning.comparison.reasons import UNKNOWN, Moves, piece_reasons, reason_title
from zoning.comparison.study_land import reopen_job
from zoning.rules.limits import CLASS_CODES
from zoning.study.run_job import RunJob
from zoning.study.study import Study
from zoning.study.summary import CLASS_ORDER

_ = translator("zoning")

CHANGE_COLUMNS = (
    "change_id", "municipality", "municipality_name", "from_zone", "from_class", "to_zone", "to_class", "change",
    "reason", "reason_title", "from_limiting", "to_limiting", "from_zone_id", "to_zone_id", "area_ha",
)  # fmt: skip
"""Fields of every changed piece of land."""

TRANSITION_KEYS = ("from_zone", "from_class", "to_zone", "to_class")

_GRID = ("left", "top", "rows", "cols", "cell_m")


@dataclass(frozen=True, eq=False, kw_only=True)
class StudyDiff:
    """Two studies of one territory compared. Use :func:`diff_studies`, or ``Study.diff``."""

    first: Study
    """What is compared."""
    second: Study
    """What it is compared with."""
    pieces: pd.DataFrame
    """Every piece of land, changed or not: :data:`TRANSITION_KEYS`, ``municipality`` and ``area_ha``."""
    changes: gpd.GeoDataFrame
    """Changed pieces as single Polygons in the projection of the territory: :data:`CHANGE_COLUMNS`."""
    reasons_note: str = ""
    """Why no reason could be found; empty where they were."""

    @property
    def area_ha(self) -> float:
        """Hectares compared."""
        return float(self.pieces["area_ha"].sum())

    @property
    def changed_ha(self) -> float:
        """Hectares whose zone or class is another."""
        return float(self.changes["area_ha"].sum())

    def matrix(self, by: str = "zone") -> pd.DataFrame:
        """Return hectares from the rows (first study) to the columns (second study).

        Parameters
        ----------
        by
            ``zone`` or ``class``.

        Returns
        -------
        pandas.DataFrame
            Square; what no land does is 0. Rows add up to the first study, columns to the second.

        Raises
        ------
        gis.errors.InputError
            ``by`` is neither.
        """
        if by not in {"zone", "class"}:
            raise InputError(_("No hay matriz por «{by}»").format(by=by), expected="zone, class")
        table = self.pieces.pivot_table(
            index=f"from_{by}", columns=f"to_{by}", values="area_ha", aggfunc="sum", fill_value=0.0
        )
        names = set(table.index) | set(table.columns)
        order = [entry["zone"] for entry in self.first.manifest["zones"]] if by == "zone" else list(CLASS_ORDER)
        listed = [name for name in order if name in names] + sorted(names - set(order))
        return table.reindex(index=listed, columns=listed, fill_value=0.0)

    def transitions(self) -> pd.DataFrame:
        """Return the hectares of every change with its reason.

        Returns
        -------
        pandas.DataFrame
            :data:`TRANSITION_KEYS`, ``reason``, ``reason_title``, ``area_ha``; the largest first.
        """
        keys = [*TRANSITION_KEYS, "reason", "reason_title"]
        rows = pd.DataFrame(self.changes.drop(columns=self.changes.geometry.name))
        table = rows.groupby(keys, sort=True)["area_ha"].sum().reset_index()
        order = ["area_ha", *TRANSITION_KEYS, "reason"]
        return table.sort_values(order, ascending=[False] + [True] * 5).reset_index(drop=True)

    @cached_property
    def investments(self) -> pd.DataFrame:
        """Hectares that one improvement would lift in the first study, by municipality.

        The columns are those of :data:`zoning.comparison.investments.COLUMNS`.

        Raises
        ------
        gis.errors.InputError
            The rules or layers are no longer those of the study.
        gis.errors.MissingError
            Something that the study was made with is gone.
        """
        job = reopen_job(self.first)
        areas = {each["code"]: float(each["area_ha"]) for each in self.first.manifest["municipalities"]}
        return investment_list(job, [areas[code] for code in job.frame.codes])

    def map_layer(self) -> FrameMapLayer:
        """Return the changes as a map layer with a legend of the zones that land changes to."""
        return FrameMapLayer(
            change_description(self.first, self.second, set(self.changes["to_zone"])),
            self.changes,
            id_column="change_id",
        )

    def explore(self) -> Any:  # noqa: ANN401  folium ships no types
        """Return an interactive map of the changes that needs no network for its own parts.

        Raises
        ------
        gis.errors.InputError
            Nothing changed.
        """
        from layers.webmap import web_map  # noqa: PLC0415  loads folium, which only maps need

        if self.changes.empty:
            raise InputError(_("Los dos estudios son iguales: no hay cambios que dibujar"))
        return web_map(self.map_layer())

    def write(self, path: Path | str) -> None:
        """Write the changes as a GeoPackage, layer ``changes``.

        Raises
        ------
        gis.errors.StorageError
            The disk refuses.
        """
        write_gpkg(self.changes, path, layer=LAYER)


def diff_studies(first: Study, second: Study, *, reasons: bool = True, workers: int = 2) -> StudyDiff:
    """Compare two studies of one territory.

    Parameters
    ----------
    first, second
        From the one to the other.
    reasons
        Look for the reason of every change, which rates again what changes; without it each is «sin dato».
    workers
        Threads that look for the reasons; the result does not depend on them.

    Raises
    ------
    gis.errors.InputError
        They are of different territories, or a file is damaged.
    """
    one, two = first.manifest, second.manifest
    if (one["territory"], one["area_crs"]) != (two["territory"], two["area_crs"]):
        raise InputError(
            _("«{first}» es de {one} y «{second}» de {two}").format(
                first=first.name, one=one["territory_name"], second=second.name, two=two["territory_name"]
            ),
            expected=_("Se esperaban dos estudios del mismo territorio"),
        )
    pieces = overlay(first.zones, second.zones, area_crs=one["area_crs"])
    told = _told(pieces, first.zones, second.zones)
    differs = (told["from_zone"] != told["to_zone"]) | (told["from_class"] != told["to_class"])
    moved = pieces.loc[differs, [pieces.geometry.name]].to_crs(first.zones.crs)
    changes = gpd.GeoDataFrame(told[differs], geometry=moved.geometry, crs=moved.crs).reset_index(drop=True)
    if reasons:
        names, note = _reasons(first, second, changes, workers=workers)
    else:
        names, note = [UNKNOWN] * len(changes), _("no se buscaron")
    changes["reason"] = np.array(names, dtype=object)
    changes["reason_title"] = np.array([reason_title(each) for each in names], dtype=object)
    changes["change"] = _arrow(changes)
    changes["change_id"] = [f"{number:06d}" for number in range(1, len(changes) + 1)]
    kept = told[[*TRANSITION_KEYS, "municipality", "area_ha"]]
    ordered = changes[[*CHANGE_COLUMNS, changes.geometry.name]]
    return StudyDiff(first=first, second=second, pieces=kept, changes=ordered, reasons_note=note)


def _told(pieces: gpd.GeoDataFrame, first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give every piece the fields of its polygon in either study."""
    table = pd.DataFrame({"area_ha": pieces["area_ha"].to_numpy()})
    for prefix, rows, zones in (("from", pieces["one"], first), ("to", pieces["two"], second)):
        for name in ("zone", "class", "limiting", "zone_id"):
            table[f"{prefix}_{name}"] = zones[name].to_numpy()[rows.to_numpy()]
    for name in ("municipality", "municipality_name"):
        table[name] = first[name].to_numpy()[pieces["one"].to_numpy()]
    return table


def _arrow(changes: gpd.GeoDataFrame) -> list[str]:
    fields = zip(*(changes[name] for name in TRANSITION_KEYS), strict=True)
    return [f"{zone} {cls} → {other} {other_cls}" for zone, cls, other, other_cls in fields]


def _reasons(first: Study, second: Study, changes: gpd.GeoDataFrame, *, workers: int) -> tuple[list[str], str]:
    """Return the reason of every change, or none and why there is none."""
    if changes.empty:
        return [], ""
    unknown = [UNKNOWN] * len(changes)
    if not _same_grid(first.manifest["grid"], second.manifest["grid"]):
        return unknown, _("los dos estudios tienen celdas distintas")
    try:
        jobs = reopen_job(first), reopen_job(second)
    except VallesError as error:
        return unknown, error.found
    labels = rasterise_values(changes, np.arange(1, len(changes) + 1), jobs[0].grid)
    return piece_reasons(labels, *jobs, moves=_moves(jobs[0], changes), workers=workers), ""


def _moves(job: RunJob, changes: gpd.GeoDataFrame) -> Moves:
    numbers = {zone.code: zone.number for zone in job.rules.zones}
    zones, classes = (
        {side: changes[f"{side}_{name}"].map(codes).fillna(0).to_numpy().astype(np.uint8) for side in ("from", "to")}
        for name, codes in (("zone", numbers), ("class", CLASS_CODES))
    )
    return Moves(from_zone=zones["from"], from_class=classes["from"], to_zone=zones["to"], to_class=classes["to"])


def _same_grid(one: Mapping[str, float], two: Mapping[str, float]) -> bool:
    return all(one[key] == two[key] for key in _GRID)
