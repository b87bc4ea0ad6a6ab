"""How sure the zones of a study are, as a map layer: its draws as pictures, its stable hectares as features."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import MissingError
from gis.messages import Figure, translator
from layers.map_layer import LayerDescription, LegendEntry
from layers.preparation.territory_grid import read_municipalities
from layers.serving.picture_tile import picture_tile
from layers.serving.vector_layer import GEOGRAPHIC, NO_EXTENT, FrameMapLayer
from layers.workspace import Workspace
from zoning.rules.uncertainty_rules import STABLE
from zoning.study.study_layer import StudyLayer
from zoning.study.study_reading import read_manifest, read_zones, study_folder

_ = translator("zoning")

LAYER = "estabilidad"
"""Name of the layer."""

RASTER = "uncertainty.tif"
"""The file of a study that holds its draws; the stability is its first band."""

STEPS = ((0.0, "#d1495b"), (0.4, "#edae49"), (0.6, "#a9c6b4"), (STABLE, "#2f6f5e"))
"""Share of the draws from which each colour is taken, from the least stable to the most."""


class StabilityLayer(StudyLayer):
    """How often every place keeps its zone in the draws of one study.

    Parameters
    ----------
    workspace
        Whose studies are shown.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(LAYER, workspace)

    @property
    def studies(self) -> tuple[str, ...]:
        """Names of the studies with draws."""
        return tuple(name for name in super().studies if (self.workspace.study_dir(name) / RASTER).is_file())

    def open(self, name: str) -> FrameMapLayer:
        """Open the draws of a study.

        Raises
        ------
        gis.errors.MissingError
            It has no draws.
        gis.errors.InputError
            It is damaged.
        """
        folder = study_folder(self.workspace, name)
        manifest = read_manifest(folder)
        if not manifest.get("uncertainty"):
            raise _without_draws(name)
        rows = _features(self.workspace, read_zones(folder))
        picture = partial(picture_tile, folder / RASTER, paint=paint, band=1)
        return FrameMapLayer(_description(manifest), rows, id_column="municipality", picture=picture)


def stability_map_layers(workspace: Workspace) -> list[StabilityLayer]:
    """Return the layer of the draws, none where no study has any."""
    found = StabilityLayer(workspace)
    return [found] if found.studies else []


def paint(values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Colour shares of the draws: float32 (1, rows, cols), NaN outside, to uint8 (rows, cols, 4)."""
    palette = np.zeros((len(STEPS) + 1, 4), dtype=np.uint8)
    for place, (_from, colour) in enumerate(STEPS, start=1):
        palette[place] = [*(int(colour[digit : digit + 2], 16) for digit in (1, 3, 5)), 255]
    # A share that float32 holds a hair under its limit belongs above it.
    reached = np.digitize(np.nan_to_num(values[0], nan=-1.0) + 1e-6, [begin for begin, _colour in STEPS])
    pixels: npt.NDArray[np.uint8] = palette[reached]
    return pixels


def _features(workspace: Workspace, zones: Any) -> Any:  # noqa: ANN401  GeoDataFrames
    sure = zones[zones["stability"].notna()]
    weighed = (sure["stability"] * sure["area_ha"]).groupby(sure["municipality"]).sum()
    known = sure.groupby("municipality")["area_ha"].sum()
    stable = sure[sure["stability"] >= STABLE].groupby("municipality")["area_ha"].sum()
    frame = read_municipalities(workspace).to_crs(GEOGRAPHIC).sort_values("code").reset_index(drop=True)
    rows = frame[["code", "name", frame.geometry.name]].rename(
        columns={"code": "municipality", "name": "municipality_name"}
    )
    shares = weighed / known
    rows["mean_stability"] = rows["municipality"].map(shares).astype(float).round(4)
    rows["stable_ha"] = _hectares(rows, stable.reindex(known.index, fill_value=0.0))
    rows["area_ha"] = _hectares(rows, zones.groupby("municipality")["area_ha"].sum())
    return rows


def _hectares(rows: Any, table: pd.Series[float]) -> pd.Series[float]:  # noqa: ANN401  a GeoDataFrame
    found: pd.Series[float] = rows["municipality"].map(table).astype(float).round(2)
    return found


def _without_draws(name: str) -> MissingError:
    return MissingError(
        _("El estudio «{name}» no tiene sorteos").format(name=name),
        remedy=_("Hágalo otra vez con valles zone --name {name} --uncertainty 200").format(name=name),
    )


def _description(manifest: Mapping[str, Any]) -> LayerDescription:
    notice = str(manifest.get("notice") or "")
    title = _("Estabilidad de las zonas")
    return LayerDescription(
        id=LAYER,
        title=f"{title} · {notice}" if manifest["demo"] and notice else title,
        description=_(
            "En qué parte de {draws} sorteos conserva cada lugar su zona; estables las hectáreas desde 0,8"
        ).format(draws=manifest["uncertainty"]["draws"]),
        geometry="polygon",
        picture_tiles=True,
        extent=NO_EXTENT,
        unit="ha",
        licence="; ".join(dict.fromkeys(each["licence"] for each in manifest["layers"] if each["licence"])),
        attribution="; ".join(dict.fromkeys(each["attribution"] for each in manifest["layers"] if each["attribution"])),
        legend=tuple(
            LegendEntry(value=str(begin), label=_("desde {share}").format(share=f"{Figure(begin):.1f}"), colour=colour)
            for begin, colour in STEPS
        ),
        provenance=tuple(manifest["layers"]),
        demo=bool(manifest["demo"]),
    )
