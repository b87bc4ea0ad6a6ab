"""A map layer of several versions, such as studies, of which a reader chooses one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import replace

from layers.map_layer import FeaturePage, FeatureQuery, LayerDescription, MapLayer, Parameter, Tile


class ChosenLayer(ABC):
    """What all such layers have in common; each says which versions there are and how one is opened.

    Parameters
    ----------
    layer_id
        Short lower-case name of the layer.
    """

    def __init__(self, layer_id: str) -> None:
        self._id = layer_id
        self._held: dict[str, tuple[Hashable, MapLayer]] = {}

    @property
    def id(self) -> str:
        """Short lower-case name."""
        return self._id

    @abstractmethod
    def choice(self) -> Parameter:
        """Say what a reader may choose from; its default is shown otherwise."""

    @abstractmethod
    def stamp(self, name: str) -> Hashable:
        """Return what differs as soon as the version of that name was made again.

        Raises
        ------
        gis.errors.MissingError
            There is no such version.
        """

    @abstractmethod
    def open(self, name: str) -> MapLayer:
        """Open the version of a name.

        Raises
        ------
        gis.errors.MissingError
            There is no such version, or it lacks what the layer shows.
        """

    def describe(self) -> LayerDescription:
        """Say what the layer is, for the version shown by default.

        Raises
        ------
        gis.errors.MissingError
            It is gone.
        """
        return replace(self.chosen({}).describe(), id=self.id)

    def parameters(self) -> tuple[Parameter, ...]:
        """Say which versions there are."""
        return (self.choice(),)

    def features(self, query: FeatureQuery) -> FeaturePage:
        """Return the features of the chosen version that match.

        Raises
        ------
        gis.errors.MissingError
            There is no such version, or a filter names no field.
        """
        return self.chosen(query.parameters).features(query)

    def tile(self, z: int, x: int, y: int, parameters: Mapping[str, str]) -> Tile | None:
        """Return one tile of the chosen version, or ``None`` where there is nothing.

        Raises
        ------
        gis.errors.MissingError
            There is no such version.
        """
        return self.chosen(parameters).tile(z, x, y, parameters)

    def chosen(self, parameters: Mapping[str, str]) -> MapLayer:
        """Return the version that parameters name, held open until it is made again.

        Raises
        ------
        gis.errors.MissingError
            There is no such version.
        """
        choice = self.choice()
        name = parameters.get(choice.name) or choice.default
        stamp = self.stamp(name)
        held = self._held.get(name)
        if held is None or held[0] != stamp:
            held = self._held[name] = stamp, self.open(name)
        return held[1]
