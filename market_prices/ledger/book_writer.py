"""Recording rows: one batch, one transaction, every row accounted for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import numpy as np
import sqlalchemy as sa

from gis.messages import translator
from market_prices.book_tables import KEY_COLUMNS, batch, kept_row, observation, series, source_term
from market_prices.intake.files import ReadFile
from market_prices.intake.format_ine import SOURCE, Term
from market_prices.intake.import_report import ImportReport, KeptRow
from market_prices.intake.intake_rows import IntakeRows
from market_prices.ledger.bulk_rows import insert_columns
from market_prices.ledger.index_items_kept import keep_items
from market_prices.ledger.kept_rows import conflicts, keep_header, link_fixes, refused_ever, unfixed
from market_prices.ledger.row_fate import Fates, decide

_ = translator("market_prices")

BY_HAND = ("add", "formulario")
"""What a person types is compared with what holds now, so that a correction can be taken back."""
_SHOWN = 20
_FACTS = ("low", "price", "high", "offered", "availability", "sale", "origin")


def record(connection: sa.Connection, read: ReadFile, *, author: str, now: dt.datetime) -> ImportReport:
    """Write what a file holds and is not yet in the book.

    Parameters
    ----------
    connection
        In a transaction that the caller commits, or rolls back for a rehearsal.
    read
        The file.
    author
        Who records it.
    now
        Moment of recording, UTC without zone.

    Returns
    -------
    ImportReport
        Its ``batch`` is ``None`` when the file brought nothing new; then nothing was written.
    """
    if read.rows is None:
        return _record_terms(connection, read)
    save_terms(connection, read.terms)
    keep_items(connection, read.items)
    rows = read.rows
    _refuse_strangers(connection, read)
    fates = decide(connection, rows, against_last=read.format in BY_HAND)
    stored = rows.good & ~fates.duplicate
    flagged = stored & (rows.flags != "")
    kept = _kept(read, flagged)
    rejected = int((~rows.good).sum()) + len(read.broken)
    counts = {
        "rows": len(rows) + len(read.broken),
        "accepted": int((stored & ~flagged).sum()),
        "flagged": int(flagged.sum()),
        "rejected": rejected,
        "duplicates": int((fates.duplicate & rows.good).sum()),
    }
    number: int | None = None
    fixing = _fixing(connection, read)
    if stored.any() or len(fixing) or (rejected and not _seen(connection, read.sha256)):
        number = _new_batch(connection, read, counts, author=author, now=now)
        series_id = _series_ids(connection, rows, fates, stored)
        insert_columns(connection, observation, _observations(rows, fates, series_id, number), np.flatnonzero(stored))
        _insert_kept(connection, kept, number)
        if rejected and read.header and read.fixes is None:  # a failed correction leaves the first refusal open
            keep_header(connection, number, read.header)
        if read.fixes is not None and len(fixing):
            link_fixes(connection, number, read.fixes[fixing], rows.lines[fixing])
    return ImportReport(format=read.format, file=read.name, batch=number, problems=tuple(kept[:_SHOWN]), **counts)


def _refuse_strangers(connection: sa.Connection, read: ReadFile) -> None:
    """Refuse rows of a file of corrections that say to set right what was never refused."""
    if read.rows is None or read.fixes is None:
        return
    known = np.array(sorted(refused_ever(connection)), dtype=np.int64)
    strange = ~np.isin(read.fixes, known)
    read.rows.reject(strange, "fix", _("el número de «fila» no es el de una fila rechazada: no lo cambie al corregir"))
    # Refused because another row of its file said otherwise: as it stands it would now pass for a change of that row.
    contradicted = conflicts(connection)
    same = np.array(
        [
            number in contradicted and read.rows.raw(position).endswith(contradicted[number])
            for position, number in enumerate(read.fixes.tolist())
        ],
        dtype=bool,
    )
    read.rows.reject(same, "unchanged", _("vuelve igual que cuando se rechazó por contradecir a otra: corríjala"))


def _fixing(connection: sa.Connection, read: ReadFile) -> np.ndarray:
    """Return the positions of the rows that set a refused row right, one for each; those in the book already count."""
    if read.rows is None or read.fixes is None:
        return np.zeros(0, dtype=np.int64)
    open_ones = np.array(sorted(unfixed(connection, np.unique(read.fixes))), dtype=np.int64)
    good = np.flatnonzero(read.rows.good & np.isin(read.fixes, open_ones))
    return good[np.unique(read.fixes[good], return_index=True)[1]]


def save_terms(connection: sa.Connection, terms: Iterable[Term]) -> int:
    """Write the terms of a source's dictionary that are new or changed, and return how many."""
    known = known_terms(connection)
    fresh = [each for each in terms if known.get(each.code) != each]
    for each in fresh:
        same = sa.and_(source_term.c.source == SOURCE, source_term.c.code == each.code)
        connection.execute(sa.delete(source_term).where(same))
        fields = {"code": each.code, "name": each.name, "unit": each.unit, "quantity": each.quantity}
        connection.execute(sa.insert(source_term).values(source=SOURCE, **fields))
    return len(fresh)


