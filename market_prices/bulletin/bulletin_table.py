"""The bulletin as a table and as one JSON document."""

from __future__ import annotations

import csv
import io
from typing import Any

from market_prices.bulletin.bulletin_records import BulletinData, BulletinLine
from market_prices.bulletin.bulletin_text import message_text, radio_text


def bulletin_document(bulletin: BulletinData) -> dict[str, Any]:
    """Return the bulletin ready for JSON, both texts among it."""
    return {
        "place": bulletin.place,
        "name": bulletin.name,
        "date": bulletin.date.isoformat(),
        "week": [bulletin.first_day.isoformat(), bulletin.date.isoformat()],
        "demo": bulletin.demo,
        "lines": [each.as_dict() for each in bulletin.lines],
        "stale": [each.as_dict() for each in bulletin.stale],
        "national_alerts": [each.as_dict() for each in bulletin.national],
        "attributions": list(bulletin.attributions),
        "message": message_text(bulletin),
        "radio": radio_text(bulletin),
    }


def bulletin_csv(bulletin: BulletinData) -> str:
    """Return the bulletin as CSV: fresh prices first, then the stale ones, every row with its kind, day and age."""
    rows = [_row(bulletin, each) for each in (*bulletin.lines, *bulletin.stale)]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


COLUMNS = (
    *("place", "bulletin_date", "product", "product_name", "variety_name", "market", "market_name"),
    *("level", "level_name", "kind", "kind_name", "price", "currency", "unit", "quantity", "unit_name"),
    *("price_per_kg", "kg_note", "basis", "count", "low", "high", "date", "age_days", "age_text", "stale"),
    *("change_week", "change_month", "change_year", "alert", "alert_name", "alert_basis", "alert_value"),
    *("alert_month", "alert_note", "doubtful", "left_out", "source", "source_name", "demo"),
)
"""Columns of the CSV."""


def _row(bulletin: BulletinData, line: BulletinLine) -> dict[str, Any]:
    told = {"place": bulletin.place, "bulletin_date": bulletin.date.isoformat(), **line.as_dict()}
    return {name: _cell(told[name]) for name in COLUMNS}


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "" if value is None else value
    # A spreadsheet would reckon a text that begins like a formula.
    return f"'{text}" if isinstance(text, str) and text[:1] in {"=", "+", "-", "@"} else text
