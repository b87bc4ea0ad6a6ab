"""Reading a delimited text file as it comes: BOM, Latin-1, semicolons, an HXL row, broken lines, a missing end."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from gis.atomic import storage_errors
from gis.errors import MissingError
from gis.messages import translator
from layers.spelling import plain_text
from market_prices.price_errors import PriceFileError

_ = translator("market_prices")

_DELIMITERS = (",", ";", "\t", "|")
_LONGEST_CHARACTER = 4
_SEPARATOR_LINE = re.compile(r"(?i)\ufeff?sep=.\s*")
"""A first line by which spreadsheet programs name the separator."""


@dataclass(frozen=True, kw_only=True)
class BrokenRow:
    """A line that does not have the fields of the header."""

    line: int
    """Line number in the file, from 1."""
    raw: str
    """The line as it is."""
    fields: int
    """How many fields it has."""


@dataclass(frozen=True, kw_only=True)
class TextTable:
    """A table of text cells and where each row stands in its file."""

    frame: pd.DataFrame
    """One text column per header, named by its plain spelling (lower-case letters and digits only)."""
    lines: np.ndarray
    """(rows,) line number of each row in the file, from 1."""
    source_lines: tuple[str, ...]
    """The whole file, line by line."""
    broken: tuple[BrokenRow, ...]
    unterminated: bool
    """The last line has no line end: the file may be cut in its last figure."""

    def raw(self, position: int) -> str:
        """Return the row at ``position`` of the frame as it stands in the file."""
        return self.source_lines[int(self.lines[position]) - 1]


def read_bytes(path: Path) -> bytes:
    """Return the content of a file of prices.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.StorageError
        It cannot be read.
    PriceFileError
        It is empty.
    """
    if not path.is_file():
        raise MissingError(
            _("No existe el archivo {path}").format(path=path), remedy=_("Revise el nombre y la carpeta")
        )
    with storage_errors(path):
        content = path.read_bytes()
    if not content.strip(b" \r\n\t\x00\xef\xbb\xbf"):
        raise PriceFileError(
            _("{name} está vacío").format(name=path.name),
            expected=_("Una fila de encabezados y filas de precios"),
            remedy=_("Vuelva a descargar o a guardar el archivo"),
        )
    return content


def read_text_table(content: bytes, name: str) -> TextTable:
    """Return the table that ``content`` holds.

    Parameters
    ----------
    content
        Bytes of the file.
    name
        What the file is called in messages.

    Raises
    ------
    PriceFileError
        It is no delimited text, has no rows, or is cut off in its last line.
    """
    text = _decode(content, name).replace("\r\n", "\n").replace("\r", "\n")
    unterminated = not text.endswith("\n")
    lines = text.split("\n")
    if not unterminated:
        lines.pop()
    start = next(number for number, line in enumerate(lines) if line.strip())
    start += bool(_SEPARATOR_LINE.fullmatch(lines[start])) and start + 1 < len(lines)
    delimiter = max(_DELIMITERS, key=lambda each: _fields(lines[start], each))
    header = _cells(lines[start], delimiter)
    if len(header) < 2:  # noqa: PLR2004  one column is no table
        raise PriceFileError(
            _("{name} no es una tabla: su primera línea es «{line}»").format(name=name, line=lines[start][:60]),
            expected=_("Encabezados separados por comas, punto y coma o tabuladores"),
            remedy=_("Guárdelo como CSV, o use la planilla: valles prices template MUNICIPIO"),
        )
    columns = _column_names(header)
    body = lines[start + 1 :]
    multiline = any(line.count('"') % 2 for line in body)
    frame, numbers, broken = (_slow if multiline else _fast)(body, columns, delimiter)
    _refuse_cut(broken, len(lines) - start - 1, len(columns), name, unterminated=unterminated)
    kept = _meaningful(frame)
    offset = start + 1
    return TextTable(
        frame=frame[kept].reset_index(drop=True),
        lines=numbers[kept] + offset,
        source_lines=tuple(lines),
        broken=tuple(BrokenRow(line=each.line + offset, raw=each.raw, fields=each.fields) for each in broken),
        unterminated=unterminated,
    )


def _decode(content: bytes, name: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content:
        raise PriceFileError(
            _("{name} no es un archivo de texto").format(name=name),
            expected=_("Un CSV, o la planilla XLSX del día de mercado"),
            remedy=_("Guárdelo como CSV, o use la planilla: valles prices template MUNICIPIO"),
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start >= len(content) - _LONGEST_CHARACTER and error.reason == "unexpected end of data":
            raise _cut(name, "") from error
        return content.decode("cp1252", errors="replace")


def _fields(line: str, delimiter: str) -> int:
    return len(_cells(line, delimiter))


def _cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of a header, none if one is longer than any header is."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _column_names(header: Iterable[str]) -> list[str]:
    names: list[str] = []
    for position, each in enumerate(header):
        plain = plain_text(each)
        names.append(plain if plain and plain not in names else f"columna{position + 1}")
    return names


def _fast(body: list[str], columns: list[str], delimiter: str) -> tuple[pd.DataFrame, np.ndarray, list[BrokenRow]]:
    broken: list[BrokenRow] = []

    def skip(row: pyarrow.csv.InvalidRow) -> str:
        raw = body[row.number - 1]
        broken.append(BrokenRow(line=row.number, raw=raw, fields=row.actual_columns if raw.strip() else 0))
        return "skip"

    if not body:
        return (
            pd.DataFrame({each: pd.Series([], dtype=object) for each in columns}),
            np.array([], dtype=np.int64),
            broken,
        )
    table = pyarrow.csv.read_csv(
        io.BytesIO("\n".join(body).encode() + b"\n"),
        read_options=pyarrow.csv.ReadOptions(column_names=columns, use_threads=False),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=delimiter, ignore_empty_lines=False, invalid_row_handler=skip, newlines_in_values=False
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
        ),
    )
    numbers = np.setdiff1d(np.arange(1, len(body) + 1), [each.line for each in broken])
    return table.to_pandas(), numbers, [each for each in broken if each.fields]


def _slow(body: list[str], columns: list[str], delimiter: str) -> tuple[pd.DataFrame, np.ndarray, list[BrokenRow]]:
    """Read cells that hold line breaks, which the fast reader cannot number."""
    rows: list[list[str]] = []
    numbers: list[int] = []
    broken: list[BrokenRow] = []
    reader = csv.reader([f"{line}\n" for line in body], delimiter=delimiter)
    before = 0
    for cells in _all_cells(reader):
        if len(cells) == len(columns):
            rows.append([each.rstrip("\n") for each in cells])
            numbers.append(before + 1)
        elif any(each.strip() for each in cells):
            raw = "\n".join(body[before : reader.line_num])
            broken.append(BrokenRow(line=before + 1, raw=raw, fields=len(cells)))
        before = reader.line_num
    if broken and "\n" in broken[-1].raw and broken[-1].raw.count('"') % 2 and before == len(body):
        raise _open_quote()
    return pd.DataFrame(rows, columns=columns, dtype=str), np.array(numbers, dtype=np.int64), broken


def _all_cells(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:  # a cell longer than any text: a quotation mark that nothing closes
        raise _open_quote() from error


def _open_quote() -> PriceFileError:
    return PriceFileError(
        _("Hay unas comillas que se abren y no se cierran: no se sabe dónde terminan las filas"),
        expected=_("Comillas de a dos; no se importó nada"),
        remedy=_("Busque las comillas sueltas y bórrelas, o vuelva a guardar el archivo como CSV"),
    )


def _meaningful(frame: pd.DataFrame) -> np.ndarray:
    """Say which rows are rows: not blank, not HXL tags."""
    kept = np.zeros(len(frame), dtype=bool)
    tags = np.ones(len(frame), dtype=bool)
    for name in frame.columns:
        column = frame[name].str.strip()
        filled = (column != "").to_numpy(dtype=bool)
        kept |= filled
        tags &= column.str.startswith("#").to_numpy(dtype=bool) | ~filled
    kept[:1] &= ~tags[:1]
    return kept


def _refuse_cut(broken: list[BrokenRow], last: int, width: int, name: str, *, unterminated: bool) -> None:
    if unterminated and broken and broken[-1].line + broken[-1].raw.count("\n") == last:
        found = _("la última línea tiene {found} de {width} campos").format(found=broken[-1].fields, width=width)
        raise _cut(name, found)


def _cut(name: str, found: str) -> PriceFileError:
    why = f": {found}" if found else ""
    return PriceFileError(
        _("{name} está cortado{why}").format(name=name, why=why),
        expected=_("Un archivo completo; no se importó nada"),
        remedy=_("Vuelva a descargar o a copiar el archivo"),
    )
