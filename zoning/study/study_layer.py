"""A map layer of which every study of a workspace has one."""

from __future__ import annotations

from abc import ABC
from collections.abc import Hashable

from gis.errors import MissingError
from gis.messages import translator
from layers.map_layer import Parameter
from layers.serving.chosen_layer import ChosenLayer
from layers.workspace import Workspace
from zoning.study.study_reading import study_folder

_ = translator("zoning")

DEFAULT_STUDY = "base"
"""Study shown unless a reader chooses another."""


class StudyLayer(ChosenLayer, ABC):
    """A layer whose study a reader may choose.

    Parameters
    ----------
    layer_id
        Short lower-case name of the layer.
    workspace
        Whose studies are shown.
    """

    def __init__(self, layer_id: str, workspace: Workspace) -> None:
        super().__init__(layer_id)
        self.workspace = workspace

    @property
    def studies(self) -> tuple[str, ...]:
        """Names of the studies that have the layer."""
        return self.workspace.studies()

    @property
    def default(self) -> str:
        """Study shown unless a reader chooses another."""
        known = self.studies
        return DEFAULT_STUDY if DEFAULT_STUDY in known or not known else known[0]

    def choice(self) -> Parameter:
        """Say which studies there are."""
        return Parameter(name="study", title=_("Estudio"), values=self.studies, default=self.default)

    def stamp(self, name: str) -> Hashable:
        """Return when the study was made.

        Raises
        ------
        gis.errors.MissingError
            There is no such study.
        """
        try:
            return (study_folder(self.workspace, name) / "manifest.json").stat().st_mtime_ns
        except OSError as error:
            raise MissingError(_("No existe el estudio «{name}»").format(name=name)) from error
