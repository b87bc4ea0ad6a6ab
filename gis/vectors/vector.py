"""Reading vector files, with every bad input refused in words; the measures and rasters of frames are re-exported."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, cast

import geopandas
import numpy as np
import pyogrio
import pyogrio.errors
import pyproj
import shapely

from gis.crs import CRS84, parse_crs, refuse_degrees_as_metres
from gis.errors import InputError, MissingError
from gis.grid import Bounds
from gis.messages import translator
from gis.vectors.point_table import read_point_table
from gis.vectors.rasterise import majority_mask, rasterise, rasterise_values
from gis.vectors.vector_measures import area_ha, gap_area, overlap_area
from gis.vectors.vector_place import refuse_elsewhere, refuse_swapped

_ = translator("gis")

__all__ = [
    "area_ha",
    "gap_area",
    "layers_of",
    "majority_mask",
    "overlap_area",
    "rasterise",
    "rasterise_values",
    "read_vector",
    "refuse_elsewhere",
]


def layers_of(path: Path | str) -> tuple[str, ...]:
    """Return the names of the layers of a vector file.

    Raises
    ------
    MissingError
        When there is no such file.
    InputError
        When it is empty, damaged or no vector file.
    """
    file = Path(path)
    _refuse_absent_or_empty(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters of a damaged file is told when it is read
            return tuple(str(name) for name, _kind in pyogrio.list_layers(file))
    except pyogrio.errors.DataSourceError as error:
        raise _unreadable(file, error) from error


def read_vector(
    path: Path | str,
    *,
    layer: str | None = None,
    columns: Sequence[str] | None = None,
    bbox: Bounds | None = None,
    crs: Any = None,  # noqa: ANN401  any name of a reference system
    unstated: Any = None,  # noqa: ANN401  any name of a reference system
    near: Bounds | None = None,
    invalid: Literal["repair", "refuse"] = "repair",
    may_be_empty: bool = False,
) -> geopandas.GeoDataFrame:
    """Read a vector file: GeoPackage, GeoJSON, FlatGeobuf, Shapefile, or a table with longitude and latitude.

    Parameters
    ----------
    path
        The file, or the name that :func:`gis.vectors.archive_members.vector_members` gives one in an archive.
    layer
        Which layer; may be left out where there is one only.
    columns
        Attributes wanted; ``None`` is all.
    bbox
        West, south, east, north in degrees: only what touches it. An empty answer is then no error.
    crs
        Reference system wanted; ``None`` keeps the file's own.
    unstated
        Reference system of a file that states none, for formats that cannot, such as TopoJSON; it is taken only where
        the coordinates fit it, and ``attrs["assumed_crs"]`` then says so. ``None`` refuses such a file.
    near
        West, south, east, north in degrees where the data is expected: it refuses and recognises swapped axes.
    invalid, may_be_empty
        Whether polygons that cross themselves are made valid or refused, and whether no feature is an answer.

    Returns
    -------
    geopandas.GeoDataFrame
        In the order of the file, flat, without the rows that have no geometry; ``attrs`` counts those
        (``without_geometry``) and the mended ones (``repaired``).

    Raises
    ------
    MissingError
        When the file, the layer or a column is not there.
    InputError
        When it is empty, truncated, no vector file, lies elsewhere, has swapped axes, or crosses itself unrepaired.
    CrsError
        When it has no reference system or contradicts it.
    """
    file = Path(path)
    _refuse_absent_or_empty(file)
    tabular = file.suffix.lower() == ".csv"
    frame = read_point_table(file) if tabular else _read_layer(file, _only_layer(file, layer), columns, bbox)
    assumed = frame.crs is None and unstated is not None
    frame = frame.set_crs(parse_crs(unstated if assumed else frame.crs, what=str(file)))
    frame = _with_geometry(frame, file, may_be_empty=may_be_empty or bbox is not None)
    if len(frame):
        _refuse_misplaced(frame, file, near)
    frame.attrs |= {"assumed_crs": str(frame.crs.name)} if assumed else {}
    return _projected(_valid(frame, file, invalid), crs, file)


def _refuse_misplaced(frame: geopandas.GeoDataFrame, file: Path, near: Bounds | None) -> None:
    file_crs = parse_crs(frame.crs, what=str(file))
    bounds = cast("Bounds", tuple(float(value) for value in frame.total_bounds))
    refuse_swapped(file_crs, bounds, what=str(file))
    refuse_degrees_as_metres(file_crs, bounds, what=str(file))
    if near is not None:
        refuse_elsewhere(frame, near, what=str(file))


def _projected(frame: geopandas.GeoDataFrame, crs: Any, file: Path) -> geopandas.GeoDataFrame:  # noqa: ANN401  as above
    if crs is None:
        return frame
    projected = frame.to_crs(parse_crs(crs, what=str(file)))
    projected.attrs = frame.attrs
    return cast("geopandas.GeoDataFrame", projected)


def _refuse_absent_or_empty(file: Path) -> None:
    if str(file).startswith("/vsizip/"):  # a member of an archive that was looked into
        return
    if not file.exists():
        raise MissingError(
            _("No existe el archivo {path}").format(path=file), remedy=_("Revise el nombre y la carpeta")
        )
    if file.is_file() and file.stat().st_size == 0:
        raise InputError(
            _("{path} está vacío (0 bytes)").format(path=file),
            expected=_("Se esperaba una capa vectorial"),
            remedy=_("Vuelva a descargarlo"),
        )


def _unreadable(file: Path, error: BaseException | str) -> InputError:
    return InputError(
        _("{path} no se puede leer como capa vectorial: {reason}").format(path=file, reason=str(error)[:160]),
        expected=_(
            "Se esperaba un archivo entero: GeoPackage, GeoJSON, FlatGeobuf, Shapefile o una tabla con lon y lat"
        ),
        remedy=_("El archivo está dañado, cortado o es de otro tipo: vuelva a descargarlo"),
    )


def _only_layer(file: Path, layer: str | None) -> str:
    names = layers_of(file)
    if not names:
        raise _unreadable(file, _("no tiene capas"))
    if layer is None and len(names) == 1:
        return names[0]
    if layer is None:
        raise InputError(
            _("{path} tiene {count} capas").format(path=file, count=len(names)),
            expected=_("Se esperaba que se dijera cuál: {names}").format(names=", ".join(names)),
        )
    if layer not in names:
        raise MissingError(
            _("{path} no tiene la capa «{layer}»").format(path=file, layer=layer),
            expected=_("Tiene: {names}").format(names=", ".join(names)),
        )
    return layer


def _read_layer(file: Path, layer: str, columns: Sequence[str] | None, bbox: Bounds | None) -> geopandas.GeoDataFrame:
    foreign = (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError, pyogrio.errors.GeometryError)
    try:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            info = pyogrio.read_info(file, layer=layer)
            absent = sorted(set(columns or ()) - set(info["fields"]))
            if absent:
                raise MissingError(
                    _("{path} no tiene la columna «{column}»").format(path=file, column=absent[0]),
                    expected=_("Tiene: {names}").format(names=", ".join(info["fields"])),
                )
            box = None if bbox is None else _in_file_crs(bbox, parse_crs(info["crs"], what=str(file)))
            wanted = None if columns is None else list(columns)
            frame = pyogrio.read_dataframe(file, layer=layer, columns=wanted, bbox=box)
    except (*foreign, shapely.errors.GEOSException, ValueError, UnicodeDecodeError) as error:
        if isinstance(error, InputError):
            raise
        raise _unreadable(file, error) from error
    for warning in heard:
        if issubclass(warning.category, RuntimeWarning):
            raise _unreadable(file, str(warning.message))
    if "geometry" not in frame:
        raise _unreadable(file, _("no tiene geometrías"))
    return cast("geopandas.GeoDataFrame", frame)


def _in_file_crs(bbox: Bounds, crs: pyproj.CRS) -> Bounds:
    return pyproj.Transformer.from_crs(CRS84, crs, always_xy=True).transform_bounds(*bbox)


def _with_geometry(frame: geopandas.GeoDataFrame, file: Path, *, may_be_empty: bool) -> geopandas.GeoDataFrame:
    geometry = shapely.force_2d(np.asarray(frame.geometry.array, dtype=object))
    present = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    kept = frame.set_geometry(geopandas.GeoSeries(geometry, index=frame.index, crs=frame.crs))[present]
    if not len(kept) and not may_be_empty:
        raise InputError(
            _("{path} no tiene ninguna geometría ({rows} filas)").format(path=file, rows=len(frame)),
            expected=_("Se esperaba al menos una"),
            remedy=_("Revise la exportación del archivo"),
        )
    if not np.isfinite(shapely.get_coordinates(np.asarray(kept.geometry.array, dtype=object))).all():
        raise InputError(
            _("{path} tiene coordenadas infinitas o que no son números").format(path=file),
            expected=_("Se esperaban coordenadas finitas"),
        )
    kept = kept.reset_index(drop=True)
    kept.attrs["without_geometry"] = int((~present).sum())
    return cast("geopandas.GeoDataFrame", kept)


def _valid(frame: geopandas.GeoDataFrame, file: Path, invalid: Literal["repair", "refuse"]) -> geopandas.GeoDataFrame:
    geometry = np.asarray(frame.geometry.array, dtype=object)
    wrong = ~shapely.is_valid(geometry)
    if wrong.any() and invalid == "refuse":
        first = int(np.flatnonzero(wrong)[0])
        raise InputError(
            _("{path} tiene {count} polígonos que se cruzan a sí mismos; el primero en la fila {row}: {reason}").format(
                path=file, count=int(wrong.sum()), row=first + 1, reason=shapely.is_valid_reason(geometry[first])
            ),
            expected=_("Se esperaban polígonos válidos"),
            remedy=_("Repare la geometría (por ejemplo «Corregir geometrías» de QGIS) y vuelva a intentarlo"),
        )
    if wrong.any():
        geometry = geometry.copy()
        geometry[wrong] = shapely.make_valid(geometry[wrong], method="structure", keep_collapsed=False)
        attrs = frame.attrs
        frame = frame.set_geometry(geopandas.GeoSeries(geometry, index=frame.index, crs=frame.crs))
        frame.attrs = attrs
    frame.attrs["repaired"] = int(wrong.sum())
    return frame
