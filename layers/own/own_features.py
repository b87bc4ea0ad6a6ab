"""A user's vector file or table as what is written: features in the territory's projection, or rows by municipality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import geopandas as gpd
import pandas as pd

from gis.errors import InputError, MissingError
from gis.messages import translator
from gis.vectors.plain_table import FIRST_LINE, read_text_table
from layers.map_layer import Bounds
from layers.own.own_coordinates import GEOGRAPHIC, CoordinateColumns, coordinate_columns, placed
from layers.own.own_dates import date_column, iso_dates
from layers.own.own_request import OwnRequest, words_of
from layers.own.own_values import Legend, classed, legend_of, typed
from layers.preparation.boundaries import expected_box
from layers.preparation.territory_grid import read_municipalities
from layers.sources.municipal_rows import code_column_of, municipal_rows
from layers.sources.vector_piece import read_in_place
from layers.workspace import Workspace

_ = translator("layers")

TABLES = (".csv", ".txt", ".tsv")
"""Endings of tables of text."""
_AROUND_DEG = 0.05
_NAMES_OF_ANYTHING = {"nombre", "name", "codigo", "code"}
"""Titles that may, or may not, be those of municipalities."""
_MOST_TOLD = 5


@dataclass(frozen=True, eq=False, kw_only=True)
class OwnContent:
    """What a file of a user holds."""

    table: pd.DataFrame
    """Features (a ``GeoDataFrame``), or rows by municipality with ``code`` and ``name``."""
    geometry: str
    """``point``, ``line``, ``polygon`` or ``municipality``."""
    legend: Legend
    styled: str
    """Property that the legend's values belong to."""
    date_column: str = ""
    steps: tuple[str, ...] = ()


def own_content(workspace: Workspace, request: OwnRequest) -> OwnContent:
    """Read a user's vector file or table.

    Raises
    ------
    gis.errors.VallesError
        The file is absent or damaged, says neither where nor which municipality, lies elsewhere, has its axes
        exchanged, names unknown municipalities, writes dates in several ways, or repeats a row.
    """
    if request.file.suffix.lower() in TABLES:
        return _of_table(workspace, request)
    return _of_vector(workspace, request)


def box_of(workspace: Workspace) -> Bounds:
    """Return the box of the territory with 5 km around it, degrees."""
    west, south, east, north = (float(each) for each in read_municipalities(workspace).to_crs(GEOGRAPHIC).total_bounds)
    return (west - _AROUND_DEG, south - _AROUND_DEG, east + _AROUND_DEG, north + _AROUND_DEG)


def _of_vector(workspace: Workspace, request: OwnRequest) -> OwnContent:
    frame = read_in_place(request.file, box_of(workspace), layer=request.layer or None)
    if not len(frame):
        near = expected_box(workspace.territory) or box_of(workspace)
        # Nothing here: say whether that is because the data lies elsewhere or has its axes exchanged.
        read_in_place(request.file, near, layer=request.layer or None, near=near)
        raise InputError(
            _("{file} no trae nada dentro del territorio").format(file=request.file.name),
            expected=_("Al menos un elemento en el territorio o a menos de 5 km de él"),
        )
    kinds = {name.removeprefix("Multi").replace("LinearRing", "LineString") for name in frame.geom_type}
    if len(kinds) > 1:
        raise InputError(
            _("{file} mezcla geometrías: {kinds}").format(file=request.file.name, kinds=", ".join(sorted(kinds))),
            expected=_("Solo puntos, solo líneas o solo polígonos"),
            remedy=_("Sepárelas en varios archivos"),
        )
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    steps = [_("{count} elementos dentro de 5 km del territorio, reproyectados").format(count=len(frame))]
    geometry = {"Point": "point", "LineString": "line"}.get(kinds.pop(), "polygon")
    return _content(workspace, request, gpd.GeoDataFrame(table, geometry=frame.geometry), geometry, steps)


def _of_table(workspace: Workspace, request: OwnRequest) -> OwnContent:
    table = read_text_table(request.file)
    if not len(table):
        raise InputError(
            _("{file} no tiene ninguna fila").format(file=request.file.name),
            expected=_("Títulos en la primera línea y una fila por dato"),
        )
    names = [str(name) for name in table.columns]
    when = date_column(names)
    if when:  # before rows are left out, so that a message names the line of the file
        table[when] = iso_dates(list(table[when]), what=request.file.name, column=when)
    where = coordinate_columns(names)
    if where is not None:
        return _points(workspace, request, table, where)
    column = code_column_of(names)
    if column is not None and words_of(column) in _NAMES_OF_ANYTHING:
        column = column if any(workspace.territory.find(value) for value in table[column]) else None
    if column is None:
        raise MissingError(
            _("{file} no dice dónde: no tiene coordenadas ni municipio").format(file=request.file.name),
            expected=_("Columnas lon y lat, este y norte (UTM), o cod_ine o municipio; tiene: {names}").format(
                names=", ".join(names)
            ),
            remedy=_("Agregue esas columnas, o cambie sus títulos"),
        )
    return _municipal(workspace, request, table, column)


