"""How sure the zones of a study are, as a map layer: its draws as pictures, its stable hectares as features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import MissingError
from gis.messages import Figure, translator
from gis.rasters.web_tile import web_tile
from layers.map_layer import FeaturePage, FeatureQuery, LayerDescription, LegendEntry, Parameter, Tile
from layers.preparation.territory_grid import read_municipalities
from layers.serving.vector_layer import GEOGRAPHIC, NO_EXTENT, FrameMapLayer
from layers.workspace import Workspace
from zoning.rules.uncertainty_rules import STABLE
from zoning.study.study_reading import read_manifest, read_zones, study_folder

_ = translator("zoning")

LAYER = "estabilidad"
"""Name of the layer."""

RASTER = "uncertainty.tif"
"""The file of a study that holds its draws; the stability is its first band."""

STEPS = ((0.0, "#d1495b"), (0.4, "#edae49"), (0.6, "#a9c6b4"), (STABLE, "#2f6f5e"))
"""Share of the draws from which each colour is taken, from the least stable to the most."""


@dataclass(frozen=True, eq=False)
class StabilityLayer:
    """How often every place keeps its zone in the draws of one study."""

    workspace: Workspace
    studies: tuple[str, ...]
    """Studies with draws, at least one; the first is shown unless a reader chooses another."""
    _held: dict[tuple[str, int], FrameMapLayer] = field(default_factory=dict, init=False, repr=False)

    @property
    def id(self) -> str:
        """Short lower-case name."""
        return LAYER

    def describe(self) -> LayerDescription:
        """Say what the layer is, for the study shown by default.

        Raises
        ------
        gis.errors.MissingError
            The study is gone, or was made again without draws.
        """
        return self._opened({}).describe()

    def parameters(self) -> tuple[Parameter, ...]:
        """Say which studies have draws."""
        return (Parameter(name="study", title=_("Estudio"), values=self.studies, default=self.studies[0]),)

    def features(self, query: FeatureQuery) -> FeaturePage:
        """Return the municipalities that match, each with its stable hectares.

        Raises
        ------
        gis.errors.MissingError
            There is no such study or it has no draws, or a filter names no field.
        """
        return self._opened(query.parameters).features(query)

    def tile(self, z: int, x: int, y: int, parameters: Mapping[str, str]) -> Tile | None:
        """Return one picture of the stability, or ``None`` outside the territory.

        Raises
        ------
        gis.errors.MissingError
            There is no such study, or it has no draws.
        """
        name = self._study(parameters)
        folder = study_folder(self.workspace, name)
        if not (folder / RASTER).is_file():
            raise _without_draws(name)
        content = web_tile(folder / RASTER, z, x, y, paint, nearest=True, bands=(1,))
        return None if content is None else Tile(content=content, media_type="image/png")

    def _study(self, parameters: Mapping[str, str]) -> str:
        return parameters.get("study") or self.studies[0]

    def _opened(self, parameters: Mapping[str, str]) -> FrameMapLayer:
        name = self._study(parameters)
        folder = study_folder(self.workspace, name)
        stamp = (name, (folder / "manifest.json").stat().st_mtime_ns)
        if stamp not in self._held:
            manifest = read_manifest(folder)
            if not manifest.get("uncertainty"):
                raise _without_draws(name)
            # A study that was made again replaces what was held of it.
            for old in [each for each in self._held if each[0] == name]:
                self._held.pop(old, None)
            rows = _features(self.workspace, read_zones(folder))
            self._held[stamp] = FrameMapLayer(_description(manifest), rows, id_column="municipality")
        return self._held[stamp]


def stability_map_layers(workspace: Workspace, default: str) -> list[StabilityLayer]:
    """Return the layer of the draws, none where no study has any; the study shown by default comes first.

    Raises
    ------
    gis.errors.InputError
        A manifest is damaged.
    """
    drawn = [name for name in workspace.studies() if (workspace.study_dir(name) / RASTER).is_file()]
    return [StabilityLayer(workspace, tuple(sorted(drawn, key=lambda name: name != default)))] if drawn else []


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
