"""Comparisons kept in a workspace, so that a map can show what took a minute to find the reasons of.

A kept comparison counts only while both of its studies are the ones it was made of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gis.atomic import atomic_folder, storage_errors, write_atomically
from gis.errors import InputError, MissingError
from gis.messages import translator
from gis.vectors.vector_files import write_gpkg, write_pmtiles
from layers.workspace import Workspace
from zoning.comparison.change_layer import LAYER
from zoning.comparison.study_diff import StudyDiff
from zoning.rules.rules_toml import content_hash
from zoning.study.study import Study
from zoning.study.study_files import FIRST_ZOOM, LAST_ZOOM

_ = translator("zoning")

FOLDER = "comparisons"
"""Folder of a workspace that holds them."""

TILE_FIELDS = (
    "change_id", "from_zone", "from_class", "to_zone", "to_class", "change", "reason_title", "municipality_name",
    "area_ha",
)  # fmt: skip
"""Fields that travel in the tiles."""

_DOCUMENT, _CHANGES, _TILES = "diff.json", "changes.gpkg", "changes.pmtiles"


@dataclass(frozen=True, kw_only=True)
class SavedComparison:
    """One kept comparison."""

    name: str
    """Both studies, from the one to the other."""
    first: Study
    second: Study
    document: Mapping[str, Any]
    """As :func:`zoning.comparison.diff_document.diff_document` made it."""
    folder: Path

    @property
    def changes(self) -> Path:
        """The changed pieces of land, layer ``changes``."""
        return self.folder / _CHANGES

    @property
    def tiles(self) -> Path | None:
        """Their vector tiles; ``None`` where nothing changed."""
        path = self.folder / _TILES
        return path if path.is_file() else None


def comparison_name(first: str, second: str) -> str:
    """Return what a comparison of two studies is called.

    Examples
    --------
    >>> comparison_name("base", "calor")
    'base--calor'
    """
    return f"{first}--{second}"


def save_comparison(found: StudyDiff, document: Mapping[str, Any]) -> SavedComparison:
    """Keep a comparison in the workspace of its first study, in place of an older one.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """
    first, second = found.first, found.second
    name = comparison_name(first.name, second.name)
    target = first.workspace.root / FOLDER / name
    kept = {**document, "stamps": [_stamp(first), _stamp(second)]}
    with atomic_folder(target) as folder:
        write_gpkg(found.changes, folder / _CHANGES, layer=LAYER)
        if len(found.changes):
            light = found.changes[[*TILE_FIELDS, found.changes.geometry.name]].to_crs("EPSG:4326")
            light["area_ha"] = light["area_ha"].round(2)
            write_pmtiles(light, folder / _TILES, layer=LAYER, min_zoom=FIRST_ZOOM, max_zoom=LAST_ZOOM)
        write_atomically(folder / _DOCUMENT, json.dumps(kept, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
    return SavedComparison(name=name, first=first, second=second, document=document, folder=target)


def saved_comparisons(workspace: Workspace) -> tuple[SavedComparison, ...]:
    """Return the kept comparisons whose two studies are still the same, in alphabetical order.

    Raises
    ------
    gis.errors.InputError
        The manifest of a study is damaged.
    """
    folder = workspace.root / FOLDER
    if not folder.is_dir():
        return ()
    found = (_open(workspace, path.parent) for path in sorted(folder.glob(f"[!.]*/{_DOCUMENT}")))
    return tuple(each for each in found if each is not None)


def saved_comparison(workspace: Workspace, first: str, second: str) -> SavedComparison | None:
    """Return the kept comparison of two studies, ``None`` where there is none that still holds."""
    wanted = comparison_name(first, second)
    return next((each for each in saved_comparisons(workspace) if each.name == wanted), None)


def _open(workspace: Workspace, folder: Path) -> SavedComparison | None:
    path = folder / _DOCUMENT
    try:
        with storage_errors(path):
            document = json.loads(path.read_text(encoding="utf-8"))
        first, second = (Study.open(workspace, document[side]) for side in ("from", "to"))
        stamps = document.pop("stamps")
    except (ValueError, KeyError, InputError, MissingError):
        return None
    if stamps != [_stamp(first), _stamp(second)]:
        return None
    return SavedComparison(name=folder.name, first=first, second=second, document=document, folder=folder)


def _stamp(study: Study) -> str:
    """Identify a study by all its manifest says but how long it took."""
    return content_hash({key: value for key, value in study.manifest.items() if key != "run"})
