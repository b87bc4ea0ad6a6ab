"""The part of the world for which open data are gathered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import cast

from gis.atomic import sha256_of, storage_errors, write_atomically
from gis.errors import InputError
from gis.messages import translator
from gis.vectors.vector import read_vector
from layers.map_layer import Bounds
from layers.mirrors.mirror import MirrorLayer
from layers.preparation.boundaries import expected_box, prepare_boundaries
from layers.sources.product import Place
from layers.territory import Territory
from layers.workspace import Workspace

_ = translator("layers")

MARGIN_DEG = 0.1
"""Added around the municipalities: about 11 km, ten cells of the coarsest climate."""
_SEATS_DEG = 0.3
_REMEMBERED = "place.json"


def boundary_piece_place(workspace: Workspace) -> Place:
    """Return where the boundaries themselves are looked for: around the seats, or anywhere without them."""
    return Place(
        bounds=expected_box(workspace.territory) or (-180.0, -90.0, 180.0, 90.0), territory=workspace.territory
    )


def place_of(workspace: Workspace, folder: Path, gathered: Sequence[MirrorLayer]) -> Place:
    """Return the box of a territory's municipalities with a margin.

    Parameters
    ----------
    workspace
        With boundaries of its own, or none.
    folder
        The gathered mirror.
    gathered
        Its entries so far, the boundaries among them unless the workspace has its own.

    Raises
    ------
    gis.errors.VallesError
        The boundaries are damaged or name none of the municipalities, and no seats stand in for them.
    """
    territory = workspace.territory
    entry = next((each for each in gathered if each.theme == "boundaries"), None)
    if territory.boundaries:
        return Place(
            bounds=_widened(_outline(territory, workspace.root / territory.boundaries, "", folder)), territory=territory
        )
    if entry is not None:
        return Place(
            bounds=_widened(_outline(territory, folder / entry.file, entry.layer, folder)), territory=territory
        )
    return planned_place(workspace)


def planned_place(workspace: Workspace) -> Place:
    """Return the box of a territory as far as it is known without bringing anything.

    Raises
    ------
    gis.errors.InputError
        It has neither boundaries nor seats.
    """
    territory = workspace.territory
    if territory.boundaries:
        path = workspace.root / territory.boundaries
        frame, _report = prepare_boundaries(read_vector(path, near=expected_box(territory)), territory)
        return Place(bounds=_widened(_degrees(frame)), territory=territory)
    if workspace.has_layer("municipalities"):
        frame = read_vector(workspace.layer("municipalities"), layer="municipalities")
        return Place(bounds=_widened(_degrees(frame)), territory=territory)
    seats = [each.seat for each in territory.municipalities if each.seat is not None]
    if not seats:
        raise InputError(
            _("No se sabe dónde queda «{name}»: no tiene límites ni sedes").format(name=territory.name),
            expected=_("Límites municipales, o la sede de cada municipio con lon y lat"),
            remedy=_("Cree el espacio de trabajo con `valles init DIR --boundaries ARCHIVO`"),
        )
    lon, lat = [each.lon for each in seats], [each.lat for each in seats]
    return Place(bounds=_widened((min(lon), min(lat), max(lon), max(lat)), _SEATS_DEG), territory=territory)


def _outline(territory: Territory, path: Path, layer: str, folder: Path) -> Bounds:
    """Return the box of a boundary file's municipalities; computed once and remembered for the same file."""
    spelt = json.dumps([asdict(each) for each in territory.municipalities], ensure_ascii=False)
    key = hashlib.sha256(f"{sha256_of(path)} {layer} {territory.crs} {spelt}".encode()).hexdigest()
    note = folder / _REMEMBERED
    with storage_errors(note):
        told = note.read_text(encoding="utf-8") if note.is_file() else ""
    if told.startswith(f'{{"key": "{key}"'):
        return cast("Bounds", tuple(json.loads(told)["bounds"]))
    frame, _report = prepare_boundaries(read_vector(path, layer=layer or None, near=expected_box(territory)), territory)
    bounds = _degrees(frame)
    write_atomically(note, json.dumps({"key": key, "bounds": bounds}))
    return bounds


def _degrees(frame: object) -> Bounds:
    box = frame.to_crs("EPSG:4326").total_bounds  # type: ignore[attr-defined]
    return cast("Bounds", tuple(round(float(value), 6) for value in box))


def _widened(bounds: Bounds, margin: float = MARGIN_DEG) -> Bounds:
    west, south, east, north = bounds
    return (
        max(-180.0, west - margin),
        max(-90.0, south - margin),
        min(180.0, east + margin),
        min(90.0, north + margin),
    )
