"""Deciding the fate of each row beside the other rows of its file and what the book already holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa

from gis.messages import translator
from market_prices.book_tables import KEY_COLUMNS, observation, series
from market_prices.intake.intake_rows import IntakeRows
from market_prices.intake.row_groups import group_numbers
from market_prices.ledger.bulk_rows import CHUNK, insert_columns
from market_prices.vocabulary.market_words import figure_text

_ = translator("market_prices")

SMALL_FILE = 2_000
"""Up to this many rows each series is compared with its last price in the book."""
JUMP_FACTOR = 5.0
"""A price this many times above or below the last one of its series is flagged."""
JUMP_DAYS = 120
_SLOT = ("key", "date", "time")
_VALUES = ("low", "price", "high", "availability")
_MOST_NAMED = 500
"""More products than these are not named one by one in a question to the book."""


@dataclass(frozen=True, kw_only=True)
class Fates:
    """What is to become of each row."""

    duplicate: np.ndarray
    """(rows,) bool: already there."""
    revision: np.ndarray
    """(rows,) int: number of the record within its day; 0 is the first."""
    series_id: np.ndarray
    """(rows,) int: the series in the book; −1 where it is new."""
    key: np.ndarray
    """(rows,) int: the series among those of the file, numbered as they appear."""


def decide(connection: sa.Connection, rows: IntakeRows, *, against_last: bool = False) -> Fates:
    """Find duplicates and conflicts: those inside the file are refused, changes to the book are flagged revisions.

    Parameters
    ----------
    connection, rows
        The book, and what may go into it.
    against_last
        Compare with what holds now, so that a correction can be taken back. Else with every revision, so that an old
        file imported again after a correction changes nothing.
    """
    frame = rows.frame
    keys = group_numbers(frame, KEY_COLUMNS)
    series_id = _known_series(connection, frame, keys)
    slots = group_numbers(pd.DataFrame({"key": keys, "date": frame["date"], "time": frame["time"]}), _SLOT)
    values = group_numbers(frame, _VALUES)
    duplicate = _within_file(rows, slots, values)
    revision = np.zeros(len(rows), dtype=np.int64)
    held = _in_book(connection, frame, np.flatnonzero(rows.good & ~duplicate & (series_id >= 0)), series_id)
    if against_last:
        held = held.sort_values("revision", kind="stable").drop_duplicates("row", keep="last", ignore_index=True)
    _compare(rows, held, duplicate, revision)
    stored = rows.good & ~duplicate
    revision[stored] += pd.Series(slots[stored]).groupby(slots[stored]).cumcount().to_numpy()
    if len(rows) <= SMALL_FILE:
        _flag_jumps(connection, rows, series_id, stored)
    return Fates(duplicate=duplicate, revision=revision, series_id=series_id, key=keys)


def _known_series(connection: sa.Connection, frame: pd.DataFrame, keys: np.ndarray) -> np.ndarray:
    """Return the series of each row in the book, −1 where it has none."""
    first = np.unique(keys, return_index=True)[1]
    names = [name for name in KEY_COLUMNS if name != "quantity"]
    products = frame["product"].iloc[first].unique().tolist()
    query = sa.select(series.c.id, series.c.quantity, *(series.c[name] for name in names))
    if len(products) <= _MOST_NAMED:
        query = query.where(series.c.product.in_(products))
    known = {tuple(each[1:]): each[0] for each in connection.execute(query)}
    told = zip(frame["quantity"].iloc[first], *(frame[name].iloc[first] for name in names), strict=True)
    numbers = np.array([known.get((float(each[0]), *each[1:]), -1) for each in told], dtype=np.int64)
    return numbers[keys] if len(keys) else numbers


def _within_file(rows: IntakeRows, slots: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mark rows that repeat another of the same file; refuse those that contradict one."""
    duplicate = np.zeros(len(rows), dtype=bool)
    good = np.flatnonzero(rows.good)
    several = good[pd.Series(slots[good]).duplicated(keep=False).to_numpy(dtype=bool)]
    first: dict[int, int] = {}
    for position in several:
        slot = int(slots[position])
        if slot not in first:
            first[slot] = int(position)
            continue
        earlier = first[slot]
        line = int(rows.lines[earlier])
        if values[earlier] != values[position]:
            rows.code[position] = "conflict"
            rows.reason[position] = _(
                "la línea {line} da otro precio ({price}) para lo mismo: corrija una de las dos"
            ).format(line=line, price=figure_text(rows.frame["price"].iloc[earlier]))
        elif rows.raw(int(position)) == rows.raw(earlier):
            duplicate[position] = True
        else:
            rows.flag_one(int(position), "repeated", _("repite la línea {line} con otras palabras").format(line=line))
    return duplicate


