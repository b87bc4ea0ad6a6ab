"""The cells of mapped farming, and a control all over the territory, rated with the rules and layers of a study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gis.errors import MissingError
from gis.grid import Grid
from gis.messages import translator
from gis.rasters.raster_reader import RasterReader
from gis.vectors.vector import rasterise_values, read_vector
from layers.preparation.territory_grid import read_municipalities
from zoning.land.cell_places import CellPlaces
from zoning.land.column_stack import stack_columns
from zoning.land.land_data import LandData
from zoning.land.scenario_land import reopen_changes
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.gates import gate_bits
from zoning.rules.limits import NR, SD, N
from zoning.rules.ruleset_file import parse_ruleset
from zoning.study.classification import frame_of
from zoning.study.run_job import compile_for, workspace_ruleset
from zoning.study.study import Study

_ = translator("zoning")

Codes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

KINDS = ("farmland", "orchard", "vineyard")
"""What counts as mapped farming; the last that covers a cell names it."""

_OTHER_NAMES = {"cultivo": "farmland", "plant_nursery": "farmland"}
_NO_FARMING = frozenset({"residual", "decided"})
_STRIP = 256
_EVERY = 20


@dataclass(frozen=True, eq=False, kw_only=True)
class FarmingCells:
    """The cells of mapped farming and those of the control, shape (cells,) each."""

    kinds: Codes
    """1 + index in :data:`KINDS`; 0 where no farming is mapped."""
    control: Mask
    """One cell of every 20 × 20 of the territory."""
    zones: Codes
    """Zone numbers of the map."""
    known: Mask
    """The layers suffice to say something."""
    apt: Mask
    """A productive zone rates it S1 to S3 with its own gates."""
    claimable: Mask
    """A productive zone would win it, all its cuts passed."""
    cell_ha: float
    """Area of a cell, ha."""
    productive: tuple[str, ...]
    """Zones that count as productive: those whose crops claim land."""


def rate_mapped_farming(study: Study) -> FarmingCells:
    """Rate the cells of mapped farming with the rules and layers of a study.

    Parameters
    ----------
    study
        Made from the layers the workspace has now; the rules are those of the study.

    Raises
    ------
    gis.errors.MissingError
        The workspace has no layer of mapped cover, or no farming is mapped in it.
    gis.errors.InputError
        A layer or the study is damaged.
    """
    workspace, manifest = study.workspace, study.manifest
    text = manifest.get("ruleset")
    ruleset = parse_ruleset(str(text)) if text else workspace_ruleset(workspace)[0]
    changes = reopen_changes(workspace, ruleset, manifest.get("scenario"))
    ruleset = ruleset if changes is None else changes.rules(ruleset)
    rules, inventory, _crops = compile_for(
        workspace, ruleset, climate=str(manifest["climate"]), crops_hash=str(manifest["crops_hash"])
    )
    drawn = manifest["grid"]
    grid = Grid(
        study.zones.crs, drawn["cell_m"], left=drawn["left"], top=drawn["top"], rows=drawn["rows"], cols=drawn["cols"]
    )
    fields = _mapped_fields(study)
    kinds = rasterise_values(fields, fields["number"].to_numpy(), grid).astype(np.uint8)
    frame = frame_of(read_municipalities(workspace), grid)
    within = frame.unit > 0
    kinds[~within] = 0
    if not kinds.any():
        raise _nothing_mapped(study)
    control = np.zeros(grid.shape, dtype=np.bool_)
    control[_EVERY // 2 :: _EVERY, _EVERY // 2 :: _EVERY] = True
    places = CellPlaces.of((kinds > 0) | (control & within))
    codes = np.array(["", *frame.codes])[frame.unit[places.inside]]
    productive = tuple(zone.code for zone in rules.rated_zones if zone.role not in _NO_FARMING)
    with LandData(
        workspace, grid, inventory, frost_offset=ruleset.frost.offset, calendar=ruleset.calendar, changes=changes
    ) as land:
        land.prepare(rules.inputs, places)
        rated = _rate(land, rules, places, codes, productive)
    with RasterReader(study.folder / "zones.tif") as reader:
        zones = np.nan_to_num(_read_inside(reader, places), nan=0.0).astype(np.uint8)
    return FarmingCells(
        kinds=kinds[places.inside],
        control=control[places.inside],
        zones=zones,
        known=rated.known,
        apt=rated.apt,
        claimable=rated.claimable,
        cell_ha=grid.cell_area_ha,
        productive=productive,
    )


def _mapped_fields(study: Study) -> gpd.GeoDataFrame:
    if not study.workspace.has_layer("cover"):
        raise _nothing_mapped(study)
    cover = read_vector(study.workspace.layer("cover"), layer="cover")
    kinds = cover["cover_class"].replace(_OTHER_NAMES)
    if "subclass" in cover:
        finer = cover["subclass"].replace(_OTHER_NAMES)
        kinds = finer.where(finer.isin(KINDS), kinds)
    fields = cover[kinds.isin(KINDS) & cover.geom_type.isin(["Polygon", "MultiPolygon"])].copy()
    if fields.empty:
        raise _nothing_mapped(study)
    fields["number"] = kinds[fields.index].map({kind: number for number, kind in enumerate(KINDS, start=1)})
    return fields.sort_values("number", kind="stable")


def _nothing_mapped(study: Study) -> MissingError:
    return MissingError(
        _("No hay campos, huertos ni viñedos mapeados en «{name}»").format(name=study.workspace.territory.name),
        expected=_("Se esperaba la capa «cover» con cobertura farmland, orchard o vineyard"),
        remedy=_("Agregue una capa de cobertura y prepárela con `valles layers fetch`"),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Rated:
    """What the kernel says of the cells of mapped farming."""

    known: Mask
    apt: Mask
    claimable: Mask


def _rate(
    land: LandData, rules: CompiledRules, places: CellPlaces, municipalities: npt.NDArray[Any], zones: tuple[str, ...]
) -> _Rated:
    from zoning.rating.kernel import classify_block  # noqa: PLC0415  the compiler is paid for by who computes

    found = _Rated(**{name: np.zeros(places.size, dtype=np.bool_) for name in ("known", "apt", "claimable")})
    numbers = [rules.zone(code).number for code in zones]
    unknown_zone, left_over = rules.zone("SD").number, rules.zone(rules.ruleset.cover.unknown_zone).number
    for start in range(0, places.inside.shape[0], _STRIP):
        stop = min(start + _STRIP, places.inside.shape[0])
        place = places.rows(start, stop)
        cells = place.stop - place.start
        if not cells:
            continue
        columns = land.columns(rules.inputs, start, stop, places)
        gates = gate_bits(rules.gates, columns, cells=cells, flagged=rules.flagged, municipality=municipalities[place])
        gates |= land.opened(rules.gate_names, start, stop, places)
        values = stack_columns(columns, rules.characteristics, cells=cells)
        # Nothing is decided beforehand: a field inside a park is asked about its land, not about its law.
        free, rest = np.zeros(cells, dtype=np.uint8), np.full(cells, left_over, dtype=np.uint8)
        block = classify_block(values, gates, free, rest, rules, aptitudes=zones)
        classes = np.stack([each.cls for each in block.aptitudes])
        found.apt[place] = ((classes > N) & (classes != NR)).any(axis=0)
        found.known[place] = found.apt[place] | ~((classes == SD).any(axis=0) | (block.zone == unknown_zone))
        found.claimable[place] = np.isin(block.zone, numbers)
    return found


def _read_inside(reader: RasterReader, places: CellPlaces) -> npt.NDArray[np.float32]:
    parts = []
    for start in range(0, places.inside.shape[0], _STRIP):
        stop = min(start + _STRIP, places.inside.shape[0])
        inside = places.inside[start:stop]
        if inside.any():
            parts.append(reader.read(start, stop)[0][inside])
    return np.concatenate(parts)
