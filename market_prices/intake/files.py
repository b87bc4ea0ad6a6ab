"""From a file to rows that can be recorded: which format it is, what each row means, what is doubtful about it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from gis.messages import translator
from market_prices.intake import format_ena, format_ine, format_ine_index, format_list, format_wfp
from market_prices.intake.correction_columns import fixed_rows
from market_prices.intake.file_bytes import read_bytes
from market_prices.intake.format_ine import Term
from market_prices.intake.intake_rows import IntakeRows
from market_prices.intake.market_day_sheet import read_workbook
from market_prices.intake.row_checks import check_dates, check_prices, flag_isolated, flag_notices
from market_prices.intake.sheet_cells import is_spreadsheet
from market_prices.intake.text_table import BrokenRow, TextTable, read_text_table
from market_prices.price_errors import PriceFileError
from market_prices.vocabulary.index_items import IndexItem
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")


@dataclass(frozen=True, kw_only=True)
class ReadFile:
    """What a file holds."""

    name: str
    """File name without its folder."""
    sha256: str
    format: str
    """``wfp``, ``ine_rapido``, ``ine_diario``, ``ine_diccionario``, ``ine_ipc_producto``, ``ine_ipc_general``,
    ``ine_ipc_variacion``, ``ena_2015``, ``planilla`` or ``lista``."""
    rows: IntakeRows | None
    """Prices; ``None`` for a dictionary."""
    terms: tuple[Term, ...] = ()
    """Terms of a dictionary, in the file or found beside it."""
    items: tuple[IndexItem, ...] = ()
    """Items of a price index of which the file speaks."""
    broken: tuple[BrokenRow, ...] = ()
    width: int = 0
    """Fields of the header, for the reason of a broken row."""
    author: str = ""
    """Who filled in the sheet, as it says."""
    header: str = ""
    """The line of headers under which the refused rows can be read again; empty for what is no file."""
    fixes: np.ndarray | None = None
    """(rows,) number of the refused row that each row sets right, −1 for none; ``None`` for an ordinary file."""


def read_price_file(
    path: Path,
    vocabulary: Vocabulary,
    *,
    today: dt.date,
    terms: Mapping[str, Term],
    items: Mapping[str, IndexItem] | None = None,
) -> ReadFile:
    """Read a file of prices in any known format.

    Parameters
    ----------
    path, vocabulary
        The file, and the meaning of the names in it.
    today
        Dates after this one are refused.
    terms, items
        The dictionary of INE and the items of its price index, by code, as far as the book knows them.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.StorageError
        It cannot be read.
    PriceFileError
        It is empty, cut off, no table, or of no known format.
    """
    content = read_bytes(path)
    digest = hashlib.sha256(content).hexdigest()
    if is_spreadsheet(content):
        return _read_sheets(path, content, digest, vocabulary, today)
    table = read_text_table(content, path.name)
    if format_ine.matches({str(each) for each in table.frame.columns}) == format_ine.DICTIONARY:
        terms_told = format_ine.terms_of(table)
        return ReadFile(name=path.name, sha256=digest, format=format_ine.DICTIONARY, rows=None, terms=terms_told)
    fixes = fixed_rows(table.frame)
    found = _text_rows(path, table, vocabulary, terms, items or {})
    unterminated, broken, width, header = table.unterminated, table.broken, len(table.frame.columns), table.header
    if found.format == format_ena.NAME:  # what stands in its lines is about one farm: it is not kept
        unterminated, header, broken = False, "", tuple(dataclasses.replace(each, raw="") for each in broken)
    del table  # its cells are not needed any more, and a large file has many
    check_rows(found.rows, vocabulary, today)
    if found.dollars is not None:
        format_wfp.check(found.rows, found.dollars)
    _flag_last(found.rows, cut=unterminated)
    return ReadFile(
        name=path.name,
        sha256=digest,
        format=found.format,
        rows=found.rows,
        terms=found.terms,
        items=found.items,
        broken=broken,
        width=width,
        header=header,
        fixes=fixes,
    )


def _read_sheets(path: Path, content: bytes, digest: str, vocabulary: Vocabulary, today: dt.date) -> ReadFile:
    sheets = read_workbook(content, path.name, vocabulary)
    check_rows(sheets.rows, vocabulary, today)
    return ReadFile(
        name=path.name,
        sha256=digest,
        format=sheets.format,
        rows=sheets.rows,
        author=sheets.author,
        header=sheets.header,
    )


class _TextRows(NamedTuple):
    """What a table of text holds: rows, format, prices in dollars, terms and items of which it speaks."""

    rows: IntakeRows
    format: str
    dollars: pd.Series | None = None
    terms: tuple[Term, ...] = ()
    items: tuple[IndexItem, ...] = ()


def _text_rows(
    path: Path, table: TextTable, vocabulary: Vocabulary, terms: Mapping[str, Term], items: Mapping[str, IndexItem]
) -> _TextRows:
    columns = {str(each) for each in table.frame.columns}
    if format_wfp.matches(columns):
        rows, dollars = format_wfp.rows_of(table, vocabulary)
        return _TextRows(rows, format_wfp.NAME, dollars=dollars)
    if ine := format_ine.matches(columns):
        numbered = ine == format_ine.WITH_NUMBERS
        found = (_terms_beside(path) if numbered else {}) or terms
        rows = format_ine.rows_of(table, vocabulary, found)
        return _TextRows(rows, ine, terms=tuple(found.values()) if numbered else ())
    if index := format_ine_index.matches(columns):
        rows, spoken = format_ine_index.rows_of(table, index, vocabulary, items)
        return _TextRows(rows, index, items=spoken)
    if format_ena.matches(columns):
        return _TextRows(format_ena.rows_of(table, vocabulary), format_ena.NAME)
    if format_list.matches(columns):
        return _TextRows(format_list.rows_of(table, vocabulary), format_list.NAME)
    raise _unknown_format(path.name, table)


def check_rows(rows: IntakeRows, vocabulary: Vocabulary, today: dt.date) -> None:
    """Refuse and flag rows whose words are resolved."""
    check_dates(rows, today)
    check_prices(rows)
    flag_notices(rows, vocabulary.notices)
    flag_isolated(rows)


def _flag_last(rows: IntakeRows, *, cut: bool) -> None:
    where = np.zeros(len(rows), dtype=bool)
    where[-1:] = cut
    rows.flag(where, "unterminated", _("la última línea no tiene fin de línea: el archivo puede estar cortado ahí"))


def _terms_beside(path: Path) -> dict[str, Term]:
    beside = path.with_name(format_ine.DICTIONARY_FILE)
    if not beside.is_file():
        return {}
    table = read_text_table(read_bytes(beside), beside.name)
    if format_ine.matches(set(table.frame.columns)) != format_ine.DICTIONARY:
        return {}
    return {each.code: each for each in format_ine.terms_of(table)}


def _unknown_format(name: str, table: TextTable) -> PriceFileError:
    columns = list(table.frame.columns)
    lacking = format_list.missing(set(columns))
    return PriceFileError(
        _("No se reconoce el formato de {name}: sus columnas son {columns}").format(
            name=name, columns=", ".join(columns[:20])
        ),
        expected=_(
            "Un archivo del PMA (WFP/HDX), uno diario o un índice del INE, la planilla del día de mercado, o una lista"
        ),
        remedy=_("Para que sea una lista de precios le faltan las columnas: {lacking}").format(
            lacking=", ".join(lacking)
        ),
    )
