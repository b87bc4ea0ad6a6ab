"""Writing vector files: whole or not at all, and the same bytes for the same frame."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import pyogrio.errors

from gis.atomic import atomic_path, storage_errors
from gis.crs import CRS84, parse_crs
from gis.errors import InputError, StorageError
from gis.messages import translator

_ = translator("gis")

_FIXED_DATE = "2020-01-01T00:00:00.000Z"
"""Written by GeoPackage as the date of its content: the clock would make every file differ."""
_GEOJSON_DECIMALS = 7
_TILE_SLACK, _LAST_TILE_SLACK = "4", "1"
"""How far a line in a tile may leave its course, of the 4,096 steps of a tile's side: half a pixel of a screen, and
less on the last level, which maps show larger."""


def write_gpkg(frame: geopandas.GeoDataFrame, path: Path | str, *, layer: str) -> None:
    """Write a GeoPackage with one layer.

    Parameters
    ----------
    frame
        Rows in the order wanted, with a reference system.
    path
        The file.
    layer
        Name of the layer.

    Raises
    ------
    CrsError
        When the frame has no reference system.
    StorageError
        When the disk refuses.
    """
    _write(frame, path, driver="GPKG", layer=layer, layer_options={"GEOMETRY_NAME": "geom"})


def write_flatgeobuf(frame: geopandas.GeoDataFrame, path: Path | str) -> None:
    """Write a FlatGeobuf with a spatial index; rows come back in the order of the index.

    Raises
    ------
    CrsError
        When the frame has no reference system.
    StorageError
        When the disk refuses.
    """
    _write(frame, path, driver="FlatGeobuf", layer=Path(path).stem)


def write_geojson(frame: geopandas.GeoDataFrame, path: Path | str) -> None:
    """Write a GeoJSON (RFC 7946): longitude and latitude in degrees with 7 decimals.

    Raises
    ------
    CrsError
        When the frame has no reference system.
    StorageError
        When the disk refuses.
    """
    parse_crs(frame.crs, what=str(path))
    options = {"RFC7946": "YES", "COORDINATE_PRECISION": str(_GEOJSON_DECIMALS)}
    _write(frame.to_crs(CRS84), path, driver="GeoJSON", layer=Path(path).stem, layer_options=options)


def write_parquet(frame: geopandas.GeoDataFrame, path: Path | str) -> None:
    """Write a GeoParquet 1.1 with Zstandard compression.

    Raises
    ------
    CrsError
        When the frame has no reference system.
    StorageError
        When the disk refuses.
    """
    parse_crs(frame.crs, what=str(path))
    with atomic_path(path) as temporary:
        frame.to_parquet(temporary, index=False, compression="zstd", schema_version="1.1.0")


def write_gpx(points: geopandas.GeoDataFrame, path: Path | str) -> None:
    """Write points as the waypoints of a GPX 1.1 file, which telephones and hand-held receivers read.

    Parameters
    ----------
    points
        Points in any reference system; of their columns only ``name``, ``cmt``, ``desc``, ``sym`` and ``type`` are
        written, those that the format knows.
    path
        The file, ending in ``.gpx``.

    Raises
    ------
    CrsError
        When the frame has no reference system.
    InputError
        When there is no point, or a geometry is none.
    StorageError
        When the disk refuses.
    """
    parse_crs(points.crs, what=str(path))
    if not len(points) or set(points.geom_type) != {"Point"}:
        raise InputError(
            _("No hay puntos que poner en {path}").format(path=path), expected=_("Se esperaba al menos un punto")
        )
    known = [name for name in ("name", "cmt", "desc", "sym", "type") if name in points]
    _write(points[[*known, points.geometry.name]].to_crs(CRS84), path, driver="GPX", layer="waypoints")


def write_pmtiles(
    frame: geopandas.GeoDataFrame,
    path: Path | str,
    *,
    layer: str,
    min_zoom: int,
    max_zoom: int,
    max_tile_bytes: int = 1_000_000,
) -> None:
    """Write a PMTiles archive of vector tiles.

    Parameters
    ----------
    frame
        Rows with a reference system.
    path
        The file, ending in ``.pmtiles``.
    layer
        Name of the layer inside every tile.
    min_zoom, max_zoom
        First and last zoom level, 0 to 22.
    max_tile_bytes
        Above this size a tile drops precision and then features, bytes.

    Raises
    ------
    InputError
        When the frame has no rows: an archive of no tiles cannot be written.
    CrsError
        When the frame has no reference system.
    StorageError
        When the disk refuses.
    """
    if not len(frame):
        raise InputError(
            _("No hay nada que poner en {path}").format(path=path), expected=_("Se esperaba al menos una geometría")
        )
    options = {
        "MINZOOM": str(min_zoom),
        "MAXZOOM": str(max_zoom),
        "NAME": layer,
        "MAX_SIZE": str(max_tile_bytes),
        "SIMPLIFICATION": _TILE_SLACK,
        "SIMPLIFICATION_MAX_ZOOM": _LAST_TILE_SLACK,
    }
    _write(frame, path, driver="PMTiles", layer=layer, dataset_options=options)


def _write(
    frame: geopandas.GeoDataFrame,
    path: Path | str,
    *,
    driver: str,
    layer: str,
    dataset_options: dict[str, str] | None = None,
    layer_options: dict[str, str] | None = None,
) -> None:
    parse_crs(frame.crs, what=str(path))
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
    foreign = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError)
    kinds: dict[str, Any] = {} if len(frame) else {"geometry_type": "Unknown"}
    with atomic_path(path) as temporary, warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            pyogrio.write_dataframe(
                frame,
                temporary,
                layer=layer,
                driver=driver,
                dataset_options=dataset_options,
                layer_options=layer_options,
                **kinds,
            )
        except foreign as error:
            raise _refused(path, str(error)) from error
        for warning in heard:
            if issubclass(warning.category, RuntimeWarning):
                raise _refused(path, str(warning.message))
        with storage_errors(path):
            if not temporary.exists() or temporary.stat().st_size == 0:
                raise _refused(path, _("no se escribió nada"))


def _refused(path: Path | str, reason: str) -> StorageError:
    return StorageError(
        _("No se pudo escribir {path}: {reason}").format(path=path, reason=reason[:160]),
        expected=_("Hace falta una carpeta en la que se pueda escribir y espacio libre; no quedó nada a medio hacer"),
        remedy=_("Libere espacio o elija otra carpeta y repita la orden"),
    )
