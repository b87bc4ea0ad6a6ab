"""Which series hold a record that is not as most are: those without one are read with fewer columns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_UNUSUAL = "revision > 0 OR {withdrawn} OR flags != '' OR time != ''"


def upgrade() -> None:
    """Make the index of those records, its condition written as each database is asked."""
    op.create_index(
        "observation_unusual",
        "observation",
        [sa.text("(CAST(series_id AS INTEGER))")],
        sqlite_where=sa.text(_UNUSUAL.format(withdrawn="withdrawn = 1")),
        postgresql_where=sa.text(_UNUSUAL.format(withdrawn="withdrawn")),
    )
