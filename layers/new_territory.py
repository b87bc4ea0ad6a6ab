"""A territory from a boundary file: columns guessed, projection chosen, a commented ``territory.toml`` to fill in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from gis.crs import equal_area_crs, utm_crs
from gis.errors import InputError, MissingError
from gis.messages import translator
from gis.vectors.vector import read_vector
from gis.vectors.vector_files import write_gpkg
from layers.preparation.boundaries import prepare_boundaries
from layers.serving.vector_layer import GEOGRAPHIC
from layers.spelling import plain_text
from layers.territory import Municipality, Territory, load_territory
from layers.workspace import Workspace

_ = translator("layers")

BOUNDARY_FILE = "boundaries.gpkg"
"""Name of a workspace's own boundary file."""
_CODE_NAMES = ("cod_ine", "codigo", "codigo_ine", "code", "cod_mun", "shapeid", "adm3_pcode", "adm2_pcode", "id", "gid")
_NAME_NAMES = ("municipio", "nombre", "name", "nom_mun", "shapename", "adm3_es", "adm2_es", "adm3_name", "nombre_mun")
_CODE = re.compile(r"[0-9A-Za-z.\-_]{1,24}")
_MAX_UTM_WIDTH_DEG = 9.0


@dataclass(frozen=True, kw_only=True)
class NewTerritory:
    """What was read from a boundary file."""

    territory: Territory
    outlines: gpd.GeoDataFrame
    """``code``, ``name`` and ``geometry`` in longitude and latitude."""
    code_column: str
    name_column: str


def territory_from_boundaries(
    path: Path, *, code: str | None = None, name: str | None = None, territory_id: str | None = None
) -> NewTerritory:
    """Make a territory of every row of a boundary file.

    Parameters
    ----------
    path
        Polygons, one or more rows per municipality, in any reference system.
    code, name
        Columns; guessed when ``None``.
    territory_id
        Short lower-case name; by default that of the file.

    Raises
    ------
    gis.errors.MissingError
        A named column is not in the file, or none can serve as code.
    gis.errors.InputError
        The file is no usable polygon file, or codes repeat under different names.
    """
    frame = read_vector(path, crs=GEOGRAPHIC)
    code_column = code or _guess(frame, _CODE_NAMES, unique=True)
    name_column = name or _guess(frame, _NAME_NAMES, unique=False) or code_column
    for column in (code_column, name_column):
        if column is None or column not in frame.columns:
            raise MissingError(
                _("{file} no tiene una columna de códigos").format(file=path.name)
                if column is None
                else _("{file} no tiene la columna {column}").format(file=path.name, column=column),
                expected=_("Columnas encontradas: {names}").format(
                    names=", ".join(str(each) for each in frame.columns if each != frame.geometry.name) or "—"
                ),
                remedy=_("Indique la columna con --code y --name"),
            )
    outlines = _outlines(frame, str(code_column), str(name_column), path)
    west, south, east, north = (float(value) for value in outlines.total_bounds)
    lon, lat = (west + east) / 2, (south + north) / 2
    identity = territory_id or _identity(path.stem)
    area_crs = equal_area_crs(lon, lat)
    territory = Territory(
        id=identity,
        name=path.stem.replace("_", " ").strip().capitalize() or identity,
        # One UTM zone serves up to half a zone beyond its edges; a wider territory is laid out on the equal-area plane.
        crs=_text_of(utm_crs(lon, lat)) if east - west <= _MAX_UTM_WIDTH_DEG else _text_of(area_crs),
        area_crs=_text_of(area_crs),
        municipalities=tuple(
            Municipality(code=row.code, name=row.name) for row in outlines[["code", "name"]].itertuples(index=False)
        ),
        boundaries=BOUNDARY_FILE,
    )
    prepare_boundaries(outlines, territory)
    return NewTerritory(
        territory=territory, outlines=outlines, code_column=str(code_column), name_column=str(name_column)
    )


def init_from_boundaries(
    root: Path, path: Path, *, code: str | None = None, name: str | None = None, files: Mapping[str, str] | None = None
) -> tuple[Workspace, NewTerritory]:
    """Make a workspace for the municipalities of a boundary file.

    Its ``territory.toml`` is commented, and says what to fill in; the outlines lie beside it.

    Raises
    ------
    gis.errors.InputError
        ``root`` is a workspace already, or the file cannot be used.
    gis.errors.MissingError
        A column is not in the file.
    gis.errors.StorageError
        The folder cannot be written.
    """
    new = territory_from_boundaries(path, code=code, name=name)
    workspace = Workspace.init(root, new.territory, files=files)
    write_gpkg(new.outlines, workspace.root / BOUNDARY_FILE, layer="boundaries")
    load_territory(workspace.root)
    return workspace, new


def _guess(frame: gpd.GeoDataFrame, known: tuple[str, ...], *, unique: bool) -> str | None:
    """Return the first column of a known name; for codes, else the first whose values are all different and short."""
    names = {plain_text(column): str(column) for column in frame.columns if column != frame.geometry.name}
    for each in known:
        if plain_text(each) in names:
            return names[plain_text(each)]
    if not unique:
        texts = [name for name in names.values() if frame[name].map(lambda value: isinstance(value, str)).all()]
        return next((name for name in texts if frame[name].map(lambda text: any(map(str.isalpha, text))).all()), None)
    return next(
        (
            name
            for name in names.values()
            if frame[name].is_unique and frame[name].map(lambda value: bool(_CODE.fullmatch(_code(value)))).all()
        ),
        None,
    )


def _code(value: object) -> str:
    text = str(value).strip()
    return text.removesuffix(".0")


def _outlines(frame: gpd.GeoDataFrame, code: str, name: str, path: Path) -> gpd.GeoDataFrame:
    read = gpd.GeoDataFrame(
        {"code": [_code(value) for value in frame[code]], "name": [str(value).strip() for value in frame[name]]},
        geometry=list(frame.geometry),
        crs=frame.crs,
    )
    doubled = read.groupby("code")["name"].nunique()
    doubled = doubled[doubled > 1]
    if len(doubled):
        raise InputError(
            _("{file}: el código {code} nombra varios municipios").format(file=path.name, code=doubled.index[0]),
            expected=_("Un código distinto por municipio"),
            remedy=_("Indique otra columna con --code"),
        )
    return read.dissolve(by="code", aggfunc="first").sort_index().reset_index()[["code", "name", "geometry"]]


def _identity(text: str) -> str:
    bare = re.sub(r"[^a-z0-9]+", "_", plain_text_words(text)).strip("_")
    return bare if bare[:1].isalpha() else f"territorio_{bare}".rstrip("_")


def plain_text_words(text: str) -> str:
    """Return words lower-case and without accents, separated by one underscore.

    Examples
    --------
    >>> plain_text_words("Límites de Tarija")
    'limites_de_tarija'
    """
    return "_".join(plain_text(word) for word in re.split(r"[\W_]+", text) if plain_text(word))


def _text_of(crs: object) -> str:
    epsg = crs.to_epsg() if hasattr(crs, "to_epsg") else None
    if epsg:
        return f"EPSG:{epsg}"
    return str(getattr(crs, "srs", crs))
