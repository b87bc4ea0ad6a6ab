"""The book: batches, series, observations, and the rows that were kept with a reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first four tables."""
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sa.Column("author", sa.String(120), nullable=False),
        sa.Column("format", sa.String(40), nullable=False),
        sa.Column("file", sa.String(400), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("rows", "accepted", "flagged", "rejected", "duplicates")
        ),
    )
    op.create_index("ix_batch_recorded_at", "batch", ["recorded_at"])
    lengths = {"market": 80, "product": 80, "variety": 80, "unit": 40}
    op.create_table(
        "series",
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in lengths.items()),
        sa.Column("quantity", sa.Float, nullable=False),
        sa.Column("package", sa.String(80), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.UniqueConstraint(
            *("product", "market", "variety", "unit", "quantity", "package", "level", "kind", "source", "currency"),
            name="series_key",
        ),
    )
    _observations()
    op.create_table(
        "kept_row",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("code", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("raw", sa.Text, nullable=False),
    )
    op.create_index("ix_kept_row_batch_id", "kept_row", ["batch_id"])


def _observations() -> None:
    op.create_table(
        "observation",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("time", sa.String(5), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Float) for name in ("low", "price", "high", "offered")),
        sa.Column("availability", sa.String(2), nullable=False),
        sa.Column("sale", sa.String(20), nullable=False),
        sa.Column("origin", sa.String(120), nullable=False),
        sa.Column("flags", sa.String(200), nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.UniqueConstraint("series_id", "date", "time", "revision", name="observation_slot"),
    )
