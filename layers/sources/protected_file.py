"""Protected areas from a file that the user supplies, such as the WDPA, whose licence forbids handing it on.

Columns of the WDPA after its user manual: ``NAME``, ``DESIG``, ``DESIG_ENG``, ``IUCN_CAT``, ``STATUS``. A file of
another making is cut to the place and keeps its columns. What a designation means is decided when it is prepared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import geopandas as gpd
import pandas as pd

from gis.messages import translator
from layers.mirrors.mirror import MirrorLayer
from layers.sources.product import Place, ProductRecord, Supply, Wanted
from layers.sources.vector_piece import needed_file, read_in_place, refuse_nothing, stated_file, vector_piece

_ = translator("layers")

_ENDINGS = (".zip", ".shp", ".gpkg", ".geojson", ".json", ".fgb")
_WDPA = {"NAME", "DESIG_ENG", "IUCN_CAT"}
_PROPOSED = "proposed"
POLYGONS = "poly"
"""In the names of the files of an archive that hold areas, and not points."""
_POLYGONS = {"Polygon", "MultiPolygon"}


@dataclass(frozen=True)
class ProtectedFile:
    """The adapter."""

    record: ProductRecord

    def wanted(self, place: Place) -> Sequence[Wanted]:  # noqa: ARG002  the same file for every place
        """Return the file that the territory names.

        Raises
        ------
        gis.errors.MissingError
            Its address is no file's.
        """
        return (stated_file(self.record, _ENDINGS),)

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        """Write the areas that touch a place.

        Raises
        ------
        gis.errors.VallesError
            The file is absent, damaged, or has no area here.
        """
        (wanted,) = self.wanted(place)
        frame, steps = in_force(read_in_place(needed_file(self.record, supply, wanted), place.bounds, only=POLYGONS))
        if set(frame.columns) >= _WDPA:
            frame = _named(frame)
        refuse_nothing(self.record, frame, place)
        return (vector_piece(self.record, self.record.themes[0], frame, folder, steps=steps),)


def product(record: ProductRecord) -> ProtectedFile:
    """Return the adapter of a record."""
    return ProtectedFile(record)


def in_force(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Leave out the areas that are only proposed, and those without a polygon; say which, in words.

    Parameters
    ----------
    frame
        Areas, with ``STATUS`` where they come from the WDPA.
    """
    status = frame["STATUS"].astype(str).str.casefold() if "STATUS" in frame else pd.Series("", index=frame.index)
    proposed, shapeless = status == _PROPOSED, ~frame.geom_type.isin(_POLYGONS)
    steps: list[str] = []
    if proposed.any():
        names = frame["NAME"][proposed] if "NAME" in frame else proposed[proposed].index
        told = ", ".join(sorted({str(name) for name in names}))
        steps.append(_("propuestas y no vigentes, descartadas: {names}").format(names=told))
    if shapeless.any():
        steps.append(_("{count} áreas sin polígono, descartadas").format(count=int(shapeless.sum())))
    return cast("gpd.GeoDataFrame", frame[~proposed & ~shapeless].reset_index(drop=True)), steps


def _named(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the areas of the WDPA with the columns that are prepared."""
    original = frame["DESIG"] if "DESIG" in frame else frame["DESIG_ENG"]
    return gpd.GeoDataFrame(
        {
            "name": list(frame["NAME"]),
            "designation": list(frame["DESIG_ENG"].where(frame["DESIG_ENG"].notna(), original)),
            "iucn": list(frame["IUCN_CAT"]),
        },
        geometry=list(frame.geometry),
        crs=frame.crs,
    )
