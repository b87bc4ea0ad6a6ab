"""Tables of text as people keep them: comma, semicolon or tab, point or decimal comma, UTF-8 or Latin-1."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from gis.atomic import storage_errors
from gis.errors import InputError, MissingError
from gis.messages import translator

_ = translator("gis")

FIRST_LINE = 2
"""Line of a file in which the first row of a table stands, under the titles."""


def read_text_table(path: Path | str) -> pd.DataFrame:
    """Read a CSV; every cell is text without blanks around it, empty where nothing is written.

    Raises
    ------
    MissingError
        When there is no such file.
    InputError
        When it is empty or no table, or two columns have one name.
    StorageError
        When it cannot be read.
    """
    file = Path(path)
    if not file.is_file():
        raise MissingError(
            _("No existe el archivo {path}").format(path=file), remedy=_("Revise el nombre y la carpeta")
        )
    with storage_errors(file):
        text = _decoded(file.read_bytes())
    first = text.split("\n", 1)[0]
    separator = max(";\t,", key=first.count)
    try:
        table = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, header=None)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(
            _("{path} no es una tabla: {reason}").format(path=file, reason=str(error).strip()[:120]),
            expected=_("Se esperaba una fila de títulos y filas con el mismo número de columnas"),
        ) from error
    names = [str(name).strip() for name in table.iloc[0]]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise InputError(
            _("{path} tiene dos columnas «{name}»").format(path=file, name=doubled[0]),
            remedy=_("Cambie el título de una"),
        )
    rows = table.iloc[1:].reset_index(drop=True)
    rows.columns = pd.Index(names)
    return pd.DataFrame({name: rows[name].str.strip() for name in names})


def numbers_of(column: pd.Series[str]) -> pd.Series[float]:
    """Return the numbers of a column of text: missing where a cell is empty, and where it is no number.

    A comma is the decimal sign unless a point follows it in some cell. Points are then thousands where they part groups
    of three digits, and decimal signs elsewhere; in a column without any comma they are decimal signs.

    Examples
    --------
    >>> numbers_of(pd.Series(["421.500,25", "", "−3,5"])).tolist()
    [421500.25, nan, -3.5]
    >>> numbers_of(pd.Series(["1,200.5", "7", "nada"])).tolist()
    [1200.5, 7.0, nan]
    """
    text = column.str.replace(r"[\s\u00a0\u202f]", "", regex=True).str.replace("−", "-", regex=False)
    commas, points = text.str.rfind(","), text.str.rfind(".")
    english = bool(((commas >= 0) & (points > commas)).any())
    if english:
        text = text.str.replace(",", "", regex=False)
    elif bool((commas >= 0).any()):
        grouped = text.str.fullmatch(r"[-+]?\d{1,3}(\.\d{3})+(,\d*)?")
        text = text.where(~grouped, text.str.replace(".", "", regex=False)).str.replace(",", ".", regex=False)
    plain = text.where(text.str.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"))
    return pd.to_numeric(plain, errors="coerce").astype(float)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
