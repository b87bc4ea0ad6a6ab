"""Reading a delimited text file as it comes: BOM, Latin-1, semicolons, an HXL row, broken lines, a missing end."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from gis.messages import translator
from layers.spelling import plain_text
from market_prices.intake.file_bytes import cut_off, utf8_text
from market_prices.intake.source_lines import SourceLines
from market_prices.price_errors import PriceFileError

_ = translator("market_prices")

_DELIMITERS = (",", ";", "\t", "|")
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
    raw: Callable[[int], str]
    """Gives the row at a position of the frame as it stands in the file."""
    header: str
    """The line of the headers, as it stands in the file."""
    broken: tuple[BrokenRow, ...]
    unterminated: bool
    """The last line has no line end: the file may be cut in its last figure."""


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
    text = utf8_text(content, name)
    unterminated = not text.endswith(b"\n")
    source = SourceLines(text + b"\n" if unterminated else text)
    start = source.first_written()
    start += bool(_SEPARATOR_LINE.fullmatch(source[start])) and start + 1 < len(source)
    header = source[start]
    delimiter = delimiter_of(header)
    cells = _cells(header, delimiter)
    if len(cells) < 2:  # noqa: PLR2004  one column is no table
        raise PriceFileError(
            _("{name} no es una tabla: su primera línea es «{line}»").format(name=name, line=header[:60]),
            expected=_("Encabezados separados por comas, punto y coma o tabuladores"),
            remedy=_("Guárdelo como CSV, o use la planilla: valles prices template MUNICIPIO"),
        )
    columns = _column_names(cells)
    offset = start + 1
    read = (_slow if source.open_quotes(offset) else _fast)(source, offset, columns, delimiter)
    _refuse_cut(read.broken, len(source) - offset, len(columns), name, unterminated=unterminated)
    kept = _meaningful(read.table)
    _refuse_nothing(kept, read.broken, name)
    return TextTable(
        frame=_as_frame(read.table.filter(pa.array(kept))),
        lines=read.numbers[kept] + offset,
        raw=source.rows(read.numbers[kept] + start, read.heights[kept]),
        header=header,
        broken=tuple(BrokenRow(line=each.line + offset, raw=each.raw, fields=each.fields) for each in read.broken),
        unterminated=unterminated,
    )


def delimiter_of(header: str) -> str:
    """Return the sign that parts a line of headers into most cells."""
    return max(_DELIMITERS, key=lambda each: len(_cells(header, each)))


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


class _Read(NamedTuple):
    """Rows as text; their numbers count from the line after the header, from 1."""

    table: pa.Table
    numbers: np.ndarray
    heights: np.ndarray
    broken: list[BrokenRow]


def _fast(source: SourceLines, offset: int, columns: list[str], delimiter: str) -> _Read:
    broken: list[BrokenRow] = []

    def skip(row: pyarrow.csv.InvalidRow) -> str:
        raw = source[offset + row.number - 1]
        broken.append(BrokenRow(line=row.number, raw=raw, fields=row.actual_columns if raw.strip() else 0))
        return "skip"

    total = len(source) - offset
    if not total:
        empty = np.array([], dtype=np.int64)
        return _Read(pa.table({each: pa.array([], type=pa.string()) for each in columns}), empty, empty, broken)
    table = pyarrow.csv.read_csv(
        pa.BufferReader(pa.py_buffer(source.after(offset))),
        read_options=pyarrow.csv.ReadOptions(column_names=columns, use_threads=False),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=delimiter, ignore_empty_lines=False, invalid_row_handler=skip, newlines_in_values=False
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
        ),
    )
    numbers = np.setdiff1d(np.arange(1, total + 1), [each.line for each in broken])
    return _Read(table, numbers, np.ones(len(numbers), dtype=np.int64), [each for each in broken if each.fields])


def _slow(source: SourceLines, offset: int, columns: list[str], delimiter: str) -> _Read:
    """Read cells that hold line breaks, which the fast reader cannot number."""
    rows: list[list[str]] = []
    spans: list[tuple[int, int]] = []
    broken: list[BrokenRow] = []
    body = [source[number] for number in range(offset, len(source))]
    reader = csv.reader([f"{line}\n" for line in body], delimiter=delimiter)
    before = 0
    for cells in _all_cells(reader):
        if len(cells) == len(columns):
            rows.append([each.rstrip("\n") for each in cells])
            spans.append((before + 1, reader.line_num - before))
        elif any(each.strip() for each in cells):
            raw = "\n".join(body[before : reader.line_num])
            broken.append(BrokenRow(line=before + 1, raw=raw, fields=len(cells)))
        before = reader.line_num
    if broken and "\n" in broken[-1].raw and broken[-1].raw.count('"') % 2 and before == len(body):
        raise _open_quote()
    by_column = zip(*rows, strict=True) if rows else ([] for _name in columns)
    table = pa.table({name: pa.array(list(cells), pa.string()) for name, cells in zip(columns, by_column, strict=True)})
    numbers = np.array(spans, dtype=np.int64).reshape(-1, 2)
    return _Read(table, numbers[:, 0], numbers[:, 1], broken)


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


def _meaningful(table: pa.Table) -> np.ndarray:
    """Say which rows are rows: not blank, not HXL tags."""
    kept = np.zeros(table.num_rows, dtype=bool)
    tags = np.ones(min(table.num_rows, 1), dtype=bool)
    for column in table.columns:
        trimmed = pc.utf8_trim_whitespace(column)
        kept |= pc.not_equal(trimmed, "").to_numpy()
        first = [not each or each.startswith("#") for each in trimmed.slice(0, 1).to_pylist()]
        tags &= np.array(first, dtype=bool)
    kept[:1] &= ~tags
    return kept


def _as_frame(table: pa.Table) -> pd.DataFrame:
    """Return the table with every spelling of a column held once, however many rows write it."""
    columns = {}
    for name in table.column_names:
        coded = table.column(name).combine_chunks().dictionary_encode()
        spellings = np.array([*coded.dictionary.to_pylist(), ""], dtype=object)
        columns[name] = pd.Series(spellings[coded.indices.to_numpy()], dtype=object)
    return pd.DataFrame(columns, copy=False)


def _refuse_nothing(kept: np.ndarray, broken: list[BrokenRow], name: str) -> None:
    if not kept.any() and not broken:
        raise PriceFileError(
            _("{name} tiene encabezados y ninguna fila de datos").format(name=name),
            expected=_("Al menos una fila bajo los encabezados"),
            remedy=_("Anote los precios bajo los encabezados y guarde el archivo"),
        )


def _refuse_cut(broken: list[BrokenRow], last: int, width: int, name: str, *, unterminated: bool) -> None:
    if unterminated and broken and broken[-1].line + broken[-1].raw.count("\n") == last:
        found = _("la última línea tiene {found} de {width} campos").format(found=broken[-1].fields, width=width)
        raise cut_off(name, found)
