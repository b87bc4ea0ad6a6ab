"""geoBoundaries: municipal limits of a country, one GeoJSON; they bear names and no official codes.

Columns after its documentation: ``shapeName``, ``shapeISO``, ``shapeID``, ``shapeGroup``, ``shapeType``. A name becomes
a code by the spellings that the territory knows; of two municipalities of one name the one that holds the seat counts.
A file of any other making is passed on as it is: its code column is found when it is prepared.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from gis.errors import InputError, MissingError
from gis.messages import translator
from gis.vectors.attribute_table import read_attributes
from layers.mirrors.mirror import MirrorLayer
from layers.municipality import Municipality
from layers.sources.countries import country_of
from layers.sources.product import Place, ProductRecord, Supply, Wanted
from layers.sources.vector_piece import needed_file, own_file, read_in_place, refuse_nothing, vector_piece
from layers.territory import Territory

_ = translator("layers")

NAME, IDENTITY = "shapeName", "shapeID"
_ENDINGS = (".geojson", ".json", ".zip", ".gpkg", ".shp", ".fgb")
_MOST_TOLD = 5


@dataclass(frozen=True)
class GeoBoundaries:
    """The adapter."""

    record: ProductRecord

    def wanted(self, place: Place) -> Sequence[Wanted]:
        """Return the country's file.

        Raises
        ------
        gis.errors.MissingError
            The territory's country is not known.
        """
        stated = own_file(self.record, _ENDINGS)
        if stated is not None:
            return (stated,)
        country = country_of(place.territory, self.record)
        name = f"geoBoundaries-{country.iso3}-{country.level}.geojson"
        address = f"{self.record.address}{country.iso3}/{country.level}/{name}"
        return (Wanted(address=address, name=name, whole=True),)

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        """Write the municipalities of a territory under their codes, and their neighbours.

        Raises
        ------
        gis.errors.MissingError
            The file is absent, or no name in it is that of a municipality; the message lists the names most like it.
        gis.errors.InputError
            Several municipalities of one name cannot be told apart, or the file has nothing here.
        """
        (wanted,) = self.wanted(place)
        path = needed_file(self.record, supply, wanted)
        frame = read_in_place(path, place.bounds)
        refuse_nothing(self.record, frame, place)
        if NAME not in frame.columns:
            return (vector_piece(self.record, "boundaries", frame, folder),)
        codes = _codes(frame, place.territory)
        steps = [_("nombres convertidos en códigos por las grafías de territory.toml")]
        steps += [*_strays(frame, codes, place.territory), *_namesakes(path, place.territory)]
        mine = codes.notna()
        named = {each.code: each.name for each in place.territory.municipalities}
        own = gpd.GeoDataFrame(
            {
                "code": list(codes[mine]),
                "name": [named[code] for code in codes[mine]],
                "source_name": list(frame[NAME][mine].astype(str)),
            },
            geometry=list(frame.geometry[mine]),
            crs=frame.crs,
        )
        made = [vector_piece(self.record, "boundaries", own, folder, steps=steps)]
        if not mine.all():
            others = gpd.GeoDataFrame(
                {"code": None, "name": list(frame[NAME][~mine].astype(str))},
                geometry=list(frame.geometry[~mine]),
                crs=frame.crs,
            )
            made.append(vector_piece(self.record, "boundaries_context", others, folder))
        return made


def product(record: ProductRecord) -> GeoBoundaries:
    """Return the adapter of a record."""
    return GeoBoundaries(record)


def _codes(frame: gpd.GeoDataFrame, territory: Territory) -> pd.Series[str]:
    """Return the code of each row, missing where it is no municipality of the territory."""
    found = [None if pd.isna(name) else territory.find(name) for name in frame[NAME]]
    codes: pd.Series[str] = pd.Series([None if each is None else each.code for each in found], dtype=object)
    absent = [each for each in territory.municipalities if each.code not in set(codes.dropna())]
    if absent:
        raise _absent(absent, [str(name) for name in frame[NAME]])
    for each in territory.municipalities:
        rows = codes.index[codes == each.code]
        if len(rows) > 1 and (IDENTITY not in frame or len(set(frame[IDENTITY][rows])) > 1):
            seated = [row for row in rows if _holds(frame.geometry[row], each)]
            if len(seated) != 1:
                raise _ambiguous(each, len(rows))
            codes[[row for row in rows if row not in seated]] = None
    return codes


def _holds(outline: shapely.Geometry, municipality: Municipality) -> bool:
    seat = municipality.seat
    return seat is not None and bool(shapely.intersects(outline, shapely.Point(seat.lon, seat.lat)))


def _strays(frame: gpd.GeoDataFrame, codes: pd.Series[str], territory: Territory) -> Iterator[str]:
    outlines = dict(zip(codes, frame.geometry, strict=True))
    for each in territory.municipalities:
        if each.seat is not None and not _holds(outlines[each.code], each):
            yield _("la sede de {name} ({code}) no cae en el polígono de ese nombre").format(
                name=each.name, code=each.code
            )


def _namesakes(path: Path, territory: Territory) -> Iterator[str]:
    """Name the municipalities of the territory whose name others in the same file bear too."""
    if path.suffix.lower() == ".zip":
        return
    read = read_attributes(path, columns=(NAME,))
    found = [territory.find(name) for name in read[NAME].dropna()] if NAME in read else []
    counts = pd.Series([each.code for each in found if each is not None], dtype=object).value_counts()
    for each in territory.municipalities:
        if counts.get(each.code, 0) > 1:
            yield _("hay {count} municipios «{name}» en el archivo; se toma el que tiene la sede").format(
                count=int(counts[each.code]), name=each.name
            )


def _absent(absent: Sequence[Municipality], names: Sequence[str]) -> MissingError:
    told = []
    for each in absent[:_MOST_TOLD]:
        near = difflib.get_close_matches(each.name, names, n=3, cutoff=0.5)
        told.append(f"{each.name} ({each.code})" + (f" → {', '.join(near)}?" if near else ""))
    return MissingError(
        _("Ningún municipio del archivo se llama como {names}").format(names="; ".join(told)),
        expected=_("El nombre o una de las grafías de territory.toml"),
        remedy=_("Agregue la grafía del archivo a `aliases` del municipio en territory.toml"),
    )


def _ambiguous(municipality: Municipality, rows: int) -> InputError:
    return InputError(
        _("{rows} municipios del archivo se llaman «{name}» y no se sabe cuál es {code}").format(
            rows=rows, name=municipality.name, code=municipality.code
        ),
        expected=_("Que la sede caiga en uno solo de ellos"),
        remedy=_("Escriba la sede (lon, lat) de ese municipio en territory.toml, o use límites con códigos"),
    )
