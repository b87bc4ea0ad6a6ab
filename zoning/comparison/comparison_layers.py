"""The kept comparisons of a workspace as one map layer whose comparison a reader may choose."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path

from gis.errors import MissingError
from gis.messages import translator
from layers.map_layer import MapLayer, Parameter
from layers.serving.chosen_layer import ChosenLayer
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


class ComparisonLayer(ChosenLayer):
    """The collection ``changes``: the pieces of land that change from one study to another.

    Parameters
    ----------
    comparisons
        At least one; the first is shown by default.
    """

    def __init__(self, comparisons: tuple[SavedComparison, ...]) -> None:
        super().__init__(LAYER)
        self.comparisons = comparisons

    def choice(self) -> Parameter:
        """Say which comparisons there are."""
        names = tuple(each.name for each in self.comparisons)
        return Parameter(name="comparison", title=_("Comparación"), values=names, default=names[0])

    def stamp(self, name: str) -> Hashable:
        """Return the name: the layers are made anew with the list of comparisons."""
        return name

    def open(self, name: str) -> FileMapLayer:
        """Open one comparison.

        Raises
        ------
        gis.errors.MissingError
            There is no such comparison.
        """
        return _layer(self._named(name))

    def archive(self, parameters: Mapping[str, str], part: str = "") -> Path | None:
        """Return the PMTiles file of the chosen comparison; it has no parts.

        Raises
        ------
        gis.errors.MissingError
            There is no such comparison.
        """
        return None if part else self._named(parameters.get("comparison") or self.comparisons[0].name).tiles

    def _named(self, name: str) -> SavedComparison:
        found = next((each for each in self.comparisons if each.name == name), None)
        if found is None:
            raise MissingError(
                _("No existe la comparación «{name}»").format(name=name),
                expected=_("Una de: {names}").format(names=", ".join(each.name for each in self.comparisons)),
            )
        return found


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
