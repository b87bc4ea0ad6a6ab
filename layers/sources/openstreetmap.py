"""OpenStreetMap: a country's extract, of which roads, waters, places and points of interest of a place are taken.

The extract is fetched whole (``.osm.pbf``); of it only what touches the place is ever held in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from gis.messages import translator
from gis.vectors.osm_blocks import extract_date
from gis.vectors.osm_extract import read_osm
from layers.map_layer import Bounds
from layers.mirrors.mirror import MirrorLayer
from layers.sources import osm_tags
from layers.sources.countries import country_of
from layers.sources.product import Place, ProductRecord, Supply, Wanted
from layers.sources.vector_piece import GEOGRAPHIC, needed_file, own_file, refuse_nothing, vector_piece

_ = translator("layers")

_ENDINGS = (".osm.pbf", ".pbf", ".osm")
_PBF = ".pbf"
Row = dict[str, Any]
Reading = Callable[[osm_tags.Tags], Row | None]
"""Columns of the object with these tags; ``None`` for one that is not wanted."""


@dataclass(frozen=True)
class OpenStreetMap:
    """The adapter."""

    record: ProductRecord

    def wanted(self, place: Place) -> Sequence[Wanted]:
        """Return the extract of the territory's country.

        Raises
        ------
        gis.errors.MissingError
            The territory's country is not known.
        """
        stated = own_file(self.record, _ENDINGS)
        if stated is not None:
            return (stated,)
        path = f"{country_of(place.territory, self.record).extract}-latest.osm.pbf"
        return (Wanted(address=self.record.address + path, name=path.rpartition("/")[2], whole=True),)

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        """Write the layers of a place that the extract has something of.

        Raises
        ------
        gis.errors.VallesError
            The extract is absent, cut short, or has no road here.
        """
        (wanted,) = self.wanted(place)
        path = needed_file(self.record, supply, wanted)
        date = extract_date(path) if path.suffix.lower() == _PBF else ""
        layers = _layers(path, place.bounds)
        refuse_nothing(self.record, layers["roads"], place)
        return tuple(
            vector_piece(self.record, theme, layers[theme], folder, date=date, steps=_steps(theme))
            for theme in self.record.themes
            if len(layers.get(theme, ()))
        )


def product(record: ProductRecord) -> OpenStreetMap:
    """Return the adapter of a record."""
    return OpenStreetMap(record)


def _steps(theme: str) -> tuple[str, ...]:
    told = {
        "streams": _("sin etiqueta `intermittent` ni `seasonal` se toma por permanente, como es costumbre en el mapa"),
        "points_of_interest": _("lo que es un área se pone en un punto dentro de ella"),
        "settlements": _("lugares habitados del mapa; la población donde está escrita"),
    }.get(theme)
    return () if told is None else (told,)


def _layers(path: Path, bounds: Bounds) -> dict[str, gpd.GeoDataFrame]:
    """Read an extract three times, once for each kind of object, and sort what is found into themes."""
    lines = read_osm(
        path,
        "lines",
        keys=(*osm_tags.ROAD_KEYS, *osm_tags.STREAM_KEYS),
        any_of=("highway", "waterway"),
        bbox=bounds,
    )
    points = read_osm(
        path,
        "points",
        keys=(*osm_tags.PLACE_KEYS, *osm_tags.POI_KEYS),
        any_of=("place", "tourism", "shop", "amenity", "historic", "craft"),
        bbox=bounds,
    )
    areas = read_osm(
        path,
        "multipolygons",
        keys=(*osm_tags.AREA_KEYS, *osm_tags.POI_KEYS),
        any_of=("natural", "landuse", "waterway", "tourism", "shop", "amenity", "historic", "craft"),
        bbox=bounds,
    )
    inside = areas.set_geometry(areas.representative_point()) if len(areas) else areas
    return {
        "roads": _sorted_into(lines, _road),
        "streams": _sorted_into(lines, _stream),
        "water": _sorted_into(areas, _water),
        "cover": _sorted_into(areas, _cover),
        "land_use": _sorted_into(areas, _use),
        "places": _sorted_into(points, _place),
        "settlements": _sorted_into(points, _settlement),
        "points_of_interest": _sorted_into(
            gpd.GeoDataFrame(pd.concat([points, inside], ignore_index=True), crs=GEOGRAPHIC), _interest
        ),
    }


def _sorted_into(frame: gpd.GeoDataFrame, reading: Reading) -> gpd.GeoDataFrame:
    columns = [name for name in frame.columns if name != frame.geometry.name]
    read = [reading(tags) for tags in frame[columns].to_dict(orient="records")]
    kept = [place for place, row in enumerate(read) if row is not None]
    rows = [row for row in read if row is not None]
    geometry = list(frame.geometry.iloc[kept])
    return gpd.GeoDataFrame(pd.DataFrame(rows, dtype=object), geometry=geometry, crs=frame.crs).infer_objects()


def _text(tags: osm_tags.Tags, key: str) -> str | None:
    value = tags.get(key)
    return value if isinstance(value, str) and value.strip() else None


def _road(tags: osm_tags.Tags) -> Row | None:
    found = osm_tags.road(tags)
    if found is None:
        return None
    told = {"surface": osm_tags.surface(tags), "name": _text(tags, "name"), "route": _text(tags, "ref")}
    return {"road_class": found, **told}


def _stream(tags: osm_tags.Tags) -> Row | None:
    found = osm_tags.stream(tags)
    if found is None:
        return None
    return {"stream_class": found, "permanent": osm_tags.permanent(tags), "name": _text(tags, "name")}


def _water(tags: osm_tags.Tags) -> Row | None:
    found = osm_tags.water(tags)
    return None if found is None else {"water_class": found, "name": _text(tags, "name")}


def _cover(tags: osm_tags.Tags) -> Row | None:
    found = osm_tags.cover(tags)
    return None if found is None else {"cover_class": found[0], "subclass": found[1]}


def _use(tags: osm_tags.Tags) -> Row | None:
    found = osm_tags.urban(tags)
    return None if found is None else {"use": found}


def _place(tags: osm_tags.Tags) -> Row | None:
    found = osm_tags.place(tags)
    return None if found is None else {"rank": found, "name": _text(tags, "name")}


def _settlement(tags: osm_tags.Tags) -> Row | None:
    if osm_tags.place(tags) not in osm_tags.SETTLEMENTS:
        return None
    return {"code": None, "name": _text(tags, "name"), "population": osm_tags.population(tags), "municipality": None}


def _interest(tags: osm_tags.Tags) -> Row | None:
    found = osm_tags.interest(tags)
    return None if found is None else {"poi_class": found[0], "subclass": found[1], "name": _text(tags, "name")}
