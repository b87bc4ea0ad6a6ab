"""Checking a book: prices are read, flags found, and what is new or no longer holds is recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from market_prices.ledger.price_reading import Selection, series_frame
from market_prices.quality import flag_book
from market_prices.quality.error_detection import find_errors
from market_prices.quality.first_prices import find_first_errors
from market_prices.quality.flag_words import explanation
from market_prices.quality.price_table import PriceTable, price_table
from market_prices.quality.quality_rules import QualityRules, quality_rules
from market_prices.quality.series_health import find_gaps, find_level_changes, find_stale, find_stuck
from market_prices.quality.shared_moves import blocked_days
from market_prices.vocabulary.vocabulary import Vocabulary

MODES = ("retrospective", "entry")
"""Looking back, with the prices before and after known; or as on the day each price was written down."""
PROGRAM = "valles"
"""Who flags, and who lets a flag lapse that no longer holds."""
ENTRY_DAYS = 400
"""How far back prices are read to judge new ones, days."""
_POINTS = ("factor", "expected", "suggested")


@dataclass(frozen=True, kw_only=True)
class QualityReport:
    """What a check did."""

    mode: str
    examined: int
    """Prices looked at, number."""
    found: Mapping[str, int]
    """Flags that hold now, by severity, number."""
    new: int
    """Flags that were not known before, number."""
    lapsed: int
    """Flags that no longer hold and nobody had decided on, number."""
    road_days: int
    """Days of the road-block calendar, number; without any the roads are taken as open."""
    notes: tuple[str, ...] = field(default=(), repr=False)
    """Explanations of the new errors, in the order of the book."""

    def as_dict(self) -> dict[str, Any]:
        """Return the report ready for JSON."""
        return {**{name: getattr(self, name) for name in self.__dataclass_fields__}, "notes": list(self.notes)}


@dataclass(frozen=True, kw_only=True)
class CheckScope:
    """What a check is to look at and say."""

    mode: str
    today: dt.date
    product: str | None = None
    market: str | None = None
    indexes: tuple[str, ...] = ()
    """Markets that hold price indexes, which are no prices."""


def check_book(
    connection: sa.Connection, scope: CheckScope, vocabulary: Vocabulary, *, author: str, now: dt.datetime
) -> QualityReport:
    """Examine the prices that hold and record what is found.

    Everything is read, whatever is asked for: whether a price is alone is seen beside all others.
    """
    rules = quality_rules()
    blocks = flag_book.road_blocks(connection)
    table = price_table(_unconfirmed(connection, series_frame(connection, Selection(without=scope.indexes))))
    past_only = scope.mode == "entry"
    found = _joined(
        find_errors(table, rules, past_only=past_only, blocks=blocks),
        find_first_errors(table, rules, vocabulary, past_only=past_only, blocks=blocks),
    )
    if not past_only:
        health = (
            _by_open_roads(find_level_changes(table, rules), table, blocks, rules),
            find_stuck(table, rules),
            find_gaps(table, rules),
            find_stale(table, rules, scope.today),
        )
        found = _joined(found, *health)
    found = found[_asked(table, found["row"].to_numpy(dtype=np.int64), scope)]
    rows = flag_rows(connection, table, found, rules, vocabulary, mode=scope.mode)
    new, lapsed, fresh = _recorded(connection, rows, scope, author=author, now=now)
    return QualityReport(
        mode=scope.mode,
        examined=int(_asked(table, np.arange(len(table)), scope).sum()),
        found={each: sum(row["severity"] == each for row in rows) for each in ("error", "doubtful", "notice")},
        new=new,
        lapsed=lapsed,
        road_days=len(blocks),
        notes=tuple(each["note"] for each in fresh if each["severity"] == "error"),
    )


def check_new(
    connection: sa.Connection,
    batch: int,
    products: Sequence[str],
    first: dt.date,
    vocabulary: Vocabulary,
    *,
    now: dt.datetime,
) -> list[dict[str, Any]]:
    """Judge the prices of one batch by what came before them, and record the flags.

    Parameters
    ----------
    connection
        In the transaction that recorded the batch.
    batch
        Number of the batch.
    products
        Products with new prices; only their series are read.
    first
        Earliest new price.
    vocabulary
        Names of units.
    now
        Moment of recording, UTC without zone.
    """
    rules = quality_rules()
    start = first - dt.timedelta(days=ENTRY_DAYS)
    parts = [series_frame(connection, Selection(equal={"product": each}, start=start)) for each in products]
    indexes = {each.id for each in vocabulary.all_markets if each.kind == "index"}
    read = pd.concat(parts, ignore_index=True)
    table = price_table(_unconfirmed(connection, read[~read["market"].isin(indexes)].reset_index(drop=True)))
    blocks = flag_book.road_blocks(connection)
    fresh = table.frame["batch"].to_numpy() == batch
    found = _joined(
        find_errors(table, rules, past_only=True, blocks=blocks),
        find_first_errors(table, rules, vocabulary, past_only=True, blocks=blocks, wanted=fresh),
    )
    new = fresh[found["row"].to_numpy(dtype=np.int64)]
    rows = flag_rows(connection, table, found[new], rules, vocabulary, mode="entry")
    flag_book.keep_flags(connection, rows, author=PROGRAM, now=now)
    return rows


def _joined(found: pd.DataFrame, *more: pd.DataFrame) -> pd.DataFrame:
    """Put what was found under one another; tables of nothing have no kinds of columns to agree on."""
    return pd.concat([each for each in (found, *more) if len(each)] or [found], ignore_index=True)


def _unconfirmed(connection: sa.Connection, frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the prices that a steward called errors: they say nothing about their neighbours."""
    if frame.empty:
        return frame
    marks = flag_book.live_marks(connection, frame["series_id"].unique().tolist())
    wrong = {slot for slot, (_words, confirmed) in marks.items() if confirmed}
    if not wrong:
        return frame
    slots = zip(frame["series_id"].tolist(), frame["date"].tolist(), frame["time"].tolist(), strict=True)
    return frame[np.array([each not in wrong for each in slots], dtype=bool)].reset_index(drop=True)


