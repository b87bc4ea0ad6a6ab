"""The kept comparisons of a workspace as one map layer whose comparison a reader may choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from gis.errors import MissingError
from gis.messages import translator
from layers.map_layer import FeaturePage, FeatureQuery, LayerDescription, MapLayer, Parameter, Tile
from layers.serving.vector_layer import FileMapLayer
from layers.workspace import Workspace
from zoning.comparison.change_layer import LAYER, change_description
from zoning.comparison.saved_comparisons import SavedComparison, saved_comparisons

_ = translator("zoning")


def comparison_map_layers(workspace: Workspace) -> list[MapLayer]:
    """Return the map layers that the kept comparisons of a workspace give; none before the first.

    Raises
    ------
    gis.errors.InputError
        A manifest is damaged.
    """
    found = saved_comparisons(workspace)
    return [ComparisonLayer(found)] if found else []


@dataclass(frozen=True, eq=False)
class ComparisonLayer:
    """The collection ``changes``: the pieces of land that change from one study to another."""

    comparisons: tuple[SavedComparison, ...]
    """At least one."""

    @cached_property
    def _layers(self) -> dict[str, FileMapLayer]:
        return {each.name: _layer(each) for each in self.comparisons}

    @property
    def id(self) -> str:
        """Short lower-case name."""
        return LAYER

    def describe(self) -> LayerDescription:
        """Say what the layer is, for the comparison shown by default.

        Raises
        ------
        gis.errors.MissingError
            Its file is gone.
        """
        return replace(self._chosen({}).describe(), id=self.id)

    def parameters(self) -> tuple[Parameter, ...]:
        """Say which comparisons there are."""
        names = tuple(each.name for each in self.comparisons)
        return (Parameter(name="comparison", title=_("Comparación"), values=names, default=names[0]),)

    def features(self, query: FeatureQuery) -> FeaturePage:
        """Return the changed pieces of the chosen comparison that match.

        Raises
        ------
        gis.errors.MissingError
            There is no such comparison, or a filter names no field.
        """
        return self._chosen(query.parameters).features(query)

    def tile(self, z: int, x: int, y: int, parameters: Mapping[str, str]) -> Tile | None:
        """Return one vector tile of the chosen comparison, or ``None`` where nothing changes.

        Raises
        ------
        gis.errors.MissingError
            There is no such comparison.
        """
        return self._chosen(parameters).tile(z, x, y, parameters)

    def archive(self, parameters: Mapping[str, str], part: str = "") -> Path | None:
        """Return the PMTiles file of the chosen comparison; it has no parts.

        Raises
        ------
        gis.errors.MissingError
            There is no such comparison.
        """
        return None if part else self._chosen(parameters).tiles

    def _chosen(self, parameters: Mapping[str, str]) -> FileMapLayer:
        name = parameters.get("comparison") or self.comparisons[0].name
        if name not in self._layers:
            raise MissingError(
                _("No existe la comparación «{name}»").format(name=name),
                expected=_("Una de: {names}").format(names=", ".join(self._layers)),
            )
        return self._layers[name]


def _layer(saved: SavedComparison) -> FileMapLayer:
    reached = {str(row["to_zone"]) for row in saved.document["transitions"]}
    return FileMapLayer(
        change_description(saved.first, saved.second, reached),
        saved.changes,
        layer=LAYER,
        tiles=saved.tiles,
        id_column="change_id",
        may_be_empty=True,
    )
