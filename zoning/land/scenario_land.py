"""What a scenario changes in the land: climate shifted, areas that irrigation reaches, new protected areas."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.atomic import sha256_of
from gis.errors import InputError, MissingError
from gis.grid import Bounds, Grid
from gis.messages import translator
from gis.vectors.vector import rasterise, read_vector
from layers.preparation.territory_grid import read_municipalities
from layers.workspace import Workspace
from zoning.rules.rules_toml import content_hash
from zoning.rules.ruleset import Ruleset
from zoning.rules.scenarios import Scenario
from zoning.zoning_errors import RulesError

_ = translator("zoning")

Floats = npt.NDArray[np.float32]

PROTECTED = "protected_areas"
"""Prepared layer that new protected areas join."""

_RAIN = "precipitation"


@dataclass(frozen=True, eq=False, kw_only=True)
class LandChanges:
    """One scenario with its files read, ready to be applied to the land."""

    scenario: Scenario
    irrigated: gpd.GeoDataFrame | None = None
    """Polygons that irrigation reaches as well, in the projection of the territory."""
    protected: gpd.GeoDataFrame | None = None
    """New protected areas with ``name, designation, category``, in the projection of the territory."""
    files: Mapping[str, str] = field(default_factory=dict)
    """File named by the scenario to its sha256."""

    @cached_property
    def hash(self) -> str:
        """Identifies the scenario and the content of its files, 64 hexadecimal digits."""
        return content_hash({"scenario": self.scenario.content(), "files": dict(self.files)})

    def record(self) -> dict[str, Any]:
        """Return what a manifest keeps of the scenario."""
        return {**self.scenario.content(), "files": dict(self.files), "hash": self.hash}

    def rules(self, ruleset: Ruleset) -> Ruleset:
        """Return the ruleset with the scenario's weights in place of its own."""
        if not self.scenario.weights:
            return ruleset
        return replace(ruleset, weights={**ruleset.weights, **self.scenario.weights})

    def require_factors(self, names: Collection[str]) -> None:
        """Refuse weights of factors that no land-use type has.

        Raises
        ------
        RulesError
            Naming the scenario, the factor and those there are.
        """
        unknown = sorted(set(self.scenario.weights) - set(names))
        if unknown:
            raise RulesError(
                _("scenarios.{scenario}.weights: ningún cultivo tiene el factor «{factor}»").format(
                    scenario=self.scenario.name, factor=unknown[0]
                ),
                expected=_("Se esperaba uno de: {names}").format(names=", ".join(sorted(names))),
            )

    def climate(self, theme: str, monthly: Floats) -> Floats:
        """Return a monthly layer as the scenario has it, the shape unchanged.

        Parameters
        ----------
        theme
            Monthly layer, such as ``temperature_mean`` or ``precipitation``.
        monthly
            Its values, degC or mm, NaN where missing.
        """
        if theme == _RAIN:
            factor = self.scenario.rain_factor
            return monthly if factor == 1 else monthly * np.float32(factor)
        shift = self.scenario.temperature_degc
        return monthly + np.float32(shift) if shift else monthly

    def irrigated_mask(self, grid: Grid) -> npt.NDArray[np.bool_]:
        """Say which cells have their centre in an area that irrigation reaches as well, shape (rows, cols)."""
        if self.irrigated is None:
            return np.zeros(grid.shape, dtype=np.bool_)
        return rasterise(self.irrigated, grid)

    def opened_gates(self, names: Sequence[str], irrigated: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint32]:
        """Return the gates that the scenario opens, as the bits of :func:`zoning.rules.gates.gate_bits`.

        Parameters
        ----------
        names
            Gates of the rules in bit order.
        irrigated
            Cells of the areas that irrigation reaches as well, any shape.
        """
        opened = sum(1 << bit for bit, name in enumerate(names) if name in self.scenario.irrigation_gates)
        return np.where(irrigated, np.uint32(opened), np.uint32(0))


