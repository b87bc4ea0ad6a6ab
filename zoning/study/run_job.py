"""What a run works with: rules compiled for the layers that are there, grid, municipalities, scale."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import geopandas as gpd

from gis.errors import InputError
from gis.grid import Bounds, Grid
from gis.messages import Figure, translator
from gis.vectors.vector import area_ha
from layers.preparation.territory_grid import read_municipalities, workspace_grid
from layers.workspace import Workspace
from zoning.land.land_inventory import PAPER_CELL_M, LandInventory, take_inventory
from zoning.land.scenario_land import LandChanges, open_changes
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.rules.crop_library import Crop, library_hash, load_crops
from zoning.rules.ruleset import Ruleset
from zoning.rules.ruleset_file import load_ruleset, parse_ruleset, starter_text
from zoning.stack.stack_land import StackLand
from zoning.study.classification import Frame, frame_of

_ = translator("zoning")

MAP_SCALES = (10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000)
"""Scales a map is usually drawn at."""

_STUDY_NAME = re.compile(r"[^\W_][\w.-]{0,63}")
_SMALLEST, _LARGEST = 1_000, 10_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class RunJob:
    """Everything decided before the first cell."""

    workspace: Workspace
    """Whose layers and rules."""
    rules: CompiledRules
    """Compiled for the layers that are there."""
    crops: Mapping[str, Crop]
    """Library of crops by id."""
    inventory: LandInventory
    """Which layers are there."""
    grid: Grid
    """Grid of the run."""
    municipalities: gpd.GeoDataFrame
    """Sorted by ``code``, in the projection of the grid."""
    frame: Frame
    """Where the municipalities lie on it."""
    scale: int
    """Denominator of the map scale."""
    rules_text: str = ""
    """The file the rules were read from; empty where they were given as an object."""
    changes: LandChanges | None = None
    """Scenario; ``None`` is the land as it is."""
    draws: int = 0
    """Draws of the uncertainty; 0 makes none."""
    seed: int = 0
    """Of the draws."""

    @property
    def minimum_ha(self) -> float:
        """Minimum mapping unit, ha."""
        return self.rules.ruleset.map.minimum_mapping_unit_ha(self.scale)

    def municipal_areas(self) -> dict[str, float]:
        """Return the ha of each municipality by its code, in the territory's equal-area system.

        Raises
        ------
        gis.errors.CrsError
            That system is not in metres.
        """
        areas = area_ha(self.municipalities, self.workspace.territory.area_crs)
        return {str(code): round(float(area), 6) for code, area in zip(self.municipalities["code"], areas, strict=True)}

    @property
    def land(self) -> StackLand:
        """What the stack of the run is made from."""
        ruleset = self.rules.ruleset
        return StackLand(
            workspace=self.workspace,
            inventory=self.inventory,
            grid=self.grid,
            unit=self.frame.unit,
            codes=self.frame.codes,
            places=self.frame.places,
            frost_offset=ruleset.frost.offset,
            calendar=ruleset.calendar,
            changes=self.changes,
        )

    @property
    def cell_fits_scale(self) -> bool:
        """Whether a cell is at most half a millimetre on the map."""
        return self.grid.cell <= PAPER_CELL_M * self.scale * (1 + 1e-9)


CROPS_FOLDER = "crops"
"""Folder of a workspace whose crop files are added to the library, or stand in place of its crops."""


def compile_for(
    workspace: Workspace, ruleset: Ruleset, *, climate: str = "", crops_hash: str = ""
) -> tuple[CompiledRules, LandInventory, Mapping[str, Crop]]:
    """Compile a ruleset for what the layers of a workspace offer.

    Parameters
    ----------
    workspace
        Whose layers and crops.
    ruleset
        Rules.
    climate
        Climate source; empty is the territory's own.
    crops_hash
        Of the crops that a study was made with; empty takes the crops as they are.

    Raises
    ------
    gis.errors.MissingError
        There are no municipalities, or no layers of a climate source that was asked for.
    gis.errors.InputError
        The ruleset is for another territory or does not fit, a layer is damaged, or the crops have changed.
    """
    ruleset.check_territory(workspace.territory.id)
    inventory = take_inventory(workspace, climate=climate)
    crops = load_crops(own=workspace.config(CROPS_FOLDER))
    if crops_hash and library_hash(crops) != crops_hash:
        raise InputError(
            _("Los cultivos han cambiado desde que se hizo el estudio"),
            expected=_("Se esperaban los mismos límites: con otros, la explicación no sería la de ese mapa"),
            remedy=_("Vuelva a zonificar con «valles zone»"),
        )
    return (
        compile_rules(ruleset, crops, available=inventory.available, flagged=inventory.flagged),
        inventory,
        crops,
    )


def open_job(
    workspace: Workspace,
    *,
    scale: int | None = None,
    cell: float | None = None,
    ruleset: Ruleset | Path | None = None,
    climate: str = "",
    scenario: str | None = None,
) -> RunJob:
    """Decide everything that a run needs before its first cell; parameters as in :func:`zoning.study.study_run.run`.

    Raises
    ------
    gis.errors.MissingError
        There are no municipalities, or no layers of a climate source that was asked for.
    gis.errors.InputError
        A layer, the ruleset, the scale or the cell cannot be used.
    """
    rules, text = workspace_ruleset(workspace, ruleset)
    changes = open_changes(workspace, rules, scenario) if scenario else None
    if changes is not None:
        rules = changes.rules(rules)
    compiled, inventory, crops = compile_for(workspace, rules, climate=climate)
    if changes is not None:
        changes.require_factors({factor.name for each in compiled.land_use_types for factor in each.factors})
    municipalities = read_municipalities(workspace).sort_values("code").reset_index(drop=True)
    _require_season(rules, municipalities)
    grid = _grid(workspace, municipalities, cell)
    return RunJob(
        workspace=workspace,
        rules=compiled,
        crops=crops,
        inventory=inventory,
        grid=grid,
        municipalities=municipalities.to_crs(grid.crs),
        frame=frame_of(municipalities, grid),
        scale=_scale(scale, rules, grid.cell),
        rules_text=text,
        changes=changes,
    )


def workspace_ruleset(workspace: Workspace, ruleset: Ruleset | Path | None = None) -> tuple[Ruleset, str]:
    """Return the rules asked for, else those of the workspace, else the starter; and the text they were read from.

    Raises
    ------
    gis.errors.InputError
        The file is no ruleset.
    """
    if isinstance(ruleset, Ruleset):
        return ruleset, ""
    own = workspace.config("ruleset.toml")
    path = ruleset if ruleset is not None else own if own.is_file() else None
    if path is None:
        text = starter_text(workspace.territory.id)
        return parse_ruleset(text), text
    return load_ruleset(path), path.read_text(encoding="utf-8-sig")


def require_name(name: str) -> str:
    """Return a study's name; refuse one that a folder, an address or a command line might trip over.

    Raises
    ------
    gis.errors.InputError
        It is no such name.
    """
    if not _STUDY_NAME.fullmatch(name):
        raise InputError(
            _("«{name}» no sirve como nombre de estudio").format(name=" ".join(name.split())[:80]),
            expected=_("Letras, números, guiones y puntos, a lo sumo 64 y sin espacios; el primero, letra o número"),
        )
    return name


def _require_season(ruleset: Ruleset, municipalities: gpd.GeoDataFrame) -> None:
    """Refuse rules that count winter in the other hemisphere's months."""
    _west, south, _east, north = (float(value) for value in municipalities.to_crs("EPSG:4326").total_bounds)
    middle = (south + north) / 2
    if (middle > 0) == ruleset.calendar.northern:
        return
    if middle > 0:
        raise InputError(
            _("El territorio está al norte del ecuador (latitud {lat:.1f})").format(lat=Figure(middle)),
            expected=_("El reglamento cuenta el frío en julio y el calor de octubre a abril: sirve al sur del ecuador"),
            remedy=_(
                "Tome el reglamento que «valles init --boundaries» escribe para un territorio del norte: trae "
                "[calendar] y las ventanas de siembra seis meses después"
            ),
        )
    raise InputError(
        _("El territorio está al sur del ecuador (latitud {lat:.1f})").format(lat=Figure(middle)),
        expected=_("El reglamento cuenta el frío en el mes {month}: sirve al norte del ecuador").format(
            month=ruleset.calendar.coldest_month
        ),
        remedy=_("Quite [calendar] de ruleset.toml y revise las ventanas de siembra"),
    )


