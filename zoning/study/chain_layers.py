"""Each value chain of a study as a map layer: its aptitude as pictures, its hectares by municipality as features."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import MissingError
from gis.messages import translator
from layers.map_layer import LayerDescription, LegendEntry
from layers.preparation.territory_grid import read_municipalities
from layers.serving.picture_tile import picture_tile
from layers.serving.vector_layer import GEOGRAPHIC, NO_EXTENT, FrameMapLayer
from layers.styles import class_styles
from layers.workspace import Workspace
from zoning.rules.chains import CHAIN
from zoning.rules.limits import CLASS_CODES
from zoning.study.aptitude_files import RASTER
from zoning.study.study_layer import StudyLayer
from zoning.study.study_reading import read_aptitude, read_manifest, study_folder

_ = translator("zoning")

_OUTSIDE = 255


class ChainLayer(StudyLayer):
    """How apt every place is for one chain in one study, whoever won it.

    Parameters
    ----------
    layer_id
        Name of the layer, such as ``cadena_turismo``.
    workspace
        Whose studies are shown.
    """

    def open(self, name: str) -> FrameMapLayer:
        """Open the chain of a study.

        Raises
        ------
        gis.errors.MissingError
            The study has no such chain.
        gis.errors.InputError
            It is damaged.
        """
        folder = study_folder(self.workspace, name)
        manifest = read_manifest(folder)
        band = next((each for each in manifest.get("aptitude", ()) if each["code"] == self.id), None)
        if band is None:
            raise MissingError(
                _("El estudio «{name}» no tiene la capa «{layer}»").format(name=name, layer=self.id),
                remedy=_("Haga el estudio otra vez"),
            )
        table = read_aptitude(folder)
        rows = _features(self.workspace, table[table["code"] == self.id])
        picture = partial(picture_tile, folder / RASTER, paint=paint, band=int(band["band"]))
        return FrameMapLayer(_description(band, manifest), rows, id_column="municipality", picture=picture)


def chain_map_layers(workspace: Workspace, default: str) -> list[ChainLayer]:
    """Return a layer for each chain of the study shown by default.

    Raises
    ------
    gis.errors.InputError
        Its manifest is damaged.
    """
    bands = read_manifest(study_folder(workspace, default)).get("aptitude", ())
    return [ChainLayer(str(each["code"]), workspace) for each in bands if each["kind"] == CHAIN]


def paint(values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Colour class codes: float32 (1, rows, cols), NaN outside, to uint8 (rows, cols, 4)."""
    palette = np.zeros((_OUTSIDE + 1, 4), dtype=np.uint8)
    for style in class_styles():
        bare = style.colour.removeprefix("#")
        palette[CLASS_CODES[style.name]] = [*(int(bare[place : place + 2], 16) for place in (0, 2, 4)), 255]
    codes = np.nan_to_num(values[0], nan=_OUTSIDE).astype(np.uint8)
    pixels: npt.NDArray[np.uint8] = palette[codes]
    return pixels


def _features(workspace: Workspace, table: pd.DataFrame) -> Any:  # noqa: ANN401  a GeoDataFrame
    hectares = table.pivot_table(index="municipality", columns="class", values="area_ha", aggfunc="sum", fill_value=0.0)
    frame = read_municipalities(workspace).to_crs(GEOGRAPHIC).sort_values("code").reset_index(drop=True)
    rows = frame[["code", "name", frame.geometry.name]].rename(
        columns={"code": "municipality", "name": "municipality_name"}
    )
    for style in class_styles():
        known = hectares[style.name] if style.name in hectares else pd.Series(dtype=float)
        rows[f"{style.name.lower()}_ha"] = rows["municipality"].map(known).fillna(0.0).round(2)
    return rows


def _description(band: Mapping[str, Any], manifest: Mapping[str, Any]) -> LayerDescription:
    notice = manifest.get("notice", "")
    title = _("Cadena {name}: aptitud").format(name=band["title"].lower())
    about = _("Aptitud de cada celda, gane la zona que gane; clase del peor factor de {members}").format(
        members=", ".join(band["members"])
    )
    if band["incomplete"]:
        about += _(". Incompleto: {what}").format(what=", ".join(band["incomplete"]))
    layers = manifest["layers"]
    return LayerDescription(
        id=str(band["code"]),
        title=f"{title} · {notice}" if manifest["demo"] and notice else title,
        description=about,
        geometry="polygon",
        picture_tiles=True,
        extent=NO_EXTENT,
        unit="ha",
        licence="; ".join(dict.fromkeys(each["licence"] for each in layers if each["licence"])),
        attribution="; ".join(dict.fromkeys(each["attribution"] for each in layers if each["attribution"])),
        legend=tuple(
            LegendEntry(value=style.name, label=f"{style.name}: {style.title}", colour=style.colour)
            for style in class_styles()
        ),
        provenance=tuple(layers),
        demo=bool(manifest["demo"]),
    )
