"""Map layers of features: from a file, or from a frame in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.errors import MissingError
from gis.messages import translator
from gis.vectors.vector import read_vector
from layers.map_layer import Bounds, FeaturePage, FeatureQuery, LayerDescription, Parameter, Tile
from layers.serving.feature_json import equals, geojson, json_value, last_instant, moment, property_types
from layers.serving.vector_tiles import vector_tile

_ = translator("layers")

GEOGRAPHIC = "EPSG:4326"
"""Longitude and latitude, the frame of every answer."""
NO_EXTENT: Bounds = (0.0, 0.0, 0.0, 0.0)
"""An extent still to be filled from the features."""


@dataclass(frozen=True, eq=False)
class FrameMapLayer:
    """A map layer of the rows of a frame.

    Parameters
    ----------
    description
        What it is; an empty extent or empty ``properties`` are filled from the frame.
    frame
        Features in longitude and latitude (EPSG:4326).
    id_column
        Column whose values identify the features; by default they are numbered from 1 in the order of the frame.
    datetime_column
        Column of ISO 8601 text, dates or timestamps that ``datetime`` queries compare with.
    tiles
        A PMTiles file with the same features, if there is one.
    picture
        Draws the tile of a zoom, column and row where tiles are pictures; ``None`` outside the layer.

    Raises
    ------
    gis.errors.MissingError
        A named column is not in the frame.
    """

    description: LayerDescription
    frame: gpd.GeoDataFrame
    id_column: str | None = None
    datetime_column: str | None = None
    tiles: Path | None = None
    picture: Callable[[int, int, int], Tile | None] | None = None

    def __post_init__(self) -> None:
        for column in (self.id_column, self.datetime_column):
            if column is not None and column not in self.frame.columns:
                raise MissingError(
                    _("La capa «{layer}» no tiene la columna {column}").format(layer=self.description.id, column=column)
                )

    @property
    def id(self) -> str:
        """Short lower-case name."""
        return self.description.id

    def describe(self) -> LayerDescription:
        """Say what the layer is."""
        return self._described

    @cached_property
    def _described(self) -> LayerDescription:
        found = self.description
        if found.extent == NO_EXTENT and len(self.frame):
            bounds = cast("Bounds", tuple(float(value) for value in self.frame.total_bounds))
            found = replace(found, extent=bounds)
        return found if found.properties else replace(found, properties=property_types(self.frame))

    def parameters(self) -> tuple[Parameter, ...]:
        """Return nothing: the rows are what they are."""
        return ()

    def features(self, query: FeatureQuery) -> FeaturePage:
        """Return the rows that match, in the order of the frame."""
        keep = np.ones(len(self.frame), dtype=bool)
        for selected in (self._in_box(query), self._in_time(query), self._equal(query), self._named(query)):
            if selected is not None:
                keep &= selected
        matched = np.flatnonzero(keep)
        page = matched[query.offset : query.offset + query.limit]
        return FeaturePage(features=tuple(self._page(page)), matched=len(matched))

    def tile(self, z: int, x: int, y: int, parameters: Mapping[str, str]) -> Tile | None:  # noqa: ARG002  MapLayer
        """Return one tile, or ``None`` where there is none."""
        if self.picture is not None:
            return self.picture(z, x, y)
        return None if self.tiles is None else vector_tile(self.tiles, z, x, y)

    @cached_property
    def _ids(self) -> list[str]:
        if self.id_column is None:
            return [str(number) for number in range(1, len(self.frame) + 1)]
        return [str(value) for value in self.frame[self.id_column]]

    def _in_box(self, query: FeatureQuery) -> np.ndarray[Any, np.dtype[np.bool_]] | None:
        if query.bbox is None:
            return None
        west, south, east, north = query.bbox
        # A box whose west lies east of its east crosses the antimeridian (RFC 7946, 5.2).
        boxes = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        keep = np.zeros(len(self.frame), dtype=bool)
        for left, right in boxes:
            keep[self.frame.sindex.query(shapely.box(left, south, right, north), predicate="intersects")] = True
        return keep

    def _in_time(self, query: FeatureQuery) -> np.ndarray[Any, np.dtype[np.bool_]] | None:
        if query.datetime is None or self.datetime_column is None:
            return None
        moments = pd.to_datetime(self.frame[self.datetime_column], utc=True, errors="coerce", format="ISO8601")
        start, end = query.datetime
        keep = moments.notna()
        if start is not None:
            keep &= moments >= moment(start)
        if end is not None:
            keep &= moments <= last_instant(end)
        return np.asarray(keep, dtype=bool)

    def _equal(self, query: FeatureQuery) -> np.ndarray[Any, np.dtype[np.bool_]] | None:
        if not query.filters:
            return None
        keep = np.ones(len(self.frame), dtype=bool)
        for name, text in query.filters.items():
            if name not in self.frame.columns or name == self.frame.geometry.name:
                raise MissingError(
                    _("La capa «{layer}» no tiene la propiedad {name}").format(layer=self.id, name=name),
                    expected=_("Una de: {names}").format(names=", ".join(self.describe().properties)),
                )
            keep &= equals(self.frame[name], text)
        return keep

    def _named(self, query: FeatureQuery) -> np.ndarray[Any, np.dtype[np.bool_]] | None:
        if query.feature_id is None:
            return None
        return np.asarray([each == query.feature_id for each in self._ids], dtype=bool)

    def _page(self, rows: NDArray[np.intp]) -> Iterator[dict[str, Any]]:
        """Yield the features of some rows; column by column, which costs a hundredth of cell by cell."""
        part = self.frame.iloc[rows]
        columns = [str(column) for column in part.columns if column != part.geometry.name]
        cells = [[json_value(each) for each in part[column].tolist()] for column in columns]
        for place, (row, geometry) in enumerate(zip(rows.tolist(), part.geometry.tolist(), strict=True)):
            yield {
                "type": "Feature",
                "id": self._ids[row],
                "geometry": None if geometry is None or geometry.is_empty else geojson(geometry),
                "properties": {column: values[place] for column, values in zip(columns, cells, strict=True)},
            }


@dataclass(frozen=True, eq=False)
class FileMapLayer:
    """A map layer of the features of a file, read when first asked for and again when the file changes.

    Parameters
    ----------
    description
        What it is; an empty extent or empty ``properties`` are filled from the file.
    path
        Vector file in any reference system.
    layer
        Name of the layer in the file.
    tiles
        A PMTiles file with the same features, if there is one.
    id_column, datetime_column
        As in :class:`FrameMapLayer`.
    select
        Chooses and orders rows and columns after reading.
    may_be_empty
        Whether a file without any feature is a layer too.
    """

    description: LayerDescription
    path: Path
    layer: str | None = None
    tiles: Path | None = None
    id_column: str | None = None
    datetime_column: str | None = None
    select: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame] | None = None
    may_be_empty: bool = False
    _held: dict[tuple[int, int], FrameMapLayer] = field(default_factory=dict, init=False, repr=False)

    @property
    def id(self) -> str:
        """Short lower-case name."""
        return self.description.id

    def describe(self) -> LayerDescription:
        """Say what the layer is.

        Raises
        ------
        gis.errors.MissingError
            The file is gone.
        """
        return self._rows().describe()

    def parameters(self) -> tuple[Parameter, ...]:
        """Return nothing: the features are what they are."""
        return ()

    def features(self, query: FeatureQuery) -> FeaturePage:
        """Return the features that match, in the order of the file.

        Raises
        ------
        gis.errors.MissingError
            The file is gone, or a filter names no property.
        """
        return self._rows().features(query)

    def tile(self, z: int, x: int, y: int, parameters: Mapping[str, str]) -> Tile | None:  # noqa: ARG002  MapLayer
        """Return one vector tile, or ``None`` where there is none."""
        return None if self.tiles is None else vector_tile(self.tiles, z, x, y)

    def frame(self) -> gpd.GeoDataFrame:
        """Return all features in longitude and latitude.

        Raises
        ------
        gis.errors.MissingError
            The file is gone.
        """
        return self._rows().frame

    def _rows(self) -> FrameMapLayer:
        stamp = _stamp(self.path)
        held = self._held.get(stamp)
        if held is None:
            frame = read_vector(self.path, layer=self.layer, crs=GEOGRAPHIC, may_be_empty=self.may_be_empty)
            held = FrameMapLayer(
                self.description,
                frame if self.select is None else self.select(frame),
                id_column=self.id_column,
                datetime_column=self.datetime_column,
                tiles=self.tiles,
            )
            self._held.clear()
            self._held[stamp] = held
        return held


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise MissingError(_("Falta el archivo {path}").format(path=path), remedy=_("Prepárelo otra vez")) from error
    return found.st_mtime_ns, found.st_size
