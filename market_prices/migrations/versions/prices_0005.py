"""Under which headers refused rows stood, and which later row set each right."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004_quality"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of headers and of fixes."""
    op.create_table(
        "kept_header",
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), primary_key=True),
        sa.Column("header", sa.Text, nullable=False),
    )
    op.create_table(
        "row_fix",
        sa.Column("kept_id", sa.Integer, sa.ForeignKey("kept_row.id"), primary_key=True),
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
    )
