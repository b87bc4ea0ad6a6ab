"""The flags of the quality check, what was decided on them, and the road-block calendar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_quality"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of flags, decisions and road blocks."""
    op.create_table(
        "quality_flag",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("time", sa.String(5), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("mode", sa.String(14), nullable=False),
        *(sa.Column(name, sa.Float) for name in ("factor", "expected", "suggested")),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("author", sa.String(120), nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("series_id", "date", "time", "revision", "kind", name="quality_flag_slot"),
    )
    op.create_table(
        "quality_decision",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("flag_id", sa.Integer, sa.ForeignKey("quality_flag.id"), nullable=False),
        sa.Column("decision", sa.String(10), nullable=False),
        sa.Column("author", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_quality_decision_flag_id", "quality_decision", ["flag_id"])
    op.create_table(
        "road_block",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("blocks", sa.Float, nullable=False),
        sa.Column("author", sa.String(120), nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
    )
