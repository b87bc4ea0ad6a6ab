"""What a territory needs, has and lacks: the list of layers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from layers.catalogue.theme_records import Requirement, Theme
from layers.catalogue.themes import themes
from layers.mirrors.mirror import Mirror
from layers.preparation.prepare_climate import RAIN, TEMPERATURES
from layers.provenance import OWN_THEME, LayerRecord, read_provenance
from layers.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class InventoryRow:
    """One theme of the catalogue, one climate source of it, or one layer of users' own."""

    theme: str
    title: str
    requirement: Requirement | Literal["own"]
    """How much a zoning needs it; ``own`` for a layer that users brought and the catalogue does not know."""
    prepared: str
    """Name of the prepared layer."""
    present: bool
    """Whether it is there."""
    file: str = ""
    """File name in the folder of layers; empty when it is not there."""
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
        bare = InventoryRow(
            theme=each.id,
            title=each.title,
            requirement=each.requirement,
            prepared=each.prepared,
            present=False,
            offered=None if mirror is None else mirror.of(each.id) is not None,
            unit=each.unit,
        )
        for name in _names(each, set(records), workspace.territory.climate):
            row = replace(bare, prepared=name, present=workspace.has_layer(name))
            rows.append(_recorded(row, records.get(name)))
    for name, record in records.items():
        if record.own is not None and record.theme == OWN_THEME:
            there = (workspace.layers_dir / record.file).is_file()
            row = InventoryRow(theme=OWN_THEME, title=record.own.title, requirement="own", prepared=name, present=there)
            rows.append(_recorded(replace(row, unit=record.unit), record))
    return tuple(rows)


def _recorded(row: InventoryRow, record: LayerRecord | None) -> InventoryRow:
    """Return a row with what the provenance says, if the layer is there."""
    if record is None or not row.present:
        return row
    return replace(
        row,
        file=record.file,
        date=record.date,
        licence=record.licence,
        attribution=record.attribution,
        native_cell_m=record.native_cell_m,
    )


def _names(each: Theme, prepared: set[str], climate: str) -> list[str]:
    if each.id not in {*TEMPERATURES, RAIN}:
        return [each.prepared]
    wanted = f"{each.prepared}_{climate}"
    return [wanted, *sorted(name for name in prepared if name.startswith(f"{each.prepared}_") and name != wanted)]
