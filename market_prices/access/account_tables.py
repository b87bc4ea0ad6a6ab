"""Tables of users, tokens and sessions of the web pages; the migration ``0007`` makes them."""

from __future__ import annotations

import sqlalchemy as sa

from market_prices.book_tables import metadata

user_account = sa.Table(
    "user_account",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(60), nullable=False, unique=True),  # author of what the user records
    sa.Column("role", sa.String(12), nullable=False),
    sa.Column("municipalities", sa.String(400), nullable=False),  # codes, blank between; empty: everywhere
    sa.Column("created_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("revoked_at", sa.DateTime),  # UTC
)
"""Who may write; a revoked user stays, because records name him."""

access_token = sa.Table(
    "access_token",
    metadata,
    sa.Column("id", sa.String(8), primary_key=True),
    sa.Column("user_id", sa.Integer, sa.ForeignKey("user_account.id"), nullable=False, index=True),
    sa.Column("hash", sa.String(200), nullable=False),  # argon2 of the secret part
    sa.Column("created_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("expires_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("revoked_at", sa.DateTime),  # UTC
)

web_session = sa.Table(
    "web_session",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),  # SHA-256 of the cookie: the cookie itself is not kept
    sa.Column("token_id", sa.String(8), sa.ForeignKey("access_token.id"), nullable=False, index=True),
    sa.Column("expires_at", sa.DateTime, nullable=False),  # UTC
)
"""Browsers in which somebody has signed in with a token."""