def _by_open_roads(
    found: pd.DataFrame, table: PriceTable, blocks: Mapping[int, float], rules: QualityRules
) -> pd.DataFrame:
    """Drop the changes of level that fall in days with road blocks, or just after: those are shocks."""
    roads = blocked_days(table, blocks, rules)[found["row"].to_numpy(dtype=np.int64)]
    return pd.DataFrame(found[roads < rules.shock_blocks])


def _asked(table: PriceTable, rows: np.ndarray, scope: CheckScope) -> np.ndarray:
    asked = np.ones(len(rows), dtype=bool)
    for name in ("product", "market"):
        value = getattr(scope, name)
        if value is not None:
            asked &= table.frame[name].to_numpy(dtype=object)[rows] == value
    return asked


def flag_rows(
    connection: sa.Connection,
    table: PriceTable,
    found: pd.DataFrame,
    rules: QualityRules,
    vocabulary: Vocabulary,
    *,
    mode: str,
) -> list[dict[str, Any]]:
    """Return what was found as rows of ``quality_flag``, less author and moment."""
    rows = []
    for each in found.to_dict("records"):
        price = table.frame.iloc[int(each["row"])]
        slot = (int(price["series_id"]), price["date"], str(price["time"]))
        rows.append(
            {
                **dict(zip(("series_id", "date", "time"), slot, strict=True)),
                "revision": flag_book.revision_of(connection, *slot),
                "kind": each["kind"],
                "severity": each["severity"],
                "mode": mode,
                **{name: None if pd.isna(each[name]) else round(float(each[name]), 6) for name in _POINTS},
                "note": explanation(each, price, vocabulary, rules),
            }
        )
    return rows


def _recorded(
    connection: sa.Connection, rows: list[dict[str, Any]], scope: CheckScope, *, author: str, now: dt.datetime
) -> tuple[int, int, list[dict[str, Any]]]:
    """Write the new flags, let those lapse that no longer hold, reopen those that hold again."""
    known = flag_book.flags_frame(connection)
    slots = [_slot(each) for each in known.to_dict("records")]
    held, before = {_slot(each) for each in rows}, set(slots)
    fresh = [each for each in rows if _slot(each) not in before]
    in_scope = np.ones(len(known), dtype=bool)
    for name in ("product", "market"):
        value = getattr(scope, name)
        in_scope &= (known[name] == value).to_numpy(dtype=bool) if value is not None else True
    absent = np.array([each not in held for each in slots], dtype=bool)
    status = known["status"].to_numpy(dtype=object)
    # Only a look back may take a flag away: at entry less is known.
    told = (known["kind"] == flag_book.REPORTED).to_numpy(dtype=bool)  # a reader's flag waits for a person
    gone = known["flag"][in_scope & absent & ~told & (status == "open")] if scope.mode == "retrospective" else []
    back = known["flag"][in_scope & ~absent & (status == flag_book.LAPSED)]
    lapsed = flag_book.keep_decisions(connection, gone, flag_book.LAPSED, author=PROGRAM, reason="", now=now)
    flag_book.keep_decisions(connection, back, flag_book.REOPENED, author=PROGRAM, reason="", now=now)
    return flag_book.keep_flags(connection, fresh, author=author, now=now), lapsed, fresh


def _slot(flag: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(flag[name] for name in ("series_id", "date", "time", "revision", "kind"))
