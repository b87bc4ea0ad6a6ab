"""Reading the files of a study back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import pandas as pd

from gis.atomic import storage_errors
from gis.errors import InputError, MissingError
from gis.messages import translator
from gis.vectors.vector import read_vector
from layers.workspace import Workspace
from zoning.study.aptitude_table import TABLE, UNITS
from zoning.study.study_files import LAYER

_ = translator("zoning")

MANIFEST = "manifest.json"
"""Name of the file that makes a folder a study."""


def study_folder(workspace: Workspace, name: str) -> Path:
    """Return the folder of a study that is complete.

    Raises
    ------
    gis.errors.MissingError
        There is no such study; the message lists those there are.
    gis.errors.InputError
        The name is no name.
    """
    folder = workspace.study_dir(name)
    if (folder / MANIFEST).is_file():
        return folder
    known = workspace.studies()
    raise MissingError(
        _("No existe el estudio «{name}»").format(name=name),
        expected=_("Se esperaba uno de: {names}").format(names=", ".join(known))
        if known
        else _("Este espacio de trabajo todavía no tiene estudios"),
        remedy=_("Hágalo con `valles zone -w {root} --name {name}`").format(root=workspace.root, name=name),
    )


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """Return the manifest of a study.

    Raises
    ------
    gis.errors.InputError
        It is damaged.
    gis.errors.StorageError
        It cannot be read.
    """
    path = folder / MANIFEST
    try:
        with storage_errors(path):
            return cast("Mapping[str, Any]", json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise InputError(
            _("{path} está dañado").format(path=path),
            expected=_("Se esperaba el manifiesto de un estudio"),
            remedy=_("Haga el estudio otra vez"),
        ) from error


def read_zones(folder: Path) -> gpd.GeoDataFrame:
    """Return the polygons of a study with their fields, in the projection of the territory.

    Raises
    ------
    gis.errors.InputError
        The file is damaged.
    """
    return read_vector(folder / "zones.gpkg", layer=LAYER)


def read_aptitude(folder: Path, municipality: str | None = None) -> pd.DataFrame:
    """Return the hectares of the aptitude map of a study, of one municipality by its code or of all.

    Raises
    ------
    gis.errors.MissingError
        The study was made without one.
    """
    path = folder / TABLE
    if not path.is_file():
        raise MissingError(
            _("El estudio «{name}» no tiene mapa de aptitud").format(name=folder.name),
            remedy=_("Haga el estudio otra vez"),
        )
    text = {"municipality": str, "limiting": str, "incomplete": str}
    table = pd.read_csv(path, dtype=text, keep_default_na=False)
    chosen = table if municipality is None else table[table["municipality"] == municipality].reset_index(drop=True)
    chosen.attrs["units"] = dict(UNITS)
    return chosen
