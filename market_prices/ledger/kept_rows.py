"""The rows that were refused or flagged: read, given out for correction, and linked to what set them right."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import numpy as np
import pandas as pd
import sqlalchemy as sa

from gis.messages import translator
from market_prices.book_tables import batch, kept_header, kept_row, row_fix
from market_prices.intake.correction_columns import COLUMNS
from market_prices.intake.text_table import delimiter_of
from market_prices.ledger.bulk_rows import insert_columns
from market_prices.price_errors import ObservationError

_ = translator("market_prices")

STATUSES = ("rejected", "flagged", "fixed", "all")
"""Refused and not yet set right; recorded with a doubt; refused and set right since; all of them."""
FIXED = "fixed"
REJECTED = "rejected"
_NAMES = ("batch_id", "file", "recorded_at", "line", "status", "code", "reason", "raw")
_MOST_NAMED = 500


def kept_rows(
    connection: sa.Connection, *, status: str, file: str | None = None, before: dt.datetime | None = None
) -> pd.DataFrame:
    """Return kept rows in the order in which they came.

    Parameters
    ----------
    connection
        To the book.
    status
        One of :data:`STATUSES`.
    file
        Only those of the file with this name.
    before
        Only what was recorded before this moment (UTC); rows set right since then count as refused.

    Returns
    -------
    pandas.DataFrame
        ``batch, file, recorded_at, line, status, code, reason, raw, row`` (number of the kept row) and ``fixed_batch``
        (the import that set it right, missing for none).

    Raises
    ------
    ObservationError
        No such status.
    """
    if status not in STATUSES:
        raise ObservationError(_("Estado desconocido: «{text}»").format(text=status), expected=", ".join(STATUSES))
    known = sa.select(batch.c.id).where(batch.c.recorded_at < before) if before is not None else None
    fixed = row_fix.c.kept_id == kept_row.c.id
    if known is not None:
        fixed = sa.and_(fixed, row_fix.c.batch_id.in_(known))
    columns = [(batch if name in {"file", "recorded_at"} else kept_row).c[name] for name in _NAMES]
    query = sa.select(*columns, kept_row.c.id, row_fix.c.batch_id.label("fixed")).select_from(
        kept_row.join(batch, batch.c.id == kept_row.c.batch_id).outerjoin(row_fix, fixed)
    )
    if known is not None:
        query = query.where(kept_row.c.batch_id.in_(known))
    if status != "all":
        query = query.where(kept_row.c.status == (REJECTED if status == FIXED else status))
        query = query.where(row_fix.c.kept_id.is_not(None) if status == FIXED else row_fix.c.kept_id.is_(None))
    if file is not None:
        query = query.where(batch.c.file == Path(file).name)
    found = connection.execute(query.order_by(kept_row.c.batch_id, kept_row.c.line, kept_row.c.id)).all()
    frame = pd.DataFrame([tuple(each) for each in found], columns=["batch", *_NAMES[1:], "row", "fixed_batch"])
    frame["fixed_batch"] = frame["fixed_batch"].astype("Int64")
    frame["status"] = frame["status"].mask(frame["fixed_batch"].notna(), FIXED)
    return frame


def correction_file(connection: sa.Connection, rows: pd.DataFrame) -> str:
    """Return refused rows as a table that people correct in place and give back.

    Parameters
    ----------
    connection
        To the book.
    rows
        As :func:`kept_rows` returns them.

    Raises
    ------
    ObservationError
        There are none, they stood under different headers, or their file was no table.
    """
    headers = {each.batch_id: each.header for each in connection.execute(sa.select(kept_header))}
    usable = rows[rows["batch"].isin(list(headers))]
    if usable.empty:
        raise ObservationError(
            _("No hay filas rechazadas que se puedan corregir en un archivo"),
            expected=_("Filas rechazadas de un CSV o de una planilla"),
            remedy=_("Mírelas con `valles prices rejected`; lo que no viene de un archivo se anota de nuevo"),
        )
    different = sorted({headers[each] for each in usable["batch"]})
    if len(different) > 1:
        raise ObservationError(
            _("Las filas rechazadas vienen de archivos con encabezados distintos"),
            expected=_("Las de un solo archivo: {files}").format(files=", ".join(sorted(set(usable["file"])))),
            remedy=_("Elija uno con --file"),
        )
    delimiter = delimiter_of(different[0])
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="")
    writer.writerow(COLUMNS)
    text.write(f"{delimiter}{different[0]}\n")
    for each in usable.itertuples(index=False):
        writer.writerow([each.row, each.file, each.line, " ".join(str(each.reason).split())])
        text.write(f"{delimiter}{each.raw}\n")
    return text.getvalue()


def keep_header(connection: sa.Connection, number: int, header: str) -> None:
    """Write under which headers the rows of an import stood."""
    connection.execute(sa.insert(kept_header).values(batch_id=number, header=header))


def unfixed(connection: sa.Connection, wanted: np.ndarray) -> set[int]:
    """Return which of some kept rows are refused and not yet set right."""
    query = (
        sa.select(kept_row.c.id)
        .outerjoin(row_fix, row_fix.c.kept_id == kept_row.c.id)
        .where(kept_row.c.status == REJECTED, row_fix.c.kept_id.is_(None))
    )
    if len(wanted) <= _MOST_NAMED:
        query = query.where(kept_row.c.id.in_(wanted.tolist()))
    return set(connection.execute(query).scalars()) & set(wanted.tolist())


def refused_ever(connection: sa.Connection) -> set[int]:
    """Return the numbers of all refused rows, set right or not."""
    return set(connection.execute(sa.select(kept_row.c.id).where(kept_row.c.status == REJECTED)).scalars())


def conflicts(connection: sa.Connection) -> dict[int, str]:
    """Return the rows that were refused because they contradicted another of their file, by number, as they stood."""
    query = sa.select(kept_row.c.id, kept_row.c.raw).where(kept_row.c.status == REJECTED, kept_row.c.code == "conflict")
    return {int(each.id): str(each.raw) for each in connection.execute(query)}


def link_fixes(connection: sa.Connection, number: int, kept: np.ndarray, lines: np.ndarray) -> None:
    """Write which rows of an import set which refused rows right.

    Parameters
    ----------
    connection
        In the transaction of the import.
    number
        The import.
    kept, lines
        (fixes,) numbers of the refused rows, and the lines that set them right.
    """
    columns = {"kept_id": kept, "batch_id": np.full(len(kept), number), "line": lines}
    insert_columns(connection, row_fix, columns, np.arange(len(kept)))