def known_terms(connection: sa.Connection) -> Mapping[str, Term]:
    """Return the dictionary of INE as the book knows it, by number."""
    found = connection.execute(sa.select(source_term).where(source_term.c.source == SOURCE)).all()
    return {each.code: Term(code=each.code, name=each.name, unit=each.unit, quantity=each.quantity) for each in found}


def _record_terms(connection: sa.Connection, read: ReadFile) -> ImportReport:
    fresh = save_terms(connection, read.terms)
    return ImportReport(
        format=read.format,
        file=read.name,
        rows=len(read.terms),
        accepted=fresh,
        flagged=0,
        rejected=0,
        duplicates=len(read.terms) - fresh,
    )


def _kept(read: ReadFile, flagged: np.ndarray) -> list[KeptRow]:
    """Return the refused rows, then the flagged ones, each in the order of the file."""
    rows = read.rows
    if rows is None:
        return []
    refused = [
        KeptRow(
            line=int(rows.lines[i]), status="rejected", code=rows.code[i], reason=rows.reason[i], raw=rows.raw(int(i))
        )
        for i in np.flatnonzero(~rows.good)
    ]
    refused += [
        KeptRow(
            line=each.line,
            status="rejected",
            code="fields",
            reason=_("la fila tiene {found} campos y el encabezado {width}").format(
                found=each.fields, width=read.width
            ),
            raw=each.raw,
        )
        for each in read.broken
    ]
    doubtful = [
        KeptRow(
            line=int(rows.lines[i]), status="flagged", code=rows.flags[i], reason=rows.notes[i], raw=rows.raw(int(i))
        )
        for i in np.flatnonzero(flagged)
    ]
    return [*sorted(refused, key=lambda each: each.line), *doubtful]


def _seen(connection: sa.Connection, sha256: str) -> bool:
    return connection.execute(sa.select(batch.c.id).where(batch.c.sha256 == sha256).limit(1)).first() is not None


def _new_batch(
    connection: sa.Connection, read: ReadFile, counts: Mapping[str, int], *, author: str, now: dt.datetime
) -> int:
    fields = {"author": author, "recorded_at": now, "format": read.format, "file": read.name, "sha256": read.sha256}
    made = connection.execute(sa.insert(batch).values(**fields, **counts).returning(batch.c.id))
    return int(made.scalar_one())


def _series_ids(connection: sa.Connection, rows: IntakeRows, fates: Fates, stored: np.ndarray) -> np.ndarray:
    """Return the series of every stored row, making those that are new in a fixed order."""
    fresh = stored & (fates.series_id < 0)
    if not fresh.any():
        return fates.series_id
    positions = np.flatnonzero(fresh)
    first = positions[np.unique(fates.key[positions], return_index=True)[1]]
    keys = rows.frame.loc[first, list(KEY_COLUMNS)].sort_values(list(KEY_COLUMNS), kind="stable")
    made = np.full(int(fates.key.max()) + 1, -1, dtype=np.int64)
    for position, values in zip(keys.index, keys.itertuples(index=False), strict=True):
        named = dict(zip(KEY_COLUMNS, values, strict=True))
        named["quantity"] = float(named["quantity"])
        number = connection.execute(sa.insert(series).values(**named).returning(series.c.id)).scalar_one()
        made[fates.key[position]] = number
    return np.where(fates.series_id >= 0, fates.series_id, made[fates.key])


def _observations(rows: IntakeRows, fates: Fates, series_id: np.ndarray, number: int) -> dict[str, np.ndarray]:
    """Return the columns of the records of all rows."""
    size = len(rows)
    facts = {name: rows.frame[name].to_numpy() for name in _FACTS}
    return {
        "series_id": series_id,
        **{name: rows.frame[name].to_numpy(dtype=object) for name in ("date", "time")},
        "revision": fates.revision,
        **facts,
        "flags": rows.flags,
        "withdrawn": np.zeros(size, dtype=bool),
        "batch_id": np.full(size, number),
        "line": rows.lines,
    }


def _insert_kept(connection: sa.Connection, kept: list[KeptRow], number: int) -> None:
    names = ("line", "status", "code", "reason", "raw")
    columns = {name: np.array([getattr(each, name) for each in kept], dtype=object) for name in names}
    columns["batch_id"] = np.full(len(kept), number)
    insert_columns(connection, kept_row, columns, np.arange(len(kept)))
