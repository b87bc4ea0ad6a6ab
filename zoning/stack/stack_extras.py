"""What a stack keeps beside its bands: the monthly climate of sampled cells, and what overlays are measured by.

A sensitivity table asks for months and for layers too coarse to cut with, in a sample of the cells; overlays ask for
distances and relief on blocks of cells. Both are measured once and kept, each with a hash of what it depends on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.rasters.packed_arrays import ArrayReader
from zoning.land.cell_sample import CellSample
from zoning.land.distances import FAR, as_metres
from zoning.land.land_inventory import CLIMATE_LAYERS, CLIMATIC
from zoning.land.overlay_land import FOREST, OverlayLand
from zoning.rules.characteristic import Characteristic
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.rules_toml import content_hash
from zoning.stack.stack_land import StackLand

Floats = npt.NDArray[np.float32]

MONTHS, COLUMN, BLOCKS = "months", "column", "blocks"
"""Kinds of extras: monthly layer of the sample, characteristic of the sample, measure of an overlay."""

_COVER = "land_cover"
_DISTANCE = "distance_"


def wanted_extras(land: StackLand, rules: CompiledRules) -> dict[str, str]:
    """Return the extras that a study with some rules asks for: name to the hash of what it depends on."""
    names = [f"{MONTHS}/{theme}" for theme in CLIMATE_LAYERS if land.workspace.has_layer(land.monthly(theme))]
    # What comes from the monthly climate is measured from the months that the sample keeps.
    measured = [each for each in rules.inputs if each.name in land.inventory.available and each.name not in CLIMATIC]
    # A height that is too coarse to cut with is too coarse to be computed.
    names += [
        f"{COLUMN}/{each.key}"
        for each in measured
        if not (each.name == "height_above_stream" and each.name in land.inventory.flagged)
    ]
    overlays = overlay_land(land, rules)
    asked = {factor.characteristic.name for overlay in rules.ruleset.overlays for factor in overlay.factors}
    names += [f"{BLOCKS}/{name}" for name in sorted(asked & overlays.offered)]
    return {name: extra_content(land, rules, name) for name in names}


def extra_content(land: StackLand, rules: CompiledRules, name: str) -> str:
    """Identify everything that an extra depends on."""
    kind, what = name.split("/", 1)
    if kind == MONTHS:
        return land.months_content(what)
    content: dict[str, Any] = {"kind": kind, "of": land.content_of(Characteristic.parse(what))}
    if kind == BLOCKS and what == FOREST and land.workspace.has_layer(_COVER):
        content |= {"cover": land.layer_hash(_COVER), "classes": list(rules.ruleset.cover.forest_classes)}
    return content_hash(content)


def overlay_land(land: StackLand, rules: CompiledRules) -> OverlayLand:
    """Return what the overlays of some rules are measured on."""
    return OverlayLand(
        workspace=land.workspace,
        grid=land.grid,
        available=land.inventory.available,
        forest_classes=rules.ruleset.cover.forest_classes,
    )


class SampleTaker:
    """Looks on while strips are read, from any thread, and keeps what extras of the sample want.

    Parameters
    ----------
    land
        Whose cells are sampled.
    names
        Extras wanted; those of blocks are passed over.
    """

    def __init__(self, land: StackLand, names: tuple[str, ...]) -> None:
        self._sample = CellSample(land.places)
        cells = self._sample.cells
        self.found: dict[str, Floats] = {
            name: np.full((12, cells) if name.startswith(MONTHS) else (cells,), np.nan, dtype=np.float32)
            for name in names
            if not name.startswith(BLOCKS)
        }
        """Name to float32 of shape (12, cells) or (cells,)."""

    @property
    def columns(self) -> tuple[Characteristic, ...]:
        """Characteristics that are wanted."""
        kind = f"{COLUMN}/"
        return tuple(Characteristic.parse(name.removeprefix(kind)) for name in self.found if name.startswith(kind))

    @property
    def themes(self) -> tuple[str, ...]:
        """Monthly themes that are wanted."""
        kind = f"{MONTHS}/"
        return tuple(name.removeprefix(kind) for name in self.found if name.startswith(kind))

    def see_months(self, theme: str, start: int, stop: int, monthly: Floats) -> None:
        """Keep the months of the sampled cells of a strip."""
        kept = self.found.get(f"{MONTHS}/{theme}")
        if kept is not None:
            place, inner = self._sample.within(start, stop)
            kept[:, place] = monthly[:, inner]

    def see_columns(self, start: int, stop: int, columns: Mapping[str, Floats]) -> None:
        """Keep the characteristics of the sampled cells of a strip."""
        place, inner = self._sample.within(start, stop)
        for key, values in columns.items():
            kept = self.found.get(f"{COLUMN}/{key}")
            if kept is not None:
                kept[place] = values[inner]


def measure_blocks(land: StackLand, rules: CompiledRules, names: tuple[str, ...]) -> dict[str, npt.NDArray[Any]]:
    """Measure what overlays ask for, as it is stored: whole metres in 16 bits for a distance, else float32.

    Raises
    ------
    gis.errors.VallesError
        A layer is damaged.
    """
    asked = tuple(name.split("/", 1)[1] for name in names if name.startswith(BLOCKS))
    found = overlay_land(land, rules).columns(asked) if asked else {}
    return {
        f"{BLOCKS}/{name}": np.where(np.isinf(values), FAR, values).astype(np.uint16)
        if name.startswith(_DISTANCE)
        else values
        for name, values in found.items()
    }


def read_extras(extras: ArrayReader, names: tuple[str, ...]) -> dict[str, Floats]:
    """Return extras by what follows their kind: months or a column of the sample, or a measure of the blocks.

    Raises
    ------
    gis.errors.InputError
        The file is damaged.
    """
    found: dict[str, Floats] = {}
    for name in names:
        stored = extras.read(name)[0]
        kind, what = name.split("/", 1)
        found[what] = as_metres(stored) if kind == BLOCKS and what.startswith(_DISTANCE) else stored
    return found
