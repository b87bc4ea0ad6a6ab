"""The municipalities that a boundary file names: one row each, with code, name and province."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import geopandas as gpd

from gis.errors import InputError
from gis.messages import translator
from layers.founding.boundary_columns import BoundaryColumns, find_columns, refuse_code, text_of
from layers.founding.boundary_source import read_boundaries
from layers.founding.municipality_codes import chosen, codes_of, made_codes
from layers.founding.municipality_names import as_written, read_names, told_apart
from layers.map_layer import Bounds
from layers.spelling import plain_text, spelling_key

_ = translator("layers")

_MOST_TOLD = 8


@dataclass(frozen=True, kw_only=True)
class BoundaryRequest:
    """Which municipalities of which file."""

    path: Path
    """The boundary file."""
    code: str = ""
    """Column of the codes; guessed when empty."""
    name: str = ""
    """Column of the names; guessed when empty."""
    layer: str = ""
    """Layer of the file; the only one when empty."""
    crs: str = ""
    """Reference system of a file that states none."""
    only: tuple[str, ...] = ()
    """Codes, or beginnings of codes, of those wanted; empty is all."""
    names: Path | None = None
    """Table of names by code."""


@dataclass(frozen=True, eq=False, kw_only=True)
class BoundaryMunicipalities:
    """What was read."""

    outlines: gpd.GeoDataFrame
    """``code``, ``name``, ``province`` and ``geometry`` in longitude and latitude, in the order of the codes."""
    columns: BoundaryColumns
    spellings: Mapping[str, tuple[str, ...]]
    """Code to the other spellings of its name in the file."""
    remarks: tuple[str, ...]
    """What was assumed, changed and left out, a sentence each."""


def municipalities_of(request: BoundaryRequest) -> BoundaryMunicipalities:
    """Read the municipalities of a boundary file.

    Raises
    ------
    gis.errors.MissingError
        The file, a column, or a municipality that was asked for is not there.
    gis.errors.InputError
        It is no file of polygons, a code names two municipalities, or nothing is left.
    gis.errors.CrsError
        It states no reference system and none fits.
    """
    source = read_boundaries(request.path, layer=request.layer, crs=request.crs)
    file, frame = request.path.name, source.frame
    columns = find_columns(frame, code=request.code, name=request.name, file=file)
    remarks = list(source.remarks)
    if columns.code:
        bounds = cast("Bounds", tuple(float(value) for value in frame.total_bounds))
        coded = codes_of([text_of(value) for value in frame[columns.code]], bounds=bounds)
        codes, told = coded.codes, coded.remarks
    else:
        codes, told = _numbered(frame, columns.name)
    remarks += told
    wanted = chosen(codes, request.only)
    kept = [place for place, code in enumerate(codes) if code and wanted[place]]
    if not kept:
        raise InputError(_("{file} no trae ningún municipio con código").format(file=file))
    read = gpd.GeoDataFrame({"code": [codes[place] for place in kept]}, geometry=list(frame.geometry.iloc[kept]))
    read = read.set_crs(frame.crs)
    for code in sorted(set(read["code"])):
        refuse_code(code, column=columns.code, file=file)
    spelt = _spelt(frame, columns.name, kept, list(read["code"]), file)
    provinces = _first_of(frame, columns.province, kept, list(read["code"]))
    names, more = _names(spelt, request.names, provinces)
    outlines = read.dissolve(by="code").sort_index().reset_index()
    outlines = outlines.assign(
        name=[names[code] for code in outlines["code"]], province=[provinces.get(code, "") for code in outlines["code"]]
    )
    return BoundaryMunicipalities(
        outlines=outlines[["code", "name", "province", "geometry"]],
        columns=columns,
        spellings={code: spelt[code][1:] for code in names if len(spelt[code]) > 1},
        remarks=(*remarks, *more),
    )


def _numbered(frame: gpd.GeoDataFrame, column: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give municipalities without a code a number in the order of their names; a row without a name is none."""
    names = [text_of(value) for value in frame[column]]
    order = sorted({name for name in names if name}, key=lambda name: (plain_text(name), name))
    made = dict(zip(order, made_codes(len(order)), strict=True))
    told = [
        _("El archivo no trae códigos: se numeraron los municipios por orden alfabético, de {first} a {last}").format(
            first="001", last=made[order[-1]]
        )
    ]
    blank = sum(not name for name in names)
    if blank:
        told.append(_("{count} filas sin nombre, descartadas").format(count=blank))
    return tuple(made.get(name, "") for name in names), tuple(told)


def _spelt(
    frame: gpd.GeoDataFrame, column: str, kept: Sequence[int], codes: Sequence[str], file: str
) -> dict[str, tuple[str, ...]]:
    """Return the spellings of each code's name, the commonest first; two different names are refused."""
    found: dict[str, list[str]] = {code: [] for code in codes}
    for place, code in zip(kept, codes, strict=True):
        text = text_of(frame[column].iloc[place]) if column else ""
        if text and spelling_key(text) != spelling_key(code):
            found[code].append(text)
    for code, texts in found.items():
        keys = {plain_text(each): each for each in reversed(texts)}
        if len(keys) > 1:
            raise InputError(
                _("{file}: el código {code} nombra varios municipios: {names}").format(
                    file=file, code=code, names=", ".join(sorted(keys.values())[:_MOST_TOLD])
                ),
                expected=_("Un código distinto por municipio"),
                remedy=_("Indique otra columna con --code"),
            )
    return {
        code: tuple(sorted(set(texts), key=lambda each, texts=texts: (-texts.count(each), each)))  # type: ignore[misc]
        for code, texts in found.items()
    }


def _first_of(frame: gpd.GeoDataFrame, column: str, kept: Sequence[int], codes: Sequence[str]) -> dict[str, str]:
    if not column:
        return {}
    found: dict[str, str] = {}
    for place, code in zip(kept, codes, strict=True):
        found.setdefault(code, text_of(frame[column].iloc[place]))
    return as_written({code: text for code, text in found.items() if text})[0]


def _names(
    spelt: Mapping[str, tuple[str, ...]], table: Path | None, provinces: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return one name per code, all different: the table's, else the file's, else one made of the code."""
    remarks = []
    own, capitals = as_written({code: texts[0] for code, texts in spelt.items() if texts})
    if capitals:
        remarks.append(_("Los nombres venían en mayúsculas; se escribieron como nombres propios"))
    if table is not None:
        listed = read_names(table)
        given = {code: listed[spelling_key(code)] for code in spelt if spelling_key(code) in listed}
        remarks.append(
            _("{file} da el nombre de {count} de {total} municipios").format(
                file=table.name, count=len(given), total=len(spelt)
            )
        )
        own |= given
    nameless = sorted(code for code in spelt if code not in own)
    if nameless:
        told = ", ".join(nameless[:_MOST_TOLD]) + (" …" if len(nameless) > _MOST_TOLD else "")
        remarks.append(
            _("{count} municipios sin nombre; se llaman por su código: {codes}. Escríbalos en territory.toml").format(
                count=len(nameless), codes=told
            )
        )
    own |= {code: _("Municipio {code}").format(code=code) for code in nameless}
    names, twice = told_apart(own, provinces)
    if twice:
        shown = ", ".join(twice[:_MOST_TOLD]) + (" …" if len(twice) > _MOST_TOLD else "")
        remarks.append(_("Nombres repetidos; se distinguen por provincia o código: {names}").format(names=shown))
    return names, tuple(remarks)
