"""Users, tokens and sessions in the database of the book."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from market_prices.access.account_records import Account, TokenRecord
from market_prices.access.account_tables import access_token, user_account, web_session


def accounts(connection: sa.Connection) -> tuple[Account, ...]:
    """Return every user, revoked ones too, by name."""
    found = connection.execute(sa.select(user_account).order_by(user_account.c.name)).mappings()
    return tuple(_account(each) for each in found)


def account_named(connection: sa.Connection, name: str) -> Account | None:
    """Return the user of this name."""
    found = connection.execute(sa.select(user_account).where(user_account.c.name == name)).mappings().first()
    return None if found is None else _account(found)


def keep_account(
    connection: sa.Connection, name: str, role: str, municipalities: Iterable[str], now: dt.datetime
) -> None:
    """Write a new user."""
    codes = " ".join(municipalities)
    connection.execute(
        sa.insert(user_account).values(name=name, role=role, municipalities=codes, created_at=now, revoked_at=None)
    )


def keep_token(
    connection: sa.Connection, identifier: str, kept: str, user: int, *, now: dt.datetime, until: dt.datetime
) -> None:
    """Write a new token."""
    connection.execute(
        sa.insert(access_token).values(
            id=identifier, user_id=user, hash=kept, created_at=now, expires_at=until, revoked_at=None
        )
    )


def tokens(connection: sa.Connection, *, identifier: str | None = None, user: int | None = None) -> list[TokenRecord]:
    """Return the tokens with this id, or of this user, or all; the oldest first."""
    token, who = access_token, user_account
    fields = [each.label(f"account_{each.name}") for each in who.c]
    query = sa.select(token, *fields).join(who, who.c.id == token.c.user_id).order_by(token.c.created_at, token.c.id)
    if identifier is not None:
        query = query.where(token.c.id == identifier)
    if user is not None:
        query = query.where(token.c.user_id == user)
    return [_token(each) for each in connection.execute(query).mappings()]


def revoke_account(connection: sa.Connection, user: int, now: dt.datetime) -> None:
    """End what a user may do."""
    connection.execute(sa.update(user_account).where(user_account.c.id == user).values(revoked_at=now))


def revoke_token(connection: sa.Connection, identifier: str, now: dt.datetime) -> None:
    """End a token, and the sessions that rest on it."""
    connection.execute(sa.update(access_token).where(access_token.c.id == identifier).values(revoked_at=now))
    connection.execute(sa.delete(web_session).where(web_session.c.token_id == identifier))


def keep_session(connection: sa.Connection, secret: str, token: str, *, now: dt.datetime, until: dt.datetime) -> None:
    """Write that a browser has signed in; forget the sessions whose time is up."""
    connection.execute(sa.delete(web_session).where(web_session.c.expires_at < now))
    connection.execute(sa.insert(web_session).values(digest=_digest(secret), token_id=token, expires_at=until))


def session_token(connection: sa.Connection, secret: str, now: dt.datetime) -> TokenRecord | None:
    """Return the token with which a browser signed in, if its session still runs."""
    same = (web_session.c.digest == _digest(secret), web_session.c.expires_at >= now)
    found = connection.execute(sa.select(web_session.c.token_id).where(*same)).first()
    return None if found is None else next(iter(tokens(connection, identifier=found.token_id)), None)


def end_session(connection: sa.Connection, secret: str) -> None:
    """Forget a session."""
    connection.execute(sa.delete(web_session).where(web_session.c.digest == _digest(secret)))


def _digest(secret: str) -> str:
    # The cookie is 256 random bits: nothing is gained by hashing it slowly.
    return sha256(secret.encode()).hexdigest()


def _account(row: Any, prefix: str = "") -> Account:  # noqa: ANN401  a row of the database
    return Account(
        id=row[f"{prefix}id"],
        name=row[f"{prefix}name"],
        role=row[f"{prefix}role"],
        municipalities=tuple(row[f"{prefix}municipalities"].split()),
        created_at=row[f"{prefix}created_at"],
        revoked_at=row[f"{prefix}revoked_at"],
    )


def _token(row: Any) -> TokenRecord:  # noqa: ANN401  as above
    return TokenRecord(
        id=row["id"],
        hash=row["hash"],
        account=_account(row, "account_"),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
