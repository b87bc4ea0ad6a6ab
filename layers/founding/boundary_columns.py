"""Which columns of a boundary file hold the codes, the names and the provinces of its municipalities."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from gis.errors import InputError, MissingError
from gis.messages import translator
from layers.spelling import plain_text

_ = translator("layers")

_CODES = (
    *("cod_ine", "codigo_ine", "c_ut", "cod_mun", "cod_munici", "codmun", "codigo_municipal", "ubigeo", "cvegeo"),
    *("codigo", "code", "adm3_pcode", "adm2_pcode", "adm1_pcode", "shapeid", "gid_3", "gid_2", "id", "gid"),
)
_NAMES = (
    *("municipio", "nom_mun", "nombre_mun", "nombre_municipio", "nombre", "name", "shapename"),
    *("adm3_es", "adm2_es", "adm3_name", "adm2_name", "name_3", "name_2", "nomgeo", "distrito"),
)
_PROVINCES = ("provincia", "nom_prov", "prov", "adm2_es", "adm2_name", "name_2", "departamento", "adm1_es", "name_1")
_MOST = 0.9
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._\-]{0,23}")
_MOST_COLUMNS_TOLD = 20
_Fits = Callable[[gpd.GeoDataFrame, str], bool]


@dataclass(frozen=True, kw_only=True)
class BoundaryColumns:
    """Names of columns; empty where the file has none."""

    code: str
    name: str
    province: str


def find_columns(frame: gpd.GeoDataFrame, *, code: str = "", name: str = "", file: str) -> BoundaryColumns:
    """Say which columns are meant, guessing by their names and by what they hold.

    Parameters
    ----------
    frame
        A boundary file.
    code, name
        Columns the user named; guessed when empty.
    file
        Its name, for messages.

    Raises
    ------
    gis.errors.MissingError
        A named column is not in the file, or nothing in it tells one municipality from another.
    """
    for column in (code, name):
        if column and (column not in frame.columns or column == frame.geometry.name):
            raise MissingError(
                _("{file} no tiene la columna {column}").format(file=file, column=column),
                expected=_told(frame),
                remedy=_("Indique la columna con --code y --name"),
            )
    found = code or _known(frame, _CODES, _are_codes) or _codes_by_content(frame, apart=name)
    called = name or _known(frame, _NAMES, _are_names) or _names_by_content(frame)
    if not found and not called:
        raise MissingError(
            _("{file} no tiene una columna de códigos ni una de nombres").format(file=file),
            expected=_told(frame),
            remedy=_("Indique la columna con --code y --name"),
        )
    if not found and frame[called].map(plain_text).duplicated().any():
        twice = frame.loc[frame[called].map(plain_text).duplicated(), called].iloc[0]
        raise MissingError(
            _("{file} no tiene una columna de códigos, y «{name}» de {column} se repite").format(
                file=file, name=twice, column=called
            ),
            expected=_told(frame),
            remedy=_("Indique la columna de códigos con --code"),
        )
    province = next(
        (each for each in [_known(frame, _PROVINCES, _are_names)] if each and each not in {found, called}), ""
    )
    return BoundaryColumns(code=found, name=called, province=province)


def text_of(value: Any) -> str:  # noqa: ANN401  cells are of any type
    """Return a cell as text: no decimals behind a whole number, nothing for a missing value.

    Examples
    --------
    >>> text_of(70801.0), text_of(" 070801 "), text_of(None)
    ('70801', '070801', '')
    """
    if value is None or (not isinstance(value, str) and bool(pd.isna(value))):
        return ""
    text = " ".join(str(value).split())
    return text.removesuffix(".0") if isinstance(value, float) or re.fullmatch(r"\d+\.0", text) else text


def refuse_code(code: str, *, column: str, file: str) -> None:
    """Refuse what cannot be a code: it names files and addresses.

    Raises
    ------
    gis.errors.InputError
        It has blanks, bars or more than 24 signs.
    """
    if not _CODE.fullmatch(code):
        raise InputError(
            _("{file}: «{code}» de la columna {column} no sirve como código").format(
                file=file, code=code[:40], column=column
            ),
            expected=_("Hasta 24 letras sin acento, cifras, puntos o guiones"),
            remedy=_("Indique otra columna con --code"),
        )


def _told(frame: gpd.GeoDataFrame) -> str:
    names = [str(each) for each in frame.columns if each != frame.geometry.name]
    more = ["…"] if len(names) > _MOST_COLUMNS_TOLD else []
    return _("Columnas encontradas: {names}").format(names=", ".join(names[:_MOST_COLUMNS_TOLD] + more) or "—")


def _texts(frame: gpd.GeoDataFrame, column: str) -> list[str]:
    return [text for text in map(text_of, frame[column]) if text]


def _share(texts: list[str], rows: int, *, good: re.Pattern[str]) -> float:
    return sum(bool(good.search(each)) for each in texts) / max(rows, 1)


def _are_codes(frame: gpd.GeoDataFrame, column: str) -> bool:
    texts = _texts(frame, column)
    return bool(texts) and _share(texts, len(frame), good=_WHOLE_CODE) >= _MOST


def _are_names(frame: gpd.GeoDataFrame, column: str) -> bool:
    return _share(_texts(frame, column), len(frame), good=_LETTERS) >= _MOST


_WHOLE_CODE = re.compile(rf"^{_CODE.pattern}$")
_LETTERS = re.compile(r"[^\W\d_]{2}")


def _known(frame: gpd.GeoDataFrame, known: tuple[str, ...], fits: _Fits) -> str:
    names = {plain_text(column): str(column) for column in frame.columns if column != frame.geometry.name}
    there = [names[plain_text(each)] for each in known if plain_text(each) in names]
    return next((column for column in there if fits(frame, column)), "")


def _codes_by_content(frame: gpd.GeoDataFrame, *, apart: str) -> str:
    """Return the first column of short values with a cipher each, nearly all different; text before numbers."""
    columns = [str(each) for each in frame.columns if each not in {frame.geometry.name, apart}]
    texts = [each for each in columns if not pd.api.types.is_numeric_dtype(frame[each])]
    whole = [each for each in columns if pd.api.types.is_integer_dtype(frame[each])]
    for column in (*texts, *whole):
        values = _texts(frame, column)
        ciphers = sum(any(map(str.isdigit, each)) for each in values) >= _MOST * len(frame)
        if _are_codes(frame, column) and ciphers and len(set(values)) >= _MOST * len(frame):
            return column
    return ""


def _names_by_content(frame: gpd.GeoDataFrame) -> str:
    columns = [str(each) for each in frame.columns if each != frame.geometry.name]
    plain = [each for each in columns if not any(map(str.isdigit, "".join(_texts(frame, each))))]
    fitting = [each for each in plain if _are_names(frame, each)]
    return max(fitting, key=lambda each: len(set(_texts(frame, each))), default="")
