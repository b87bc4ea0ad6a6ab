"""The records of a series side by side, in the order of its days."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index from which series are read."""
    slot = ["series_id", "date", "time", "revision"]
    told = [
        "price",
        "withdrawn",
        "batch_id",
        "flags",
        "low",
        "high",
        "offered",
        "availability",
        "sale",
        "origin",
        "line",
    ]
    op.create_index("observation_reading", "observation", slot + told)
