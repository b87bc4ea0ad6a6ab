"""Communities of a census as points, joined to their municipality by its code, zeros or not, or by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from gis.errors import InputError
from gis.messages import translator
from layers.mirrors.mirror import MirrorLayer
from layers.sources.municipal_rows import municipal_rows
from layers.sources.product import Place, ProductRecord, Supply, Wanted
from layers.sources.vector_piece import needed_file, read_in_place, refuse_nothing, stated_file, vector_piece
from layers.spelling import plain_text

_ = translator("layers")

_ENDINGS = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".fgb", ".csv")
_OWN_CODE, _OWN_NAME = "community_code", "community_name"
_NAMES = (_OWN_NAME, "comunidad", "nombre", "localidad", "nomcom", "nom_com")
_CODES = (_OWN_CODE, "codigo", "codigo_ine", "cod_comunidad", "codcom")
_PEOPLE = ("poblacion", "personas", "habitantes", "population", "total")


@dataclass(frozen=True)
class CensusCommunities:
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
        """Write the communities of the territory's municipalities.

        Raises
        ------
        gis.errors.VallesError
            The file is absent, is not of points, or has no community here.
        """
        (wanted,) = self.wanted(place)
        frame = read_in_place(needed_file(self.record, supply, wanted), place.bounds)
        refuse_nothing(self.record, frame, place)
        kinds = sorted(set(frame.geom_type) - {"Point", "MultiPoint"})
        if kinds:
            raise InputError(
                _("{name} trae geometrías que no son puntos: {kinds}").format(name=wanted.name, kinds=", ".join(kinds)),
                expected=_("Un punto por comunidad"),
            )
        # Its own code and name are the community's, and those that are joined the municipality's.
        table = pd.DataFrame(frame.drop(columns=frame.geometry.name)).assign(_row=range(len(frame)))
        table = table.rename(columns={"code": _OWN_CODE, "name": _OWN_NAME})
        joined = municipal_rows(table, place.territory, what=wanted.name, column=_municipal(frame))
        rows = joined.rows
        told = gpd.GeoDataFrame(
            {
                "code": _column(rows, _CODES, besides=joined.column),
                "name": _column(rows, _NAMES, besides=joined.column),
                "population": pd.to_numeric(pd.Series(_column(rows, _PEOPLE)), errors="coerce").to_numpy(),
                "municipality": list(rows["code"]),
            },
            geometry=list(frame.geometry.iloc[rows["_row"]].representative_point()),
            crs=frame.crs,
        )
        return (vector_piece(self.record, "settlements", told, folder, steps=(joined.step,)),)


def product(record: ProductRecord) -> CensusCommunities:
    """Return the adapter of a record."""
    return CensusCommunities(record)


def _municipal(frame: gpd.GeoDataFrame) -> str | None:
    """Return the column of municipalities: a community's own code and name must not be taken for it."""
    known = {plain_text(name): str(name) for name in frame.columns}
    titles = ("codine", "codigomunicipio", "codmun", "municipality", "municipio", "nombremunicipio")
    return next((known[title] for title in titles if title in known), None)


def _column(rows: pd.DataFrame, titles: Sequence[str], *, besides: str = "") -> list[object]:
    """Return the first column that bears one of some titles; missing all through where none does."""
    known = {plain_text(name): str(name) for name in reversed(rows.columns) if name not in {besides, "name", "code"}}
    found = next((known[plain_text(title)] for title in titles if plain_text(title) in known), None)
    return [None] * len(rows) if found is None else [None if pd.isna(each) else each for each in rows[found]]