def _grid(workspace: Workspace, municipalities: gpd.GeoDataFrame, cell: float | None) -> Grid:
    prepared = workspace_grid(workspace)
    if cell is None or cell == prepared.cell:
        return prepared
    widest = PAPER_CELL_M * _LARGEST
    if not 0 < cell <= widest:
        raise InputError(
            _("Se pidió una celda de {wanted:g} m").format(wanted=cell),
            expected=_("Se esperaba a lo sumo {widest:g} m, medio milímetro a la escala más chica").format(
                widest=widest
            ),
            remedy=_("Pida --cell {cell:g} o algo más gruesa").format(cell=prepared.cell),
        )
    bounds = cast("Bounds", tuple(float(value) for value in municipalities.total_bounds))
    margin = workspace.territory.margin_cells
    wanted = Grid.covering(bounds, crs=workspace.territory.crs, cell=cell, margin=margin)
    if cell < prepared.cell:
        raise InputError(
            _("Se pidió una celda de {wanted:g} m y las capas están preparadas a {cell:g} m").format(
                wanted=cell, cell=prepared.cell
            ),
            expected=_("La celda no puede ser menor que la de las capas"),
            remedy=_("Pida --cell {cell:g} o prepare las capas más finas").format(cell=prepared.cell),
        )
    return wanted


def _scale(asked: int | None, rules: Ruleset, cell: float) -> int:
    if asked is None:
        # A cell wider than half a millimetre on paper would draw its own corners: the next usual scale is taken.
        finest = cell / PAPER_CELL_M
        usual = next((scale for scale in MAP_SCALES if scale >= finest * (1 - 1e-9)), _LARGEST)
        return max(rules.map.scale, usual)
    if not _SMALLEST <= asked <= _LARGEST:
        raise InputError(
            _("Escala 1:{scale}").format(scale=asked),
            expected=_("Se esperaba un denominador entre {low} y {high}").format(low=_SMALLEST, high=_LARGEST),
            remedy=_("Pida por ejemplo --scale 100000"),
        )
    return asked
