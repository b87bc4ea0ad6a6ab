"""The items of price indexes: which series the code of a source is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of index items."""
    op.create_table(
        "index_item",
        sa.Column("source", sa.String(40), primary_key=True),
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("product", sa.String(80), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
    )