def _points(workspace: Workspace, request: OwnRequest, table: pd.DataFrame, where: CoordinateColumns) -> OwnContent:
    frame, steps = placed(table, where, workspace, request)
    kept = frame.drop(columns=list(where.names))
    steps = [_("{count} puntos por las columnas {names}").format(count=len(kept), names=", ".join(where.names)), *steps]
    return _content(workspace, request, kept, "point", steps)


def _municipal(workspace: Workspace, request: OwnRequest, table: pd.DataFrame, column: str) -> OwnContent:
    territory = workspace.territory
    unknown = [line for line, value in enumerate(table[column], start=FIRST_LINE) if territory.find(value) is None]
    if unknown and not request.only_inside:
        first = table[column].iloc[unknown[0] - FIRST_LINE]
        raise InputError(
            _("{file}, línea {line}: «{value}» no es un municipio del territorio ({count} filas así)").format(
                file=request.file.name, line=unknown[0], value=first, count=len(unknown)
            ),
            expected=_("Códigos como {codes}, con o sin cero, o nombres de sus municipios").format(
                codes=", ".join(territory.codes[:3])
            ),
            remedy=_("Corrija el código, agregue la grafía a `aliases` en territory.toml, o use --only-inside"),
        )
    joined = municipal_rows(table, territory, what=request.file.name, column=column)
    return _content(workspace, request, joined.rows, "municipality", [joined.step])


def _content(
    workspace: Workspace, request: OwnRequest, table: pd.DataFrame, geometry: str, steps: Sequence[str]
) -> OwnContent:
    """Bring columns to their types, dates to ISO 8601 and the legend to its classes."""
    what, told = request.file.name, list(steps)
    shapes = table.geometry if isinstance(table, gpd.GeoDataFrame) else None
    cells = pd.DataFrame(table if shapes is None else table.drop(columns=shapes.name)).reset_index(drop=True)
    when = words_of(date_column([str(name) for name in cells.columns]))
    dated = next((name for name in cells.columns if when and words_of(str(name)) == when), None)
    if dated is not None:
        cells[dated] = iso_dates([_text(each) for each in cells[dated]], what=what, column=str(dated))
    dates = None if dated is None else cells.pop(dated)
    plain, personal = typed(cells, what=what)
    if personal:
        told.append(_("columnas de personas, omitidas: {names}").format(names=", ".join(personal)))
    legend = legend_of(plain, request.column, what=what, number_first=geometry == "municipality")
    plain, styled = classed(plain, legend)
    if dates is not None:
        plain = plain.assign(**{when: dates})
    _refuse_doubled(plain, geometry, what)
    if shapes is None:
        found = plain.sort_values([name for name in ("code", when) if name], kind="stable").reset_index(drop=True)
        return OwnContent(
            table=found, geometry=geometry, legend=legend, styled=styled, date_column=when, steps=tuple(told)
        )
    frame = gpd.GeoDataFrame(plain, geometry=list(shapes), crs=GEOGRAPHIC).to_crs(workspace.territory.crs)
    return OwnContent(
        table=cast("pd.DataFrame", frame),
        geometry=geometry,
        legend=legend,
        styled=styled,
        date_column=when,
        steps=tuple(told),
    )


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)  # noqa: PLR0124  NaN differs from itself


def _refuse_doubled(table: pd.DataFrame, geometry: str, what: str) -> None:
    """Refuse two rows of one municipality, date and kind, and two features of one id."""
    if geometry == "municipality":
        texts = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
        keys = [name for name in texts if name not in {"name", "legend_class"}]
    else:
        keys = ["id"] if "id" in table.columns else []
    if not keys:
        return
    again = table.duplicated(keys, keep="first") & table[keys].notna().any(axis=1)
    if again.any():
        row = int(again.to_numpy().nonzero()[0][0])
        told = ", ".join(f"{name} = {table[name].iloc[row]}" for name in keys[:_MOST_TOLD])
        raise InputError(
            _("{file}: fila repetida ({keys})").format(file=what, keys=told),
            expected=_("Cada id una vez") if geometry != "municipality" else _("Una fila por municipio, fecha y clase"),
            remedy=_("Quite la fila repetida, o sume las dos"),
        )


def own_file_name(identity: str, content: OwnContent) -> Path:
    """Return the name of the file that a layer is written to."""
    return Path(f"{identity}{'.csv' if content.geometry == 'municipality' else '.gpkg'}")
