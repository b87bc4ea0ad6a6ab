"""Writing many rows at once, column by column, no object per row: COPY on PostgreSQL, prepared rows elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

import numpy as np
import sqlalchemy as sa

CHUNK = 50_000


def insert_columns(
    connection: sa.Connection, table: sa.Table, columns: Mapping[str, np.ndarray], rows: np.ndarray
) -> None:
    """Insert the rows at some positions of equally long columns.

    Parameters
    ----------
    connection
        In a transaction.
    table
        Where they go.
    columns
        Values by column of the table: numbers, texts, ISO dates, ``None`` or NaN for what is missing.
    rows
        Positions to insert, in the order in which they get their numbers.
    """
    names = list(columns)
    if connection.dialect.name == "postgresql":
        _copy(connection, table, names, _tuples(columns, rows))
        return
    marks = ", ".join("?" for _name in names)
    quoted = connection.dialect.identifier_preparer.quote
    into = f"{quoted(table.name)} ({', '.join(quoted(each) for each in names)})"
    statement = f"INSERT INTO {into} VALUES ({marks})"  # noqa: S608  names of our own tables
    waiting = _tuples(columns, rows)
    while part := list(islice(waiting, CHUNK)):
        connection.exec_driver_sql(statement, part)


def _copy(connection: sa.Connection, table: sa.Table, names: list[str], told: Iterator[tuple[object, ...]]) -> None:
    quoted = connection.dialect.identifier_preparer.quote
    statement = f"COPY {quoted(table.name)} ({', '.join(quoted(each) for each in names)}) FROM STDIN"
    cursor = connection.connection.cursor()
    try:
        with cursor.copy(statement) as copy:
            for each in told:
                copy.write_row(each)
    finally:
        cursor.close()


def _tuples(columns: Mapping[str, np.ndarray], rows: np.ndarray) -> Iterator[tuple[object, ...]]:
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        yield from zip(*(_values(each, part) for each in columns.values()), strict=True)


def _values(column: np.ndarray, part: np.ndarray) -> list[object]:
    picked = column[part]
    if picked.dtype.kind == "f":
        told: list[object] = picked.astype(object).tolist()
        for position in np.flatnonzero(np.isnan(picked)):
            told[position] = None
        return told
    return list(picked.tolist())
