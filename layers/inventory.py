"""What a territory needs, has and lacks: the list of layers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from layers.catalogue.theme_records import Requirement, Theme
from layers.catalogue.themes import themes
from layers.preparation.prepare_climate import RAIN, TEMPERATURES
from layers.provenance import read_provenance
from layers.sources.mirror import Mirror
from layers.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class InventoryRow:
    """One theme of the catalogue, or one climate source of it."""

    theme: str
    title: str
    requirement: Requirement
    prepared: str
    """Name of the prepared layer."""
    present: bool
    """Whether it is there."""
    offered: bool | None = None
    """Whether the mirror brings its theme; ``None`` without a mirror."""
    date: str = ""
    licence: str = ""
    attribution: str = ""
    native_cell_m: float | None = None
    """Side of a cell of the source on the ground, m."""
    unit: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON can hold it."""
        return asdict(self)


def list_layers(workspace: Workspace, mirror: Mirror | None = None) -> tuple[InventoryRow, ...]:
    """Return what the catalogue can prepare, and what of it a workspace has.

    Parameters
    ----------
    workspace
        Whose layers are listed.
    mirror
        If given, whether it brings each theme is told too.

    Raises
    ------
    gis.errors.InputError
        ``provenance.json`` is damaged.
    """
    records = read_provenance(workspace.layers_dir)
    rows = []
    for each in themes():
        if not each.prepared or (each.requirement == "reference" and not workspace.has_layer(each.prepared)):
            continue
        for name in _names(each, set(records), workspace.territory.climate):
            record = records.get(name)
            rows.append(
                InventoryRow(
                    theme=each.id,
                    title=each.title,
                    requirement=each.requirement,
                    prepared=name,
                    present=workspace.has_layer(name),
                    offered=None if mirror is None else mirror.of(each.id) is not None,
                    date="" if record is None else record.date,
                    licence="" if record is None else record.licence,
                    attribution="" if record is None else record.attribution,
                    native_cell_m=None if record is None else record.native_cell_m,
                    unit=each.unit,
                )
            )
    return tuple(rows)


def _names(each: Theme, prepared: set[str], climate: str) -> list[str]:
    if each.id not in {*TEMPERATURES, RAIN}:
        return [each.prepared]
    wanted = f"{each.prepared}_{climate}"
    return [wanted, *sorted(name for name in prepared if name.startswith(f"{each.prepared}_") and name != wanted)]
