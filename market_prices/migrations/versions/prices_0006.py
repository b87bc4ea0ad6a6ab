"""What readers say of prices they hold to be wrong."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of readers' reports."""
    op.create_table(
        "reader_report",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("flag_id", sa.Integer, sa.ForeignKey("quality_flag.id"), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("contact", sa.String(120), nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_reader_report_flag_id", "reader_report", ["flag_id"])
    op.create_index("ix_reader_report_recorded_at", "reader_report", ["recorded_at"])
