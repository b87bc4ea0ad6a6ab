"""The tables of the price book.

One row of ``series`` is a series key; one row of ``observation`` is what somebody said about one day of it, and never
changes. A correction is a new row with the next ``revision``; the row of the highest revision is what holds, and the
rows whose batch was recorded by a date are what was known on that date.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
"""Everything below."""

batch = sa.Table(
    "batch",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("recorded_at", sa.DateTime, nullable=False, index=True),  # UTC
    sa.Column("author", sa.String(120), nullable=False),
    sa.Column("format", sa.String(40), nullable=False),
    sa.Column("file", sa.String(400), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("accepted", sa.Integer, nullable=False),
    sa.Column("flagged", sa.Integer, nullable=False),
    sa.Column("rejected", sa.Integer, nullable=False),
    sa.Column("duplicates", sa.Integer, nullable=False),
)

series = sa.Table(
    "series",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("market", sa.String(80), nullable=False),
    sa.Column("product", sa.String(80), nullable=False),
    sa.Column("variety", sa.String(80), nullable=False),
    sa.Column("unit", sa.String(40), nullable=False),
    sa.Column("quantity", sa.Float, nullable=False),  # of the unit, for one price
    sa.Column("package", sa.String(80), nullable=False),
    sa.Column("level", sa.String(20), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("source", sa.String(40), nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.UniqueConstraint(
        "product",
        "market",
        "variety",
        "unit",
        "quantity",
        "package",
        "level",
        "kind",
        "source",
        "currency",
        name="series_key",
    ),
)

observation = sa.Table(
    "observation",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), nullable=False),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("time", sa.String(5), nullable=False),  # HH:MM; empty: not known
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("low", sa.Float),
    sa.Column("price", sa.Float),  # modal
    sa.Column("high", sa.Float),
    sa.Column("offered", sa.Float),  # quantity on sale, in units of the series
    sa.Column("availability", sa.String(2), nullable=False),  # empty, NC or NA
    sa.Column("sale", sa.String(20), nullable=False),  # empty, cash or financed
    sa.Column("origin", sa.String(120), nullable=False),  # municipality it comes from
    sa.Column("flags", sa.String(200), nullable=False),  # codes, blank between
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.UniqueConstraint("series_id", "date", "time", "revision", name="observation_slot"),
)

sa.Index(
    "observation_reading",
    *(observation.c[name] for name in ("series_id", "date", "time", "revision", "price", "withdrawn", "batch_id")),
    *(observation.c[name] for name in ("flags", "low", "high", "offered", "availability", "sale", "origin", "line")),
)
"""All that a series says, in the order of its days: prices are recorded day by day, so the records of one series lie
scattered, and looking each of them up takes five times as long as reading them from here."""

_NOTHING: sa.ColumnElement[str] = sa.literal_column("''", sa.String)
UNUSUAL = sa.or_(
    observation.c.revision > sa.literal_column("0"),
    observation.c.withdrawn,
    observation.c.flags != _NOTHING,
    observation.c.time != _NOTHING,
)
"""A record takes the place of another, is withdrawn, or has flags or an hour."""
UNUSUAL_SERIES = sa.cast(observation.c.series_id, sa.Integer)
"""The series of a record, in the words of the index of unusual ones; that it be used, both stand in a question as here,
without parameters. Asked for the bare column, SQLite takes the index above and reads all records of the series."""

sa.Index("observation_unusual", UNUSUAL_SERIES, sqlite_where=UNUSUAL, postgresql_where=UNUSUAL)
"""Tells at once that a series has no unusual record: of such a one only days and figures are read."""

kept_row = sa.Table(
    "kept_row",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), nullable=False, index=True),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("status", sa.String(10), nullable=False),  # rejected or flagged
    sa.Column("code", sa.String(200), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("raw", sa.Text, nullable=False),
)

source_term = sa.Table(
    "source_term",
    metadata,
    sa.Column("source", sa.String(40), primary_key=True),
    sa.Column("code", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("unit", sa.String(40), nullable=False),
    sa.Column("quantity", sa.Float, nullable=False),
)
"""What the numbers of a source's own dictionary mean."""

index_item = sa.Table(
    "index_item",
    metadata,
    sa.Column("source", sa.String(40), primary_key=True),
    sa.Column("code", sa.String(40), primary_key=True),
    sa.Column("product", sa.String(80), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
)
"""Which series the code of an item of a price index is, and what the source first called it."""

KEY_COLUMNS = (
    "market",
    "product",
    "variety",
    "unit",
    "quantity",
    "package",
    "level",
    "kind",
    "source",
    "currency",
)
"""The series key, in the order in which it is read."""

quality_flag = sa.Table(
    "quality_flag",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), nullable=False),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("time", sa.String(5), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),  # of the observation it is about
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("severity", sa.String(10), nullable=False),  # error, doubtful or notice
    sa.Column("mode", sa.String(14), nullable=False),  # entry or retrospective
    sa.Column("factor", sa.Float),
    sa.Column("expected", sa.Float),
    sa.Column("suggested", sa.Float),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("author", sa.String(120), nullable=False),
    sa.Column("recorded_at", sa.DateTime, nullable=False),  # UTC
    sa.UniqueConstraint("series_id", "date", "time", "revision", "kind", name="quality_flag_slot"),
)
"""What the quality check found; never changed. What became of it is in ``quality_decision``."""

quality_decision = sa.Table(
    "quality_decision",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("flag_id", sa.Integer, sa.ForeignKey("quality_flag.id"), nullable=False, index=True),
    sa.Column("decision", sa.String(10), nullable=False),  # confirmed, dismissed, lapsed or reopened
    sa.Column("author", sa.String(120), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.DateTime, nullable=False),  # UTC
)
"""What a steward, or a later check, said of a flag; the last one holds."""

road_block = sa.Table(
    "road_block",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("blocks", sa.Float, nullable=False),  # in the country on that day
    sa.Column("author", sa.String(120), nullable=False),
    sa.Column("recorded_at", sa.DateTime, nullable=False),  # UTC
)
"""The road-block calendar; of several rows of a day the last one holds."""

kept_header = sa.Table(
    "kept_header",
    metadata,
    sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), primary_key=True),
    sa.Column("header", sa.Text, nullable=False),
)
"""The line of headers under which the refused rows of an import stood."""

row_fix = sa.Table(
    "row_fix",
    metadata,
    sa.Column("kept_id", sa.Integer, sa.ForeignKey("kept_row.id"), primary_key=True),
    sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
)
"""Which row of which import set a refused row right; the refused one stays."""

reader_report = sa.Table(
    "reader_report",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("flag_id", sa.Integer, sa.ForeignKey("quality_flag.id"), nullable=False, index=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("contact", sa.String(120), nullable=False),  # for the steward alone; empty: none given
    sa.Column("recorded_at", sa.DateTime, nullable=False, index=True),  # UTC
)
"""What readers said of a price they hold to be wrong; the flag it rests on is of kind ``reported``."""