def _in_book(connection: sa.Connection, frame: pd.DataFrame, wanted: np.ndarray, series_id: np.ndarray) -> pd.DataFrame:
    """Return what the book holds for the same series, date and time as the wanted rows."""
    columns = ["row", "revision", *_VALUES]
    wanted = wanted[_within_span(connection, frame["date"].to_numpy(dtype=object)[wanted], series_id[wanted])]
    if not len(wanted):
        return pd.DataFrame([], columns=columns)
    incoming = sa.Table(
        "incoming",
        sa.MetaData(),
        sa.Column("row", sa.Integer, primary_key=True),
        sa.Column("series_id", sa.Integer, nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("time", sa.String(5), nullable=False),
        prefixes=["TEMPORARY"],
    )
    incoming.create(connection)
    texts = {name: frame[name].to_numpy(dtype=object) for name in ("date", "time")}
    slots = {"row": np.arange(len(frame)), "series_id": series_id, **texts}
    same = sa.and_(*(observation.c[name] == incoming.c[name] for name in ("series_id", "date", "time")))
    chosen = [incoming.c.row, observation.c.revision, *(observation.c[name] for name in _VALUES)]
    query = sa.select(*chosen).select_from(incoming.join(observation, same))
    parts = []
    for start in range(0, len(wanted), CHUNK):
        insert_columns(connection, incoming, slots, wanted[start : start + CHUNK])
        found = connection.execute(query).all()
        parts.append(pd.DataFrame([tuple(each) for each in found], columns=columns))
        connection.execute(sa.delete(incoming))
    incoming.drop(connection)
    filled = [each for each in parts if len(each)]
    return pd.concat(filled, ignore_index=True) if filled else parts[0]


def _within_span(connection: sa.Connection, dates: np.ndarray, series_id: np.ndarray) -> np.ndarray:
    """Say which dates lie between the first and the last that the book holds of their series: no other can be there."""
    if not len(dates):
        return np.zeros(0, dtype=bool)
    numbers, place = np.unique(series_id, return_inverse=True)
    ends = [
        sa.select(each(observation.c.date)).where(observation.c.series_id == series.c.id).correlate(series)
        for each in (sa.func.min, sa.func.max)
    ]
    query = sa.select(series.c.id, *(each.scalar_subquery() for each in ends))
    if len(numbers) <= _MOST_NAMED:
        query = query.where(series.c.id.in_(numbers.tolist()))
    held = {each[0]: (str(each[1] or ""), str(each[2] or "")) for each in connection.execute(query)}
    first, last = (np.array([held.get(int(each), ("", ""))[end] for each in numbers]) for end in (0, 1))
    written = dates.astype(str)
    return np.asarray((first[place] <= written) & (written <= last[place]), dtype=bool)


def _compare(rows: IntakeRows, held: pd.DataFrame, duplicate: np.ndarray, revision: np.ndarray) -> None:
    """Mark rows that the book holds; number and flag those that change what it holds."""
    if held.empty:
        return
    positions = held["row"].to_numpy(dtype=np.int64)
    same = np.ones(len(held), dtype=bool)
    for name in _VALUES:
        ours, theirs = rows.frame[name].iloc[positions].reset_index(drop=True), held[name]
        same &= ((ours == theirs) | (ours.isna() & theirs.isna())).to_numpy(dtype=bool)
    duplicate[positions[same]] = True
    last = held.sort_values("revision", kind="stable").drop_duplicates("row", keep="last")
    last = last[~duplicate[last["row"].to_numpy(dtype=np.int64)]]
    for row, number, price in zip(last["row"], last["revision"], last["price"], strict=True):
        revision[row] = number + 1
        old = _("sin precio") if pd.isna(price) else figure_text(price)
        note = _("cambia el dato ya registrado de ese día ({old}); el anterior se conserva").format(old=old)
        rows.flag_one(int(row), "revision", note)


def _flag_jumps(connection: sa.Connection, rows: IntakeRows, series_id: np.ndarray, stored: np.ndarray) -> None:
    """Compare the first new price of each series with the last one before it in the book."""
    frame = rows.frame.assign(series_id=series_id)[stored & (series_id >= 0)]
    frame = frame[frame["price"].notna()].sort_values("date", kind="stable").drop_duplicates("series_id")
    for position, number, date, price in zip(
        frame.index, frame["series_id"], frame["date"], frame["price"], strict=True
    ):
        day = pd.Timestamp(date).date()
        last = connection.execute(
            sa.select(observation.c.date, observation.c.price)
            .where(observation.c.series_id == int(number), observation.c.date < day, observation.c.price.is_not(None))
            .order_by(observation.c.date.desc(), observation.c.time.desc(), observation.c.revision.desc())
            .limit(1)
        ).first()
        if last is None or (day - last.date).days > JUMP_DAYS:
            continue
        if abs(np.log(price / last.price)) >= np.log(JUMP_FACTOR):
            note = _(
                "el precio {price} se aparta mucho del último, {last} del {date}: ¿error de escritura o de medida?"
            )
            rows.flag_one(
                int(position),
                "jump",
                note.format(
                    price=figure_text(price), last=figure_text(last.price), date=last.date.strftime("%d/%m/%Y")
                ),
            )