def open_changes(workspace: Workspace, ruleset: Ruleset, name: str) -> LandChanges:
    """Read a scenario of a ruleset with the files it names.

    Parameters
    ----------
    workspace
        Whose folder holds the files.
    ruleset
        That states the scenario.
    name
        Key of ``[scenarios.NAME]``.

    Raises
    ------
    gis.errors.MissingError
        There is no such scenario, which lists those there are, or no such file.
    gis.errors.InputError
        A file is damaged, has no areas, or lies elsewhere.
    """
    scenario = ruleset.scenarios.get(name)
    if scenario is None:
        raise MissingError(
            _("El reglamento no tiene el escenario «{name}»").format(name=name),
            expected=_("Se esperaba uno de: {names}").format(names=", ".join(sorted(ruleset.scenarios)) or "—"),
            remedy=_("Añada [scenarios.{name}] a ruleset.toml").format(name=name),
        )
    files: dict[str, str] = {}
    irrigated = _areas(workspace, scenario.irrigation_areas, files)
    protected = _areas(workspace, scenario.protected_areas, files)
    if protected is not None:
        protected = _as_protected(protected, scenario)
    return LandChanges(scenario=scenario, irrigated=irrigated, protected=protected, files=files)


def reopen_changes(workspace: Workspace, ruleset: Ruleset, record: Mapping[str, Any] | None) -> LandChanges | None:
    """Read the scenario of a study again; ``None`` for a study without one.

    Parameters
    ----------
    workspace, ruleset
        As in :func:`open_changes`.
    record
        :meth:`LandChanges.record` of the study's manifest.

    Raises
    ------
    gis.errors.MissingError
        A file of the scenario is gone.
    gis.errors.InputError
        A file of the scenario is no longer the one that the study was made with.
    """
    if not record:
        return None
    changes = open_changes(workspace, ruleset, str(record["name"]))
    if changes.hash != record["hash"]:
        raise InputError(
            _("Los archivos del escenario «{name}» cambiaron desde que se hizo el estudio").format(name=record["name"]),
            expected=_("Se esperaban los mismos: {files}").format(files=", ".join(sorted(record["files"])) or "—"),
            remedy=_("Haga el estudio otra vez con valles zone --scenario {name}").format(name=record["name"]),
        )
    return changes


def protected_areas(workspace: Workspace, changes: LandChanges | None = None) -> gpd.GeoDataFrame | None:
    """Return the prepared protected areas with those that a scenario adds; ``None`` where there are none at all.

    Raises
    ------
    gis.errors.VallesError
        The layer is damaged.
    """
    added = None if changes is None else changes.protected
    if not workspace.has_layer(PROTECTED):
        return added
    known = read_vector(workspace.layer(PROTECTED), layer=PROTECTED)
    if added is None:
        return known
    joined = pd.concat([known, added.to_crs(known.crs)], ignore_index=True)
    return cast("gpd.GeoDataFrame", gpd.GeoDataFrame(joined, geometry="geometry", crs=known.crs))


def _areas(workspace: Workspace, file: str, files: dict[str, str]) -> gpd.GeoDataFrame | None:
    if not file:
        return None
    path = workspace.root / file
    west, south, east, north = read_municipalities(workspace).to_crs("EPSG:4326").total_bounds
    near: Bounds = (float(west), float(south), float(east), float(north))
    frame = read_vector(path, crs=workspace.territory.crs, near=near)
    areas = frame[frame.geom_type.isin(["Polygon", "MultiPolygon"])].reset_index(drop=True)
    if areas.empty:
        raise InputError(
            _("{path} no tiene polígonos").format(path=path),
            expected=_("Se esperaban las áreas del escenario como polígonos"),
        )
    files[file] = sha256_of(path)
    return areas


def _as_protected(areas: gpd.GeoDataFrame, scenario: Scenario) -> gpd.GeoDataFrame:
    names = areas["name"].fillna("").astype(str) if "name" in areas else pd.Series("", index=areas.index)
    geometry = areas.geometry.rename("geometry")
    columns = {
        "name": names.where(names != "", scenario.title),
        "designation": "",
        "category": scenario.protected_category,
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns, index=areas.index), geometry=geometry, crs=areas.crs)
