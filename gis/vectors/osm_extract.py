"""OpenStreetMap extracts, ``.osm.pbf`` or ``.osm``, read by layer, key and box in bounded memory.

The reader keeps what it knows of nodes in memory up to 64 MB and beyond that in a temporary file on the disk.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, cast

import geopandas
import pyogrio
import pyogrio.errors

from gis.atomic import storage_errors
from gis.errors import InputError, MissingError
from gis.grid import Bounds
from gis.messages import translator
from gis.vectors.osm_blocks import extract_date

_ = translator("gis")

OsmLayer = Literal["points", "lines", "multipolygons"]
"""Nodes with a tag of their own; open ways; closed ways of areas, and relations of them."""

_AREAS = (
    "aeroway,amenity,boundary,building,craft,geological,historic,landuse,leisure,military,natural,office,place,shop,"
    "sport,tourism"
)
_MEGABYTES_IN_MEMORY = "64"
_FOREIGN = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError)


def read_osm(
    path: Path | str, layer: OsmLayer, *, keys: Sequence[str], any_of: Sequence[str], bbox: Bounds
) -> geopandas.GeoDataFrame:
    """Return the objects of an extract in a box that have at least one of some keys.

    Parameters
    ----------
    path
        The extract; its name ends in ``.pbf`` or ``.osm``.
    layer
        Which objects.
    keys
        Keys that become columns, each text or missing.
    any_of
        Keys of which an object must have one; all among ``keys``.
    bbox
        West, south, east, north in degrees: only what touches it.

    Returns
    -------
    geopandas.GeoDataFrame
        One column for each of ``keys``, and the geometry in WGS 84; objects are whole, not cut at the box.

    Raises
    ------
    MissingError
        When there is no such file.
    InputError
        When it is no extract, or is cut short.
    """
    file = Path(path)
    if not file.is_file():
        raise MissingError(_("No existe el archivo {path}").format(path=file))
    if file.suffix.lower() == ".pbf":
        extract_date(file)
    wanted = list(dict.fromkeys(keys))
    where = " OR ".join(f'"{key}" IS NOT NULL' for key in any_of)
    with storage_errors(file), tempfile.TemporaryDirectory(prefix="valles-") as folder:
        settings = Path(folder) / "osmconf.ini"
        settings.write_text(_settings(wanted), encoding="utf-8")
        pyogrio.set_gdal_config_options({"OSM_MAX_TMPFILE_SIZE": _MEGABYTES_IN_MEMORY, "CPL_TMPDIR": folder})
        try:
            with warnings.catch_warnings(record=True) as heard:
                warnings.simplefilter("always")
                # Feature by feature: by Arrow a block that cannot be read would end the answer without a word.
                frame = pyogrio.read_dataframe(
                    file, layer=layer, columns=wanted, bbox=bbox, where=where, CONFIG_FILE=str(settings)
                )
        except (*_FOREIGN, OSError, ValueError) as error:
            raise _unreadable(file, str(error)) from error
        finally:
            pyogrio.set_gdal_config_options({"OSM_MAX_TMPFILE_SIZE": None, "CPL_TMPDIR": None})
    for warning in heard:
        if issubclass(warning.category, RuntimeWarning):
            raise _unreadable(file, str(warning.message))
    found = frame[[*wanted, frame.geometry.name]]
    return cast("geopandas.GeoDataFrame", found[~(found.geometry.isna() | found.geometry.is_empty)])


def _settings(keys: Sequence[str]) -> str:
    """Return what tells the reader which keys become columns."""
    head = f"closed_ways_are_polygons={_AREAS}\nattribute_name_laundering=no\n"
    told = "osm_id=no\nosm_version=no\nosm_timestamp=no\nosm_uid=no\nosm_user=no\nosm_changeset=no\nother_tags=no\n"
    attributes = f"attributes={','.join(keys)}\n"
    return head + "".join(f"\n[{name}]\n{told}{attributes}" for name in ("points", "lines", "multipolygons"))


def _unreadable(file: Path, reason: str) -> InputError:
    return InputError(
        _("{path} no se puede leer como extracto de OpenStreetMap: {reason}").format(path=file, reason=reason[:160]),
        expected=_("Se esperaba un archivo .osm.pbf o .osm entero"),
        remedy=_("Vuelva a descargarlo"),
    )
